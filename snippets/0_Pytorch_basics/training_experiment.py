"""Curves, rates, the forgotten ``zero_grad``, softmax twice, what a loss keeps: over seeds.

    python snippets/0_Pytorch_basics/training_experiment.py

writes docs/assets/results/training.json. Five minutes of one core; a run that was stopped goes on.
"""

import itertools
import statistics
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from training import test
from training_memory import kept_memory
from training_runs import BATCH, BENDS, EPOCHS, TEST, TRAIN, learn, silent
from two_layers import TwoLayers
from wode.book import results
from wode.book.kept import Kept


def curves(seed: int) -> dict:
    """The page's own loop: losses and accuracies by epoch, what it is sure of, its first loss."""
    torch.manual_seed(seed)
    train_data, test_data = TensorDataset(*TRAIN), TensorDataset(*TEST)
    train_loader = DataLoader(train_data, batch_size=BATCH, shuffle=True)
    test_loader = DataLoader(test_data, batch_size=BATCH)
    model, loss_fn = TwoLayers(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    train_curve, test_curve = [], []
    for _ in range(EPOCHS):
        model.train()
        for x, y in train_loader:
            loss = loss_fn(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        train_curve.append(test(model, train_loader, loss_fn, "cpu"))
        test_curve.append(test(model, test_loader, loss_fn, "cpu"))
    x, y = TEST
    with torch.no_grad():
        p = model(x).softmax(dim=1)  # (360, 10)
    sure, answer = p.max(dim=1)
    return {
        "train": train_curve,
        "test": test_curve,
        "sure": sure.tolist(),
        "answer": answer.tolist(),
        "p": p.tolist() if seed == 0 else None,
    }


def binned(runs: list[tuple[list[float], list[bool]]]) -> list[dict]:
    """Answers in five bins by how sure: how many, how sure, what share is right."""
    pairs = [pair for run in runs for pair in zip(*run, strict=True)]
    bins = []
    for low, high in itertools.pairwise([0.0, 0.5, 0.7, 0.9, 0.99, 1.0]):
        inside = [(s, ok) for s, ok in pairs if low < s <= high]
        bins.append({
            "low": low,
            "high": high,
            "count": len(inside),
            "sure": statistics.mean(s for s, _ in inside),
            "right": statistics.mean(ok for _, ok in inside),
        })  # fmt: skip
    return bins


def pictures(run: dict) -> list[dict]:
    """Of seed 0: the first six test images that are right, and the six surest wrong ones."""
    labels = TEST[1].tolist()
    right = [i for i, label in enumerate(labels) if run["answer"][i] == label][:6]
    wrong = [i for i, label in enumerate(labels) if run["answer"][i] != label]
    wrong = sorted(wrong, key=lambda i: -run["sure"][i])[:6]
    return [
        {
            "image": TEST[0][i, 0].mul(255).round().int().tolist(),
            "label": labels[i],
            "answer": run["answer"][i],
            "p": run["p"][i],
        }
        for i in right + wrong
    ]


RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]
SMALL = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
ADAM = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1]
SEEDS = 5


def grid(keep: Kept, title: str, rates: list[float], **options: Any) -> dict:
    """A variant over rates and seeds, after the last epoch; each entry is [rate][seed]."""
    runs = [
        [
            keep(f"{title} {lr} {seed}", lambda s=seed, r=lr: learn(s, r, **options))
            for seed in range(SEEDS)
        ]
        for lr in rates
    ]
    each = [[run[-1][2] for run in at_rate] for at_rate in runs]
    mean = [statistics.mean(row) for row in each]
    print(title, [f"{value:.3f}" for value in mean], flush=True)
    last = {
        "each": each,
        "mean": mean,
        "best": max(mean),
        "best_rate": rates[mean.index(max(mean))],
    }
    return {"rates": rates, "last": last}


