"""For the page `loss-landscape`: small networks on digits, their surfaces, and what these tell.

    python snippets/1_NLP_basics/loss_landscape_experiment.py

Trains 80 networks to the same loss, from larger and smaller starts, with more and fewer wrong
labels, and puts what was measured into docs/assets/results/loss_landscape.json. About one minute.
"""

import argparse
from collections.abc import Callable, Sequence
from itertools import product
from statistics import fmean
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchmetrics.functional import spearman_corrcoef

from loss_landscape import network
from wode.book import results
from wode.checks import likeliest
from wode.data.digits import digits_tensors
from wode.decoding import evaluating
from wode.landscape import (
    Weights,
    coordinates,
    difference,
    fit,
    flat,
    length,
    line,
    random_direction,
    surface,
    weights_of,
)

STEPS = [-1 + 0.25 * k for k in range(9)]
SCALES, WRONG = (0.5, 1.0, 2.0, 4.0), (0.0, 0.1, 0.2, 0.3)
TOLD = ("under", "curvature", "raw_curvature", "length", "moved", "steps")


def loss_on(images: Tensor, labels: Tensor) -> Callable[[nn.Module], Tensor]:
    return lambda model: F.cross_entropy(model(images), labels)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def curvature(losses: Tensor) -> float:
    """The second difference in the middle of a line of `STEPS`."""
    middle = len(losses) // 2
    step = STEPS[middle + 1] - STEPS[middle]
    return float(losses[middle - 1] + losses[middle + 1] - 2 * losses[middle]) / step**2


def rescale(model: nn.Sequential, factors: Tensor) -> None:
    """Each hidden value times its factor (32,), and over it again on its way out."""
    first, bias, second = (model.get_parameter(name) for name in ("1.weight", "1.bias", "3.weight"))
    with torch.no_grad():
        first.mul_(factors[:, None])  # (32, 64)
        bias.mul_(factors)  # (32,)
        second.div_(factors)  # (10, 32)


def raw_direction(weights: Weights, generator: torch.Generator) -> Weights:
    """Random numbers as they come; biases stay, as in `random_direction`."""
    return {
        name: 0.1 * torch.randn(w.shape, generator=generator) if w.dim() > 1 else 0 * w
        for name, w in weights.items()
    }


# ---------------------------------------------------------------- the page's own network


