"""Networks of one shape side by side, as a batch of matrices: each learns as it would alone."""

import math
import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.data import digits_tensors

STEPS, BATCH, FOLDS, SEEDS, FRESH = 2000, 32, 4, range(10), range(10, 50)


def sample(seed: int, count: int, wrong: float) -> tuple[Tensor, Tensor, Tensor]:
    """``count`` training digits at random; a share ``wrong`` of the labels is another digit. Then
    the right labels.

    With ``wrong`` = 1 all labels are drawn at random, right ones among them.
    """
    images, labels = digits_tensors(train=True)
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randperm(len(labels), generator=generator)[:count]
    x, y = images[chosen].flatten(1), labels[chosen].clone()
    bad = round(wrong * count)
    if wrong == 1:
        y = torch.randint(10, (count,), generator=generator)
    else:
        y[:bad] = (y[:bad] + torch.randint(1, 10, (bad,), generator=generator)) % 10
    order = torch.randperm(count, generator=generator)
    return x[order], y[order], labels[chosen][order]


def start(seed: int, width: int) -> list[Tensor]:
    """The weights of a fresh network of two layers, or of one if ``width`` is 0."""
    torch.manual_seed(seed)
    sizes = [(64, width), (width, 10)] if width else [(64, 10)]
    layers = [nn.Linear(*size) for size in sizes]
    return [t for layer in layers for t in (layer.weight.detach().T, layer.bias.detach()[None])]


def scores(weights: list[Tensor], x: Tensor, dropout: float = 0.0) -> Tensor:
    """x (M, B, 64), a batch for each network -> (M, B, 10)."""
    for place, (weight, bias) in enumerate(zip(weights[::2], weights[1::2], strict=True)):
        x = torch.baddbmm(bias, x, weight)
        if 2 * place + 2 < len(weights):
            x = F.dropout(x.relu(), dropout, training=dropout > 0)
    return x


def measured(weights: list[Tensor], x: Tensor, y: Tensor) -> tuple[list[float], list[float]]:
    """(accuracies, losses) of each network on its own digits (M, B, 64), (M, B)."""
    with torch.no_grad():
        out = scores(weights, x)
        loss = F.cross_entropy(out.flatten(0, 1), y.flatten(), reduction="none")
        right = (out.argmax(2) == y).double().mean(1)
        return right.tolist(), loss.view(y.shape).mean(1).tolist()


def shifted(x: Tensor) -> Tensor:
    """Each picture moved by -1, 0 or 1 pixel in both directions."""
    count = x.shape[:2]
    padded = F.pad(x.view(*count, 8, 8), (1, 1, 1, 1))
    down, right = torch.randint(0, 3, (2, *count, 1))
    rows, columns = (down + torch.arange(8)), (right + torch.arange(8))
    m = torch.arange(count[0]).view(-1, 1, 1, 1)
    n = torch.arange(count[1]).view(1, -1, 1, 1)
    return padded[m, n, rows[..., None], columns[..., None, :]].flatten(2)


def learned(
    x: Tensor,
    y: Tensor,
    others: tuple[Tensor, Tensor],
    seeds: Sequence[int],
    *,
    width: int = 32,
    decay: float = 0.0,
    dropout: float = 0.0,
    shift: bool = False,
    **how: Any,
) -> list[dict[str, Any]]:
    """Train a network a row of x (M, N, 64), y (M, N); what was measured on the way.

    A list of {"epoch", "train", "other"}; the last two are (accuracies, losses).
    """
    starts = [start(seed, width) for seed in seeds]
    weights = [torch.stack(same).requires_grad_() for same in zip(*starts, strict=True)]
    make, lr = how.get("make", torch.optim.SGD), how.get("lr", 0.1)
    optimizer = make(weights, lr=lr, weight_decay=decay)
    torch.manual_seed(1000 + seeds[0])
    networks, count = y.shape
    per_epoch = math.ceil(count / BATCH)
    epochs = math.ceil(how.get("steps", STEPS) / per_epoch)
    every, rows = max(1, epochs // 100), []
    row = torch.arange(networks)[:, None]
    for epoch in range(1, epochs + 1):
        for index in torch.rand(networks, count).argsort(1).split(BATCH, 1):
            inputs = shifted(x[row, index]) if shift else x[row, index]
            out = scores(weights, inputs, dropout)
            loss = F.cross_entropy(out.flatten(0, 1), y[row, index].flatten(), reduction="sum")
            optimizer.zero_grad()
            (loss / index.shape[1]).backward()
            optimizer.step()
        if epoch % every == 0 or epoch in (1, epochs):
            rows.append({"epoch": epoch, "train": measured(weights, x, y)})
            rows[-1]["other"] = measured(weights, *others)
    return rows


def stacked(seeds: range, count: int, wrong: float) -> tuple[Tensor, Tensor, Any]:
    """Each seed's digits and the test set for each."""
    drawn = [sample(seed, count, wrong)[:2] for seed in seeds]
    x, y = (torch.stack(both) for both in zip(*drawn, strict=True))
    images, labels = digits_tensors(train=False)
    test = images.flatten(1).expand(len(seeds), -1, -1), labels.expand(len(seeds), -1)
    return x, y, test


def whole(
    count: int,
    wrong: float,
    setting: dict[str, Any],
    steps: int = STEPS,
    optimizer: str = "SGD",
    lr: float = 0.1,
    seeds: int = 10,
) -> list[Any]:
    """The curves of networks on all their digits, by the test set."""
    x, y, test = stacked(range(seeds), count, wrong)
    make = getattr(torch.optim, optimizer)
    return learned(x, y, test, range(seeds), steps=steps, make=make, lr=lr, **setting)


def again(wrong: float, setting: dict[str, Any]) -> list[float]:
    """Test accuracies of one setting over seeds that chose nothing."""
    x, y, test = stacked(FRESH, 100, wrong)
    return learned(x, y, test, FRESH, **setting)[-1]["other"][0]


def on_moved(setting: dict[str, Any]) -> float:
    """Mean test accuracy with all labels right when the test's pictures are moved as well."""
    x, y, (images, labels) = stacked(SEEDS, 100, 0.0)
    torch.manual_seed(5)
    rows = learned(x, y, (shifted(images), labels), SEEDS, **setting)
    return statistics.mean(rows[-1]["other"][0])


def validated(
    count: int, wrong: float, setting: dict[str, Any], right: bool = False
) -> dict[str, Any]:
    """The mean validation losses over the folds, a row a measured epoch, a column a seed; by the
    right labels if so asked."""
    x, y, _ = stacked(SEEDS, count, wrong)
    judge = torch.stack([sample(seed, count, wrong)[2] for seed in SEEDS]) if right else y
    outs = [torch.arange(count) % FOLDS == fold for fold in range(FOLDS)]
    ins = torch.cat([x[:, ~out] for out in outs]), torch.cat([y[:, ~out] for out in outs])
    others = torch.cat([x[:, out] for out in outs]), torch.cat([judge[:, out] for out in outs])
    rows = learned(*ins, others, [*SEEDS] * FOLDS, **setting)
    losses = [np.array(row["other"][1]).reshape(FOLDS, -1).mean(0).tolist() for row in rows]
    return {"epochs": [row["epoch"] for row in rows], "losses": losses}
