"""The chapter `in-context-learning`: small models that learn from their prompt, and their heads.

    python snippets/1_NLP_basics/in_context_learning.py

trains in-context classifiers (five seeds) and regressors (three seeds), finds the classifiers'
heads and silences them, does the same with SmolLM2's induction heads, and writes
docs/assets/results/in_context_learning.json. About two minutes of one core.
"""

import contextlib
import math
import random
import statistics
import sys
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.book import results
from wode.gpt import Config, GptModel
from wode.llama import Llama

SMOLLM2 = "HuggingFaceTB/SmolLM2-135M-Instruct"


# ---------------------------------------------------------------- a learner and its lessons


class Learner(nn.Module):
    """A GPT whose prompt is x₁, (x₁, y₁), x₂, (x₂, y₂), …: each question, then it with its answer.

    x and y are vectors; at each question it says what it takes the answer to be.
    """

    def __init__(self, question: int, answer: int, longest: int = 16, layers: int = 2) -> None:
        super().__init__()
        config = Config(
            vocab_size=1,  # vectors come in, no words
            n_positions=2 * longest,
            n_embd=64,
            n_layer=layers,
            n_head=4,
            embd_pdrop=0,
            attn_pdrop=0,
            resid_pdrop=0,
        )
        self.gpt = GptModel(config)
        for parameter in self.gpt.parameters():
            if parameter.ndim == 2:
                nn.init.normal_(parameter, std=0.1)  # for 64 numbers; 0.02 is for 768 and more
        self.read_question = nn.Linear(question, config.n_embd)
        self.read_answer = nn.Linear(answer, config.n_embd)
        self.answer = nn.Linear(config.n_embd, answer)

    def forward(self, x: Tensor, y: Tensor, maps: list[Tensor] | None = None) -> Tensor:
        """x: (B, n, d), y: (B, n, a). Answers (B, n, a), each from what stands before it."""
        asked = self.read_question(x)  # (B, n, E)
        shown = asked + self.read_answer(y)
        prompt = torch.stack([asked, shown], dim=2).flatten(1, 2)[:, :-1]  # (B, 2n − 1, E)
        return self.answer(self.gpt.run(prompt, maps=maps)[:, ::2])


def new_classes(
    batch: int, n: int, size: int = 16, classes: int = 4, noise: float = 0.3
) -> tuple[Tensor, Tensor, Tensor]:
    """Episodes of classification: each row has classes of its own, named in an order of its own.

    Returns:
        x: (B, n, size), points around their class's centre.
        y: (B, n, classes), 1 at the class's name.
        name: (B, n), the same as an index.
    """
    centre = math.sqrt(size) * F.normalize(torch.randn(batch, classes, size), dim=-1)
    name = torch.randint(classes, (batch, n))
    x = centre.gather(1, name[..., None].expand(-1, -1, size))  # (B, n, size)
    return x + noise * torch.randn_like(x), F.one_hot(name, classes).float(), name


def new_lines(batch: int, n: int, size: int = 3, w: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Episodes of regression: y = w·x without noise, each row with a w of its own, or one of ``w``.

    x: (B, n, size), y: (B, n, 1); all normal. w: (tasks, size).
    """
    x = torch.randn(batch, n, size)
    if w is None:
        w = torch.randn(batch, size)
    else:
        w = w[torch.randint(len(w), (batch,))]
    return x, x @ w[:, :, None]


def teach(
    model: Learner,
    episodes: Callable[[], tuple[Tensor, Tensor]],
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    steps: int,
    lr: float,
) -> float:
    """Train on new questions x and answers y each step; return the last loss.

    The rate rises for 50 steps, then falls.
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, betas=(0.9, 0.98), weight_decay=0)
    loss = torch.tensor(math.nan)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = lr * min((step + 1) / 50, 1.05 - step / steps)
        x, y = episodes()
        loss = loss_fn(model(x, y), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


def classify_loss(logits: Tensor, y: Tensor) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), y.flatten(0, 1))


def classifier(seed: int = 0, steps: int = 200) -> Learner:
    torch.manual_seed(seed)
    model = Learner(question=16, answer=4)
    teach(model, lambda: new_classes(64, 13)[:2], classify_loss, steps, lr=8e-3)
    return model