def pictures(small: bool) -> dict[str, Any]:
    """The first line and surface, and the plane of two tasks with the path of training."""
    images, labels = digits_tensors(train=True)
    new, truth = digits_tensors(train=False)
    images, labels = images[:200], labels[:200]
    model = network(seed=0)
    loss, generator = loss_on(images, labels), seeded(0)
    path = fit(model, loss)
    steps = torch.linspace(-1, 1, 5 if small else 41).tolist()
    first, second = (random_direction(path[-1], generator) for _ in range(2))
    found = {
        "steps": steps,
        "line": line(model, loss, first, steps).tolist(),
        "grid": surface(model, loss, first, second, steps).tolist(),
    }

    other = network(seed=0)
    other_path = fit(other, loss_on(images, labels % 2))
    toward, across = (difference(p[-1], path[0]) for p in (path, other_path))
    along = torch.linspace(-0.5, 1.5, 5 if small else 33).tolist()
    home = network(seed=0)

    def both(model: nn.Module) -> Tensor:
        return torch.stack([loss(model), loss_on(new, truth)(model)])

    grid = surface(home, both, toward, across, along)
    places = coordinates(path, path[0], toward, across)
    half, place = path[len(path) // 2], places[len(path) // 2].tolist()
    shadow = surface(home, loss, toward, across, place[:1], place[1:])
    return found | {
        "half_loss": float(line(home, loss, difference(half, path[0]), [1.0])[0]),
        "half_shadow": float(shadow[0, 0]),
        "along": along,
        "plane": grid.tolist(),
        "path": [*places[::10].tolist(), places[-1].tolist()],
        "path_steps": len(path) - 1,
        "off_plane": max(
            off_plane(w, path[0], toward, across, p) for w, p in zip(path, places, strict=True)
        ),
    }


def off_plane(
    weights: Weights, origin: Weights, first: Weights, second: Weights, place: Tensor
) -> float:
    """How far weights lie from the plane, as a share of the way from start to end."""
    a, b = place.tolist()
    rest = flat(weights) - flat(origin) - a * flat(first) - b * flat(second)
    return float(rest.norm() / flat(first).norm())


def same_function(seeds: Sequence[int]) -> dict[str, Any]:
    """Three networks that compute the same: how their lines differ, by kind of direction."""
    images, labels = (part[:200] for part in digits_tensors(train=True))
    loss, found = loss_on(images, labels), dict[str, Any]()
    for seed in seeds:
        kinds = {
            "as_trained": torch.ones(32),
            "layer": torch.full((32,), 10.0),
            "neurons": 10 ** torch.linspace(-1, 1, 32)[torch.randperm(32, generator=seeded(seed))],
        }
        for kind, factors in kinds.items():
            model = network(seed)
            fit(model, loss)
            rescale(model, factors)
            for name, draw in (("raw", raw_direction), ("filters", random_direction)):
                direction = draw(weights_of(model), seeded(seed))
                row = found.setdefault(f"{name}_{kind}", {"lines": [], "curvature": []})
                losses = line(model, loss, direction, STEPS)
                row["lines"].append(losses.tolist())
                row["curvature"].append(curvature(losses))
    for row in found.values():
        row["mean_curvature"] = fmean(row["curvature"])
    return found


# ---------------------------------------------------------------- flat, and right?


def one(seed: int, scale: float, wrong: float, small: bool = False) -> dict[str, float]:
    """A network from a start ``scale`` times as large, a share ``wrong`` of its labels wrong."""
    images, labels = digits_tensors(train=True)
    rows = torch.randperm(len(labels), generator=seeded(seed))[:200]
    images, labels, count = images[rows], labels[rows].clone(), int(200 * wrong)
    labels[:count] = (labels[:count] + torch.randint(1, 10, (count,), generator=seeded(seed))) % 10
    model = network(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(scale)
    loss = loss_on(images, labels)
    path = fit(model, loss, 1.0 if small else 0.05)
    start, end = path[0], path[-1]
    new, truth = digits_tensors(train=False)
    with evaluating(model):
        logits = model(new)
        accuracy = (likeliest(logits, dim=1) == truth).float().mean().item()
    found = {name: list[float]() for name in TOLD[:3]}
    for pair in range(1 if small else 3):
        generator = seeded(100 * seed + pair)
        first, second = (random_direction(end, generator) for _ in range(2))
        grid = surface(model, loss, first, second, STEPS)
        found["under"].append((grid < 0.35).float().mean().item())
        found["curvature"].append(curvature(grid[len(STEPS) // 2]))
        raw = raw_direction(end, generator)
        found["raw_curvature"].append(curvature(line(model, loss, raw, STEPS)))
    return {name: fmean(values) for name, values in found.items()} | {
        "length": length(end),
        "moved": length(difference(end, start)),
        "steps": len(path) - 1,
        "accuracy": accuracy,
        "held_out_loss": F.cross_entropy(logits, truth).item(),
    }


def ranks(columns: dict[str, Any]) -> dict[str, dict[str, float]]:
    """How each measure ranks the networks beside held-out accuracy.

    All of them; those of one share of wrong labels; those of one share and one size of start, the
    mean of these cells. Where a measure is the same for all, there is no rank: such a cell is left
    out.
    """
    table = {k: torch.tensor(columns[k], dtype=torch.float64) for k in (*TOLD, "accuracy")}
    places = list(zip(columns["scale"], columns["wrong"], strict=True))

    def ranked(chosen: Callable[[float, float], bool]) -> dict[str, float]:
        kept = torch.tensor([chosen(*place) for place in places])
        right = table["accuracy"][kept]
        differing = [k for k in TOLD if len(table[k][kept].unique()) > 1]
        return {k: spearman_corrcoef(table[k][kept], right).item() for k in differing}

    cells = [ranked(lambda s, w, at=at: (s, w) == at) for at in product(SCALES, WRONG)]
    return {
        "all": ranked(lambda *_: True),
        **{f"wrong_{round(100 * w)}": ranked(lambda _, own, w=w: own == w) for w in WRONG},
        "cells": {k: fmean(cell[k] for cell in cells if k in cell) for k in TOLD},
    }


def many(seeds: Sequence[int], small: bool) -> dict[str, Any]:
    """All of them, by column, and how each measure ranks them beside held-out accuracy."""
    settings = list(product(seeds, SCALES, WRONG))
    rows = [one(*setting, small) for setting in settings]
    columns: dict[str, Any] = {key: [row[key] for row in rows] for key in rows[0]}
    columns |= {"scale": [s[1] for s in settings], "wrong": [s[2] for s in settings]}

    def mean(key: str, scale: float, wrong: float) -> float:
        pairs = zip(settings, columns[key], strict=True)
        return fmean(value for (_, s, w), value in pairs if (s, w) == (scale, wrong))

    keys = ("accuracy", "under", "curvature", "moved")
    return columns | {
        "rank": ranks(columns),
        "means": {
            f"scale_{scale:g}": {
                f"wrong_{round(100 * wrong)}": {key: mean(key, scale, wrong) for key in keys}
                for wrong in WRONG
            }
            for scale in SCALES
        },
    }


# ---------------------------------------------------------------- what goes wrong


def mistakes(seeds: Sequence[int]) -> dict[str, Any]:
    """Dropout left on, and batch norm's statistics at the end of a line."""
    images, labels = (part[:200] for part in digits_tensors(train=True))
    loss, rows = loss_on(images, labels), dict[str, list[float]]()
    for seed in seeds:
        torch.manual_seed(seed)
        start = nn.Sequential(
            nn.Flatten(), nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 10)
        )
        before = weights_of(start)
        end = nn.Sequential(
            nn.Flatten(), nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 10)
        )
        end.load_state_dict(start.state_dict())
        fit(end.train(), loss)
        toward = difference(weights_of(end), before)
        with evaluating(end):
            rows.setdefault("norm_model", []).append(float(loss(end)))
        rows.setdefault("norm_line", []).append(float(line(start, loss, toward, [1.0])[0]))

        def fresh(model: nn.Module) -> Tensor:
            model.train()  # its statistics are then those of these images
            return loss(model)

        rows.setdefault("norm_fresh", []).append(float(line(start, fresh, toward, [1.0])[0]))
    return {name: {"seeds": values, "mean": fmean(values)} for name, values in rows.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--ranks", action="store_true", help="of the networks measured before")
    torch.set_num_threads(1)
    given = parser.parse_args()
    seeds = range(given.seeds)
    if given.ranks:
        numbers = results.read("loss_landscape")["numbers"]
        numbers["models"]["rank"] = ranks(numbers["models"])
    else:
        numbers = {
            "pictures": pictures(small=False),
            "same_function": same_function(seeds),
            "models": many(seeds, small=False),
            "mistakes": mistakes(seeds),
        }
    results.write(
        "loss_landscape",
        numbers,
        command="python snippets/1_NLP_basics/loss_landscape_experiment.py",
        seed=list(seeds),
        note_zh="手写数字上的小网络：同一个函数换三种权重；80 个网络训练到同一个损失，"
        "它们的平坦程度与留出图片上的准确率。",
        note_en="Small networks on digits: one function with three sets of weights; 80 networks "
        "trained to the same loss, how flat they are, and their accuracy on held-out images.",
    )


if __name__ == "__main__":
    main()
