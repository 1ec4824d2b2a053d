"""Overfitting on scikit-learn's digits: when it shows, why, and which cures help.

    python snippets/0_Pytorch_basics/overfitting_experiment.py

writes docs/assets/results/overfitting.json. A few minutes of one core; stopped, it goes on
where it was. The networks are in overfitting_networks.py, the polynomials in overfitting_curves.py.
"""

import math
import statistics
from typing import Any

import numpy as np
import torch

from overfitting_curves import chosen_degrees, pictured, polynomial
from overfitting_networks import (
    BATCH,
    FRESH,
    SEEDS,
    STEPS,
    again,
    on_moved,
    sample,
    validated,
    whole,
)
from wode.book import results
from wode.book.kept import Kept
from wode.data import digits_tensors

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


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(results.ROOT / "build" / "overfitting.jsonl")
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