def regressor(seed: int = 0, steps: int = 400, w: Tensor | None = None) -> Learner:
    torch.manual_seed(seed)
    model = Learner(question=3, answer=1)
    teach(model, lambda: new_lines(64, 9, w=w), F.mse_loss, steps, lr=1e-2)
    return model


# ---------------------------------------------------------------- what to hold them against


def nearest(x: Tensor, y: Tensor) -> Tensor:
    """The answer of the nearest example before each question: (B, n, d), (B, n, a) → (B, n, a)."""
    distance = torch.cdist(x, x)  # (B, n, n)
    later = torch.ones_like(distance).triu().bool()  # itself and what comes after it
    closest = distance.masked_fill(later, math.inf).argmin(dim=-1)  # (B, n)
    answer = y.gather(1, closest[..., None].expand_as(y))
    return torch.cat([torch.zeros_like(answer[:, :1]), answer[:, 1:]], dim=1)


def least_squares(x: Tensor, y: Tensor) -> Tensor:
    """What least squares over the examples before each question answers: (B, n, 1).

    With fewer examples than unknowns, the shortest w of those that fit.
    """
    answers = [torch.zeros_like(y[:, 0])]
    for k in range(1, x.shape[1]):
        w = torch.linalg.pinv(x[:, :k]) @ y[:, :k]  # (B, d, 1)
        answers.append((x[:, k, None] @ w)[:, 0])
    return torch.stack(answers, dim=1)


def best_possible(name: Tensor, classes: int = 4) -> Tensor:
    """The chance of the best guess, class by class as they have been seen: (B, n) → (B, n).

    A class seen is known. An unseen one can only be guessed among the names not yet given.
    """
    seen = F.one_hot(name, classes).cumsum(dim=1).clamp(max=1)  # (B, n, C), this one included
    before = torch.cat([torch.zeros_like(seen[:, :1]), seen[:, :-1]], dim=1)
    known = before.gather(2, name[..., None]).squeeze(2).bool()  # (B, n)
    return torch.where(known, 1.0, 1.0 / (classes - before.sum(dim=2)).clamp(min=1))


# ---------------------------------------------------------------- heads


def matching_score(maps: list[Tensor], name: Tensor) -> Tensor:
    """How much of its weight a question gives to examples of its own class: (layers, heads).

    maps: each (B, h, 2n − 1, 2n − 1), of a `Learner`; name: (B, n). Over questions whose class has
    been shown before.
    """
    n = name.shape[1]
    earlier = torch.ones(n, n).tril(-1).bool()
    match = (name[:, :, None] == name[:, None, :]) & earlier  # (B, questions, examples)
    asked = match.any(dim=2)  # (B, n)
    scores = []
    for weights in maps:
        to_examples = F.pad(weights[:, :, ::2, 1::2], (0, 1))  # (B, h, n, n): the last is not shown
        mass = (to_examples * match[:, None]).sum(dim=-1)  # (B, h, n)
        scores.append((mass * asked[:, None]).sum(dim=(0, 2)) / asked.sum())
    return torch.stack(scores)


def induction_score(maps: list[Tensor]) -> Tensor:
    """Weight from a repeated token to the one after its earlier occurrence: (layers, heads).

    maps: each (B, h, 2n, 2n), of sequences whose second half repeats the first.
    """
    n = maps[0].shape[-1] // 2
    t = torch.arange(n, 2 * n)
    return torch.stack([weights[:, :, t, t - n + 1].mean(dim=(0, 2)) for weights in maps])


@contextlib.contextmanager
def silenced(projections: list[tuple[nn.Linear, int]], num_heads: int) -> Iterator[None]:
    """Within the block these heads say nothing: their columns of the output projection are 0."""
    kept = [(layer, layer.weight.detach().clone()) for layer, _ in projections]
    with torch.no_grad():
        for layer, head in projections:
            layer.weight.unflatten(1, (num_heads, -1))[:, head] = 0
    try:
        yield
    finally:
        with torch.no_grad():
            for layer, weight in reversed(kept):
                layer.weight.copy_(weight)


def largest(scores: Tensor, k: int | None = None) -> list[tuple[int, int]]:
    """The k (layer, head) with the largest scores, the largest first; None: all, in order."""
    order = scores.flatten().argsort(descending=True, stable=True)[:k].tolist()
    return [divmod(index, scores.shape[1]) for index in order]


