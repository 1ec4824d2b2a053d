"""For the page `in-context-learning`: small models that learn from their prompt, and their heads.

    python snippets/1_NLP_basics/in_context_learning_experiment.py

trains in-context classifiers (five seeds) and regressors (three seeds), finds the classifiers'
heads and silences them, does the same with SmolLM2's induction heads, and writes
docs/assets/results/in_context_learning.json. About two minutes of one core.
"""

import random
import statistics
import sys

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from in_context_learning import (
    Learner,
    best_possible,
    classify_loss,
    induction_score,
    largest,
    least_squares,
    matching_score,
    nearest,
    new_classes,
    new_lines,
    silenced,
    teach,
)
from wode.book import results
from wode.checks import likeliest
from wode.files.hub import SMOLLM2
from wode.llama import Llama

# ---------------------------------------------------------------- models


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


# ---------------------------------------------------------------- heads


def projections(
    model: Learner | Llama, heads: list[tuple[int, int]]
) -> list[tuple[nn.Linear, int]]:
    """The output projection of each (layer, head), for `silenced`."""
    parts = []
    for layer, head in heads:
        if isinstance(model, Llama):
            part = model.model.layers[layer].get_submodule("self_attn.o_proj")
        else:
            part = model.gpt.h[layer].get_submodule("attn.c_proj")
        assert isinstance(part, nn.Linear)
        parts.append((part, head))
    return parts


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
        return (likeliest(answer, dim=-1) == name).float().mean(dim=0).tolist()

    numbers: dict = {"model": by_examples(model(x, y, maps))}
    guessed = by_examples(nearest(x, y))
    numbers |= {"nearest": [0.25, *guessed[1:]], "best": best_possible(name).mean(dim=0).tolist()}
    scores = matching_score(maps, name)
    numbers["scores"] = scores.tolist()
    order = largest(scores)
    matching = [place for place in order if scores[place] > 0.5]
    others = order[::-1][: len(matching)]
    numbers["matching"] = len(matching)
    for key, heads in (
        ("without_one", order[:1]),
        ("without_matching", matching),
        ("without_others", others),
    ):
        with silenced(projections(model, heads), 4):
            numbers[key] = statistics.mean(by_examples(model(x, y))[8:])
    numbers["late"] = statistics.mean(numbers["model"][8:])
    layer, head = order[0]
    numbers["episode"] = {
        "name": name[0].tolist(),
        "weights": [[round(w, 3) for w in row] for row in maps[layer][0, head, ::2].tolist()],
    }
    return numbers


@torch.no_grad()
def measure_regressor(seed: int) -> dict:
    """Squared error ÷ that of always answering 0, by the number of examples; and where it fails."""
    with torch.enable_grad():
        model = regressor(seed)

    def error(answer: Tensor, y: Tensor) -> list[float]:
        return ((answer - y).square().mean(dim=(0, 2)) / y.square().mean()).tolist()

    x, y = new_lines(2000, 9)
    numbers: dict = {"model": error(model(x, y), y), "least_squares": error(least_squares(x, y), y)}
    numbers["nearest"] = error(nearest(x, y), y)
    numbers["stretched"] = [error(model(s * x, s * y), s * y)[-1] for s in (0.5, 1, 2, 3, 4)]
    torch.manual_seed(100 + seed)
    known = torch.randn(4, 3)
    with torch.enable_grad():
        narrow = regressor(seed, steps=200, w=known)
    old_x, old_y = new_lines(2000, 9, w=known)
    numbers["four_tasks"] = {
        "known": error(narrow(old_x, old_y), old_y),
        "new": error(narrow(x, y), y),
    }
    return numbers


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
    numbers: dict = {"scores": [[round(w, 4) for w in row] for row in scores.tolist()]}
    numbers["strongest"] = {"layer": layer + 1, "head": head + 1, "score": scores.max().item()}
    numbers |= {"mean": scores.mean().item(), "over_half": int((scores > 0.5).sum())}
    numbers |= {"heads": scores.numel(), "above_tenth": int((scores > 0.1).sum())}
    percent = (100 * maps[layer][0, head]).round().long().tolist()
    numbers["map"] = [" ".join(map(str, row)) for row in percent]
    counts = [0, 1, 2, 4, 8, 16]
    numbers |= {"counts": counts, "top": [], "random": [], "top_first": [], "by_position": []}
    rest = [place for place in order if scores[place] < 0.1]
    for seed in seeds:
        ids, rng = repeated(2, n, seed), random.Random(seed)
        rows: dict[str, list] = {"top": [], "random": [], "top_first": []}
        for k in counts:
            with silenced(projections(model, order[:k]), 9):
                loss = surprise(model, ids)
            rows["top"].append(loss[n:].mean().item())
            rows["top_first"].append(loss[: n - 1].mean().item())
            if k == 0:
                numbers["by_position"].append(loss.tolist())
            draws = []
            for _ in range(4 if k else 0):
                with silenced(projections(model, rng.sample(rest, k)), 9):
                    draws.append(surprise(model, ids)[n:].mean().item())
            rows["random"].append(draws or rows["top"][:1])
        for key, row in rows.items():
            numbers[key].append(row)
        print("SmolLM2", seed, rows, flush=True)
    means = [statistics.mean(row[i] for row in numbers["top"]) for i in range(len(counts))]
    draws = [[v for row in numbers["random"] for v in row[i]] for i in range(len(counts))]
    numbers |= {"top_mean": means, "random_mean": [statistics.mean(row) for row in draws]}
    numbers["random_max"] = [max(row) for row in draws]
    numbers["first_mean"] = statistics.mean(row[0] for row in numbers["top_first"])
    numbers["first_mean_without_16"] = statistics.mean(row[-1] for row in numbers["top_first"])
    return numbers


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
        command="python snippets/1_NLP_basics/in_context_learning_experiment.py",
        note_zh="从提示中学分类（五个种子）、学回归（三个种子）的小模型，找到并关掉的头；"
        "SmolLM2 的归纳头。",
        note_en="Small models that learn classes (five seeds) and lines (three seeds) from their "
        "prompt, heads found and silenced; SmolLM2's induction heads.",
    )


if __name__ == "__main__":
    main()
