"""What the page `in-context-learning` includes: a learner, its lessons, its rivals, its heads."""

import contextlib
import math
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.gpt import Config, GptModel


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


def best_possible(name: Tensor, classes: int = 4) -> Tensor:
    """The chance of the best guess, class by class as they have been seen: (B, n) → (B, n).

    A class seen is known. An unseen one can only be guessed among the names not yet given.
    """
    seen = F.one_hot(name, classes).cumsum(dim=1).clamp(max=1)  # (B, n, C), this one included
    before = torch.cat([torch.zeros_like(seen[:, :1]), seen[:, :-1]], dim=1)
    known = before.gather(2, name[..., None]).squeeze(2).bool()  # (B, n)
    return torch.where(known, 1.0, 1.0 / (classes - before.sum(dim=2)).clamp(min=1))


def nearest(x: Tensor, y: Tensor) -> Tensor:
    """The answer of the nearest example before each question: (B, n, d), (B, n, a) → (B, n, a)."""
    distance = torch.cdist(x, x)  # (B, n, n)
    later = torch.ones_like(distance).triu().bool()  # itself and what comes after it
    closest = distance.masked_fill(later, math.inf).argmin(dim=-1)  # (B, n)
    answer = y.gather(1, closest[..., None].expand_as(y))
    return torch.cat([torch.zeros_like(answer[:, :1]), answer[:, 1:]], dim=1)


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


def least_squares(x: Tensor, y: Tensor) -> Tensor:
    """What least squares over the examples before each question answers: (B, n, 1).

    With fewer examples than unknowns, the shortest w of those that fit.
    """
    answers = [torch.zeros_like(y[:, 0])]
    for k in range(1, x.shape[1]):
        w = torch.linalg.pinv(x[:, :k]) @ y[:, :k]  # (B, d, 1)
        answers.append((x[:, k, None] @ w)[:, 0])
    return torch.stack(answers, dim=1)


def induction_score(maps: list[Tensor]) -> Tensor:
    """Weight from a repeated token to the one after its earlier occurrence: (layers, heads).

    maps: each (B, h, 2n, 2n), of sequences whose second half repeats the first.
    """
    n = maps[0].shape[-1] // 2
    t = torch.arange(n, 2 * n)
    return torch.stack([weights[:, :, t, t - n + 1].mean(dim=(0, 2)) for weights in maps])