def projections(
    model: Learner | Llama, heads: list[tuple[int, int]]
) -> list[tuple[nn.Linear, int]]:
    """The output projection of each (layer, head), for `silenced`."""
    found = []
    for layer, head in heads:
        if isinstance(model, Llama):
            part = model.model.layers[layer].get_submodule("self_attn.o_proj")
        else:
            part = model.gpt.h[layer].get_submodule("attn.c_proj")
        assert isinstance(part, nn.Linear)
        found.append((part, head))
    return found


def repeated(batch: int, n: int, seed: int) -> Tensor:
    """Random tokens of SmolLM2's, said twice: (batch, 2n)."""
    chance = torch.Generator().manual_seed(seed)
    once = torch.randint(1000, 40_000, (batch, n), generator=chance)
    return torch.cat([once, once], dim=1)


@torch.no_grad()
def surprise(model: Llama, ids: Tensor) -> Tensor:
    """−log p of each token but the first, the mean over the batch: (B, T) → (T − 1,)."""
    logits = model(ids)[:, :-1].transpose(1, 2)  # (B, V, T − 1)
    return F.cross_entropy(logits, ids[:, 1:], reduction="none").mean(dim=0)


# ---------------------------------------------------------------- the experiments


@torch.no_grad()
def measure_classifier(seed: int) -> dict:
    """Accuracy by the number of examples, matching scores, and what is left without those heads."""
    with torch.enable_grad():
        model = classifier(seed)
    maps: list[Tensor] = []
    x, y, name = new_classes(1000, 13)

    def by_examples(answer: Tensor) -> list[float]:
        return (answer.argmax(dim=-1) == name).float().mean(dim=0).tolist()

    found: dict = {"model": by_examples(model(x, y, maps))}
    guessed = by_examples(nearest(x, y))
    found |= {"nearest": [0.25, *guessed[1:]], "best": best_possible(name).mean(dim=0).tolist()}
    scores = matching_score(maps, name)
    found["scores"] = scores.tolist()
    order = largest(scores)
    matching = [place for place in order if scores[place] > 0.5]
    others = order[::-1][: len(matching)]
    found["matching"] = len(matching)
    for key, heads in (
        ("without_one", order[:1]),
        ("without_matching", matching),
        ("without_others", others),
    ):
        with silenced(projections(model, heads), 4):
            found[key] = statistics.mean(by_examples(model(x, y))[8:])
    found["late"] = statistics.mean(found["model"][8:])
    layer, head = order[0]
    found["episode"] = {
        "name": name[0].tolist(),
        "weights": [[round(w, 3) for w in row] for row in maps[layer][0, head, ::2].tolist()],
    }
    return found


@torch.no_grad()
def measure_regressor(seed: int) -> dict:
    """Squared error ÷ that of always answering 0, by the number of examples; and where it fails."""
    with torch.enable_grad():
        model = regressor(seed)

    def error(answer: Tensor, y: Tensor) -> list[float]:
        return ((answer - y).square().mean(dim=(0, 2)) / y.square().mean()).tolist()

    x, y = new_lines(2000, 9)
    found: dict = {"model": error(model(x, y), y), "least_squares": error(least_squares(x, y), y)}
    found["nearest"] = error(nearest(x, y), y)
    found["stretched"] = [error(model(s * x, s * y), s * y)[-1] for s in (0.5, 1, 2, 3, 4)]
    torch.manual_seed(100 + seed)
    known = torch.randn(4, 3)
    with torch.enable_grad():
        narrow = regressor(seed, steps=200, w=known)
    old_x, old_y = new_lines(2000, 9, w=known)
    found["four_tasks"] = {
        "known": error(narrow(old_x, old_y), old_y),
        "new": error(narrow(x, y), y),
    }
    return found


