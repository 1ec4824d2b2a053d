"""Overfitting on scikit-learn's digits: when it shows, why, and which cures help.

    python snippets/0_Pytorch_basics/overfitting_experiment.py

writes docs/assets/results/overfitting.json. Networks of one shape train side by side, as a batch of
matrices: each as it would alone. A few minutes of one core; stopped, it goes on where it was.
"""

import math
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.book import results
from wode.book.kept import Kept
from wode.data import digits_tensors

STEPS, BATCH, FOLDS, SEEDS, FRESH = 2000, 32, 4, range(10), range(10, 50)
CURES = {
    "nothing": [{}],
    "stop": [{}],
    "stop_right": [{}],
    "decay": [{"decay": decay} for decay in (0.003, 0.01, 0.03)],
    "dropout": [{"dropout": rate} for rate in (0.25, 0.5, 0.75)],
    "small": [{"width": width} for width in (8, 16)],
    "wide": [{"width": width} for width in (128,)],
    "shift": [{"shift": True}],
    "linear": [{"width": 0}],
}


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


def nearest(seed: int, count: int, wrong: float) -> float:
    """Test accuracy of copying the nearest picture's label."""
    x, y, _ = sample(seed, count, wrong)
    images, labels = digits_tensors(train=False)
    return (y[torch.cdist(images.flatten(1), x).argmin(1)] == labels).double().mean().item()


def cured(kept: Kept, count: int, wrong: float) -> dict[str, Any]:
    """Each cure with the setting that validation chose, tested once."""
    found: dict[str, Any] = {}
    for name, settings in CURES.items():
        right = ("by the right labels", (True,)) if name == "stop_right" else ("validated", ())
        validations = [kept(right[0], validated, count, wrong, s, *right[1]) for s in settings]
        curves = [kept("whole", whole, count, wrong, s) for s in settings]
        test, loss, train, chosen = [], [], [], []
        for seed in SEEDS:
            lasts = [np.array(v["losses"])[-1, seed] for v in validations]
            best = int(np.argmin(lasts))
            rows = curves[best]
            at = -1
            if name.startswith("stop"):
                share = np.argmin(np.array(validations[0]["losses"])[:, seed])
                steps = validations[0]["epochs"][share] * math.ceil(count * 3 / 4 / BATCH)
                reached = [row["epoch"] * math.ceil(count / BATCH) for row in rows]
                at = int(np.argmin([abs(r - steps) for r in reached]))
            test.append(rows[at]["other"][0][seed])
            loss.append(rows[at]["other"][1][seed])
            train.append(rows[at]["train"][0][seed])
            chosen.append(
                rows[at]["epoch"] if name.startswith("stop") else [*settings[best].values()]
            )
        found[name] = {"test": test, "loss": loss, "train": train, "chosen": chosen}
    found["nearest"] = {"test": [nearest(seed, count, wrong) for seed in SEEDS]}
    plain = found["nothing"]["test"]
    for entry in found.values():
        pairs = list(zip(entry["test"], plain, strict=True))
        entry["mean"] = statistics.mean(entry["test"])
        entry["gain"] = statistics.mean(a - b for a, b in pairs)
        entry["better"] = sum(a > b for a, b in pairs)
        if "loss" in entry:
            entry["mean_loss"] = statistics.mean(entry["loss"])
            entry["mean_train"] = statistics.mean(entry["train"])
    return found


def curve(rows: list[Any]) -> dict[str, Any]:
    """Means over the seeds, an entry a measured epoch, and what the seeds say of the end."""
    kinds = [("train", 0), ("train", 1), ("other", 0), ("other", 1)]
    means = {
        f"{'test' if part == 'other' else part}_{('accuracy', 'loss')[i]}": [
            statistics.mean(row[part][i]) for row in rows
        ]
        for part, i in kinds
    }
    losses = np.array([row["other"][1] for row in rows])
    right = np.array([row["other"][0] for row in rows])
    low = int(np.argmin(means["test_loss"]))
    return {
        "epoch": [row["epoch"] for row in rows],
        **means,
        "lowest_loss": means["test_loss"][low],
        "lowest_at": rows[low]["epoch"],
        "last_loss": means["test_loss"][-1],
        "at_lowest": means["test_accuracy"][low],
        "last": means["test_accuracy"][-1],
        "last_train": means["train_accuracy"][-1],
        "last_train_loss": means["train_loss"][-1],
        "rose": int((losses[-1] > losses.min(0) + 0.01).sum()),
        "fell": int((right[-1] < right[low]).sum()),
        "seeds": losses.shape[1],
    }


def by_size(kept: Kept, wrong: float) -> dict[str, Any]:
    """Test accuracy over how many digits there are, the mean of the seeds."""
    sizes, found = [50, 100, 200, 400, 800, 1437], dict[str, Any]()
    for name, setting in (
        ("two_layers", {}),
        ("shifted", {"shift": True}),
        ("linear", {"width": 0}),
    ):
        rows = [kept("whole", whole, size, wrong, setting) for size in sizes]
        found[name] = [statistics.mean(row[-1]["other"][0]) for row in rows]
        found[f"{name}_train"] = [statistics.mean(row[-1]["train"][0]) for row in rows]
    found["nearest"] = [
        statistics.mean(nearest(seed, size, wrong) for seed in SEEDS) for size in sizes
    ]
    return {"sizes": sizes, **found}