def main() -> None:
    torch.set_num_threads(1)
    keep = Kept(results.ROOT / "build" / "training.jsonl")
    runs = [keep(f"curves {seed}", lambda s=seed: curves(s)) for seed in range(10)]
    labels = TEST[1].tolist()
    answers = [
        (run["sure"], [a == b for a, b in zip(run["answer"], labels, strict=True)]) for run in runs
    ]
    longest = [
        keep(f"sure {s}", lambda s=s: learn(s, 1.0, epochs=100, sure=True)[1]) for s in range(10)
    ]
    starts: dict[str, list[float]] = {"scaled": [], "not_scaled": [], "wrong_labels": []}
    for seed in range(100):
        torch.manual_seed(seed)
        model, (x, y) = TwoLayers(), TRAIN
        with torch.no_grad():
            starts["scaled"].append(F.cross_entropy(model(x), y).item())
            starts["not_scaled"].append(F.cross_entropy(model(255 * x), y).item())
            starts["wrong_labels"].append(F.cross_entropy(model(x), 9 - y).item())
    final = {part: [run[part][-1] for run in runs] for part in ("train", "test")}
    numbers = {
        "epochs": EPOCHS,
        "seeds": len(runs),
        "train": {
            "loss": [[row[0] for row in run["train"]] for run in runs],
            "accuracy": [[row[1] for row in run["train"]] for run in runs],
        },
        "test": {
            "loss": [[row[0] for row in run["test"]] for run in runs],
            "accuracy": [[row[1] for row in run["test"]] for run in runs],
        },
        "final": {
            part: {
                "mean": statistics.mean(v[1] for v in final[part]),
                "min": min(v[1] for v in final[part]),
                "max": max(v[1] for v in final[part]),
            }
            for part in final
        },
        "sure": {
            "all": sum(len(sure) for sure, _ in answers),
            "bins": binned(answers),
            "longest": binned(longest),
        },
        "pictures": pictures(runs[0]),
        "start": {
            name: {"mean": statistics.mean(each), "min": min(each), "max": max(each)}
            for name, each in starts.items()
        },
        "rates": grid(keep, "rates", RATES),
        "zero_grad": {
            "SGD": grid(keep, "SGD cleared", SMALL),
            "momentum": grid(keep, "SGD momentum 0.9", SMALL, momentum=0.9),
            "SGD_forgotten": grid(keep, "SGD forgotten", SMALL, clear=False),
            "AdamW": grid(keep, "AdamW cleared", ADAM, name="AdamW"),
            "AdamW_forgotten": grid(keep, "AdamW forgotten", ADAM, name="AdamW", clear=False),
        },
        "softmax": grid(keep, "softmax twice", [*RATES, 30.0], softmax=True),
    }
    numbers["rates"]["by_epoch"] = {
        str(lr): [
            [
                row[0]
                for row in keep(f"by epoch {lr} {s}", lambda s=s, r=lr: learn(s, r, every=True))
            ]
            for s in range(SEEDS)
        ]
        for lr in (0.001, 0.1, 3.0)
    }
    slow = [keep(f"slow {s}", lambda s=s: learn(s, 0.001, epochs=2000)[-1]) for s in range(2)]
    numbers["slow"] = {"test": statistics.mean(row[2] for row in slow)}
    numbers["silent"] = {
        name: [keep(f"silent {lr} {s}", silent, lr, s) for s in range(SEEDS)]
        for name, lr in (("small", 0.1), ("one", 1.0), ("large", 3.0))
    }
    print(numbers["silent"], flush=True)
    large = {}
    for bend in BENDS:
        found = [
            [
                keep(
                    f"{bend} 3 {then} {s}", lambda s=s, b=bend, t=then: learn(s, 3, bend=b, then=t)
                )
                for s in range(SEEDS)
            ]
            for then in (0, EPOCHS)
        ]
        large[bend] = {
            "loss": [run[-1][0] for run in found[0]],
            "each": [run[-1][2] for run in found[0]],
            "test": statistics.mean(run[-1][2] for run in found[0]),
            "then": statistics.mean(run[-1][2] for run in found[1]),
        }
        print(bend, large[bend], flush=True)
    numbers["large"] = large
    longer = {}
    for title, lr, clear in (
        ("cleared", 0.1, True),
        ("cleared_one", 1.0, True),
        ("forgotten_0", 0.0001, False),
        ("forgotten_1", 0.0003, False),
        ("forgotten_2", 0.001, False),
    ):
        found = [
            keep(
                f"longer {title} {s}",
                lambda s=s, r=lr, c=clear: learn(s, r, clear=c, epochs=100)[-1],
            )
            for s in range(SEEDS)
        ]
        longer[title] = {
            "test": statistics.mean(row[2] for row in found),
            "each": [row[2] for row in found],
        }
        print(title, longer[title], flush=True)
    numbers["longer"] = longer
    whole = [0.1, 0.3, 1.0, 3.0]
    batches = {
        "whole_20": grid(keep, "whole", whole, batch=1437)["last"],
        "whole_20_momentum": grid(keep, "whole momentum", whole, batch=1437, momentum=0.9)["last"],
    }
    found = [
        keep(f"whole_900 {s}", lambda s=s: learn(s, 0.1, batch=1437, epochs=900)[-1])
        for s in range(3)
    ]
    batches["whole_900"] = {"test": statistics.mean(row[2] for row in found)}
    print(batches["whole_900"], flush=True)
    numbers["batch"] = batches
    order = {}
    for title, options in (
        ("as_they_come", {"shuffle": False}),
        ("sorted", {"shuffle": False, "by_label": True}),
        ("sorted_shuffled", {"by_label": True}),
        ("one_digit", {"one_digit": True}),
    ):
        found = [
            keep(f"order {title} {s}", lambda s=s, o=options: learn(s, 0.1, **o)[-1])
            for s in range(SEEDS)
        ]
        each = [row[2] for row in found]
        order[title] = {"mean": statistics.mean(each), "each": each}
        print(title, order[title])
    numbers["order"] = order
    memory = {}
    for title, backward, item in (
        ("trained", True, False),
        ("tested_item", False, True),
        ("tested", False, False),
    ):
        memory[title] = keep(f"memory {title}", kept_memory, backward, item)
        print(title, memory[title])
    numbers["memory"] = memory
    results.write(
        "training",
        numbers,
        seed=list(range(10)),
        command="python snippets/0_Pytorch_basics/training_experiment.py",
        note_zh="两层网络学手写数字：曲线与把握（十个种子）；学习率、忘记 zero_grad、"
        "多做一次 softmax、批的大小、顺序、换掉 ReLU（两到五个种子）。",
        note_en="Two layers learn the digits: curves and how sure (ten seeds); rates, a forgotten "
        "zero_grad, softmax twice, batch sizes, order, other than ReLU (two to five seeds).",
    )
    keep.finish()


if __name__ == "__main__":
    main()