def measure_smollm2(seeds: list[int]) -> dict:
    """Induction scores on one set of sequences; what silencing costs on three others."""
    model = Llama.from_pretrained(SMOLLM2)
    n = 25
    maps: list[Tensor] = []
    with torch.no_grad():
        model(repeated(4, n, seed=1000), maps=maps)
    scores = induction_score(maps)
    order = largest(scores)
    layer, head = order[0]
    found: dict = {"scores": [[round(w, 4) for w in row] for row in scores.tolist()]}
    found["strongest"] = {"layer": layer + 1, "head": head + 1, "score": scores.max().item()}
    found |= {"mean": scores.mean().item(), "over_half": int((scores > 0.5).sum())}
    found |= {"heads": scores.numel(), "above_tenth": int((scores > 0.1).sum())}
    percent = (100 * maps[layer][0, head]).round().long().tolist()
    found["map"] = [" ".join(map(str, row)) for row in percent]
    counts = [0, 1, 2, 4, 8, 16]
    found |= {"counts": counts, "top": [], "random": [], "top_first": [], "by_position": []}
    rest = [place for place in order if scores[place] < 0.1]
    for seed in seeds:
        ids, dice = repeated(2, n, seed), random.Random(seed)
        rows: dict[str, list] = {"top": [], "random": [], "top_first": []}
        for k in counts:
            with silenced(projections(model, order[:k]), 9):
                loss = surprise(model, ids)
            rows["top"].append(loss[n:].mean().item())
            rows["top_first"].append(loss[: n - 1].mean().item())
            if k == 0:
                found["by_position"].append(loss.tolist())
            draws = []
            for _ in range(4 if k else 0):
                with silenced(projections(model, dice.sample(rest, k)), 9):
                    draws.append(surprise(model, ids)[n:].mean().item())
            rows["random"].append(draws or rows["top"][:1])
        for key, row in rows.items():
            found[key].append(row)
        print("SmolLM2", seed, rows, flush=True)
    means = [statistics.mean(row[i] for row in found["top"]) for i in range(len(counts))]
    draws = [[v for row in found["random"] for v in row[i]] for i in range(len(counts))]
    found |= {"top_mean": means, "random_mean": [statistics.mean(row) for row in draws]}
    found["random_max"] = [max(row) for row in draws]
    found["first_mean"] = statistics.mean(row[0] for row in found["top_first"])
    found["first_mean_without_16"] = statistics.mean(row[-1] for row in found["top_first"])
    return found


def main() -> None:
    torch.set_num_threads(1)
    seeds, parts = [0, 1, 2], sys.argv[1:] or ["classify", "regress", "smollm2"]
    try:
        numbers = results.read("in_context_learning")["numbers"]
    except FileNotFoundError:
        numbers = {}
    if "classify" in parts:
        runs = [measure_classifier(seed) for seed in [0, 1, 2, 3, 4]]
        keys = ("late", "matching", "without_one", "without_matching", "without_others")
        print({key: [run[key] for run in runs] for key in keys})
        table: dict = {"episode": runs[0]["episode"], "scores": [run["scores"] for run in runs]}
        table["each"] = {key: [run[key] for run in runs] for key in ("model", *keys)}
        table["mean"] = {key: statistics.mean(table["each"][key]) for key in keys}
        for key in ("model", "nearest", "best"):
            table[key] = [
                statistics.mean(column) for column in zip(*(r[key] for r in runs), strict=True)
            ]
        numbers["classify"] = table
    if "regress" in parts:
        runs = [measure_regressor(seed) for seed in seeds]
        table = {"each": [run["model"] for run in runs], "scales": [0.5, 1, 2, 3, 4]}
        for key in ("model", "least_squares", "nearest", "stretched"):
            table[key] = [
                statistics.mean(column) for column in zip(*(r[key] for r in runs), strict=True)
            ]
        for key in ("known", "new"):
            columns = zip(*(run["four_tasks"][key] for run in runs), strict=True)
            table[key] = [statistics.mean(column) for column in columns]
        print(table)
        numbers["regress"] = table
    if "smollm2" in parts:
        numbers["smollm2"] = measure_smollm2(seeds)
    results.write(
        "in_context_learning",
        numbers,
        seed=seeds,
        command="python snippets/1_NLP_basics/in_context_learning.py",
        note_zh="从提示中学分类（五个种子）、学回归（三个种子）的小模型，找到并关掉的头；"
        "SmolLM2 的归纳头。",
        note_en="Small models that learn classes (five seeds) and lines (three seeds) from their "
        "prompt, heads found and silenced; SmolLM2's induction heads.",
    )


if __name__ == "__main__":
    main()