def fresh_seeds(kept: Kept) -> dict[str, Any]:
    """What the chosen settings give with 20 wrong labels over seeds that chose nothing."""
    settings = {
        "nothing": {},
        "decay": {"decay": 0.03},
        "decay_01": {"decay": 0.1},
        "dropout": {"dropout": 0.75},
        "dropout_05": {"dropout": 0.5},
        "linear": {"width": 0},
    }
    tests = {name: kept("again", again, 0.2, setting) for name, setting in settings.items()}
    tests["nearest"] = [nearest(seed, 100, 0.2) for seed in FRESH]
    plain = tests["nothing"]
    return {
        name: {
            "mean": statistics.mean(test),
            "better": sum(a > b for a, b in zip(test, plain, strict=True)),
        }
        for name, test in tests.items()
    }


def polynomial(
    degree: int, noise: float, runs: int = 200, points: int = 10, steps: bool = False
) -> dict[str, float]:
    """Median train and fresh loss of a polynomial through noisy points of a line; or of steps, 5
    minutes for each kilometre begun."""

    def rule(x: np.ndarray) -> np.ndarray:
        return 8 + 5 * (np.ceil(x) if steps else x)

    trains, fresh = [], []
    for seed in range(runs):
        random = np.random.default_rng(seed)
        x = np.sort(3 * random.random(points))
        asked = np.linspace(x[0], x[-1], 500)
        y = rule(x) + noise * random.standard_normal(points)
        fit = np.polynomial.Polynomial.fit(x, y, degree)
        trains.append(float(((fit(x) - y) ** 2).mean()))
        fresh.append(float(((fit(asked) - rule(asked)) ** 2).mean()) + noise**2)
    return {"train": statistics.median(trains), "fresh": statistics.median(fresh)}


def chosen_degrees(runs: int = 200) -> dict[str, int]:
    """How often four folds choose which degree for ten noisy points of a line."""
    counts = {1: 0, 2: 0, 5: 0}
    for seed in range(runs):
        random = np.random.default_rng(seed)
        x = np.sort(3 * random.random(10))
        y = 8 + 5 * x + random.standard_normal(10)
        losses = dict.fromkeys(counts, 0.0)
        for degree in counts:
            for fold in range(FOLDS):
                out = np.arange(10) % FOLDS == fold
                fit = np.polynomial.Polynomial.fit(x[~out], y[~out], degree)
                losses[degree] += ((fit(x[out]) - y[out]) ** 2).mean()
        counts[min(losses, key=losses.__getitem__)] += 1
    return {f"degree_{degree}": count for degree, count in counts.items()}


def pictured() -> dict[str, Any]:
    """The page's ten points, with noise and without, and curves of degree 1 and 9 through them."""
    random = np.random.default_rng(0)
    km = np.sort(3 * random.random(10))
    noisy = 8 + 5 * km + random.standard_normal(10)
    asked = np.linspace(km[0], km[-1], 300)
    found: dict[str, Any] = {"km": km.round(3).tolist(), "asked": asked.round(3).tolist()}
    for name, minutes in (("noisy", noisy), ("exact", 8 + 5 * km)):
        found[name] = {"minutes": minutes.round(3).tolist()}
        for degree in (1, 9):
            fit = np.polynomial.Polynomial.fit(km, minutes, degree)
            found[name][f"degree_{degree}"] = fit(asked).round(3).tolist()
    return found


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(Path(tempfile.gettempdir()) / "wode_overfitting.jsonl")
    clean = kept("whole", whole, 100, 0.0, {})
    wrong = kept("whole", whole, 100, 0.2, {})
    adamw = kept("whole", whole, 100, 0.0, {}, STEPS, "AdamW", 0.01)
    small = kept("random", whole, 100, 1.0, {}, 8000)
    numbers = {
        "clean": curve(clean),
        "wrong": curve(wrong),
        "adamw": curve(adamw),
        "random": curve(small),
        "shift_long": curve(kept("whole", whole, 100, 0.0, {"shift": True}, 8000)),
        "cures": {"wrong": cured(kept, 100, 0.2), "clean": cured(kept, 100, 0.0)},
        "sizes": by_size(kept, 0.0),
        "picture": pictured(),
        "polynomial": {
            kind: [kept("polynomial", polynomial, degree, noise) for degree in range(1, 10)]
            for kind, noise in (("noisy", 1.0), ("exact", 0.0))
        },
        "stairs": {
            f"degree_{degree}": kept("stairs", polynomial, degree, 0.0, 200, 10, True)
            for degree in (1, 9)
        },
        "degrees": kept("degrees", chosen_degrees),
        "fresh": fresh_seeds(kept),
        "moved": {
            "plain": kept("moved", on_moved, {}),
            "shift": kept("moved", on_moved, {"shift": True}),
        },
        "wrong_1437": statistics.mean(
            kept("whole", whole, 1437, 0.2, {}, 8000)[-1]["other"][0],
        ),
        "long": {
            name: statistics.mean(kept("whole", whole, 100, 0.2, setting, 8000)[-1]["other"][0])
            for name, setting in (
                ("nothing", {}),
                ("decay", {"decay": 0.03}),
                ("linear", {"width": 0}),
            )
        },
    }
    path = results.write(
        "overfitting",
        {**numbers, "minutes": kept.minutes},
        seed=list(SEEDS),
        command="python snippets/0_Pytorch_basics/overfitting_experiment.py",
        note_zh="两层网络在 100 张手写数字上：训练与测试曲线、各种办法的测试准确率"
        "（设置由训练数据里的四折交叉验证选出）、数据量、随机标签，各 10 个种子。",
        note_en="Two layers on 100 digits: curves of train and test, each cure's test accuracy "
        "(the setting chosen by four-fold cross-validation in the training data), "
        "the amount of data, random labels; 10 seeds each.",
    )
    kept.finish()
    print(path)


if __name__ == "__main__":
    main()
