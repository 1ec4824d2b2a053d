"""What the order of the examples changes, measured on the digits; and what workers save.

    python snippets/0_Pytorch_basics/dataloader_experiment.py

trains two layers in five orders at five learning rates with ten seeds, and writes
docs/assets/results/dataloader.json. Two minutes.
"""

import statistics
import time
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, TensorDataset

from dataloader import trained
from two_layers import TwoLayers
from wode.book import results
from wode.data import digits_tensors
from wode.training import accuracy, train

SEEDS = list(range(10))
FEW = SEEDS[:5]  # where rate and budget vary
EPOCHS = 15
RATES = (0.01, 0.03, 0.1, 0.3, 1.0)
LARGE = RATES[2:]
RUNS = (0, 32, 64, 128)  # of one digit in a row; a batch is 32


def in_turn(labels: Tensor) -> Tensor:
    """Rows so that the labels go 0, 1, …, 9, 0, 1, …: no chance, and mixed."""
    rank = torch.zeros_like(labels)
    for digit in range(10):
        rank[labels == digit] = torch.arange(int((labels == digit).sum()))
    return (rank * 10 + labels).argsort()


def rows_of(order: str, seed: int) -> Tensor:
    images, labels = digits_tensors(train=True)
    if order == "sorted":
        return labels.argsort(stable=True)
    if order == "in_turn":
        return in_turn(labels)
    if order == "by_ink":  # sorted too, but not by the label
        return images.sum(dim=(1, 2, 3)).argsort(stable=True)
    return torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))


ORDERS = ("sorted", "by_ink", "in_turn", "once", "epoch")


def after(order: str, seed: int, lr: float = 0.1, epochs: int = EPOCHS) -> float:
    return trained(rows_of(order, seed), order == "epoch", seed, epochs, lr)


def by_run(seed: int, run: int, lr: float) -> float:
    """128 of each digit, `run` of one digit in a row, the digits in turn; 0 is shuffled once."""
    _, labels = digits_tensors(train=True)
    table = torch.stack([(labels == digit).nonzero()[:128, 0] for digit in range(10)])
    if run:
        rows = table.reshape(10, 128 // run, run).transpose(0, 1).flatten()
    else:
        order = torch.randperm(1280, generator=torch.Generator().manual_seed(seed))
        rows = table.flatten()[order]
    return trained(rows, False, seed, EPOCHS, lr)


def by_epoch(order: str, seed: int) -> list[float]:
    """Test accuracy after each epoch."""
    torch.manual_seed(seed)
    model, rows = TwoLayers(), rows_of(order, seed)
    x, y = digits_tensors(train=True)
    loader = DataLoader(TensorDataset(x[rows], y[rows]), batch_size=32, shuffle=order == "epoch")
    test = DataLoader(TensorDataset(*digits_tensors(train=False)), batch_size=360)
    sgd = torch.optim.SGD(model.parameters(), lr=0.1)
    log = train(
        model,
        loader,
        sgd,
        F.cross_entropy,
        epochs=EPOCHS,
        progress=False,
        evaluate=lambda model: {"accuracy": accuracy(model, test)},
    )
    return [row["accuracy"] for row in log]


def forgetting(seed: int, epochs: tuple[int, ...] = (1, 15), lr: float = 0.1) -> dict[str, list]:
    """Sorted by label: after each digit's stretch, the share of each test digit that is right."""
    torch.manual_seed(seed)
    model = TwoLayers()
    x, y = digits_tensors(train=True)
    images, labels = digits_tensors(train=False)
    sgd = torch.optim.SGD(model.parameters(), lr=lr)
    table = {}
    for epoch in range(1, max(epochs) + 1):
        found = []
        for digit in range(10):
            only = DataLoader(TensorDataset(x[y == digit], y[y == digit]), batch_size=32)
            train(model, only, sgd, F.cross_entropy, epochs=1, progress=False)
            with torch.no_grad():
                right = model(images).argmax(dim=1) == labels
            found.append([right[labels == k].double().mean().item() for k in range(10)])
        table[epoch] = found
    return {str(epoch): table[epoch] for epoch in epochs}


def mean_tables(tables: list[dict[str, list]]) -> dict[str, list]:
    return {
        epoch: torch.tensor([table[epoch] for table in tables]).mean(dim=0).tolist()
        for epoch in tables[0]
    }


class Slow(Dataset):
    """Items that take a while to fetch, as pictures on a disk do."""

    def __init__(self, wait: float) -> None:
        self.wait = wait

    def __len__(self) -> int:
        return 128

    def __getitem__(self, index: int) -> int:
        if self.wait:
            time.sleep(self.wait)
        return index


def epoch_seconds(wait: float, workers: int, started: bool = False) -> float:
    """Of one epoch; with `started`, of the second, the workers kept from the first."""
    loader = DataLoader(Slow(wait), batch_size=16, num_workers=workers, persistent_workers=started)
    for _ in range(1 + started):
        start = time.monotonic()
        for _ in loader:
            time.sleep(0.005)  # a training step
    return time.monotonic() - start


WORKERS = {"0": (0,), "2": (2,), "kept": (2, True)}


def with_workers(repeats: int = 5) -> dict[str, dict]:
    """Seconds of an epoch, and as a share of those with none."""
    table = {}
    for name, wait in (("slow", 0.02), ("quick", 0)):
        seconds = {way: [] for way in WORKERS}
        for _ in range(repeats):
            for way, workers in WORKERS.items():  # in turn: a busy machine hits all alike
                seconds[way].append(epoch_seconds(wait, *workers))
        table[name] = {way: statistics.median(values) for way, values in seconds.items()}
        table[name]["ratio"] = table[name]["2"] / table[name]["0"]
        table[name]["start"] = table[name]["2"] - table[name]["kept"]
        table[name]["ratio_kept"] = table[name]["kept"] / table[name]["0"]
    return table


def summary(values: Sequence[float]) -> dict[str, float]:
    return {"mean": statistics.fmean(values), "low": min(values), "high": max(values)}


def main() -> None:
    torch.set_num_threads(1)
    numbers: dict[str, Any] = {
        "seeds": len(SEEDS),
        "few": len(FEW),
        "epochs": EPOCHS,
        "rates": RATES,
    }
    numbers["by_epoch"], numbers["by_rate"], numbers["longer"] = {}, {}, {}
    final = {}
    for order in ORDERS:
        runs = [by_epoch(order, seed) for seed in SEEDS]
        final[order] = [run[-1] for run in runs]
        numbers["by_epoch"][order] = [summary(values) for values in zip(*runs, strict=True)]
        print(order, numbers["by_epoch"][order][-1], flush=True)
    numbers["gap"] = summary([e - o for e, o in zip(final["epoch"], final["once"], strict=True)])
    numbers["forgetting"] = mean_tables([forgetting(seed) for seed in SEEDS])
    for order in ("sorted", "in_turn", "epoch"):
        numbers["by_rate"][order] = [
            summary(final[order] if lr == 0.1 else [after(order, seed, lr) for seed in FEW])
            for lr in RATES
        ]
        numbers["longer"][order] = summary([after(order, seed, epochs=60) for seed in FEW])
        print(order, numbers["by_rate"][order], numbers["longer"][order], flush=True)
    numbers["by_run"] = {
        str(run): [summary([by_run(seed, run, lr) for seed in FEW]) for lr in LARGE] for run in RUNS
    }
    numbers["workers"] = with_workers()
    print(numbers["workers"], flush=True)
    results.write(
        "dataloader",
        numbers,
        seed=SEEDS,
        command="python snippets/0_Pytorch_basics/dataloader_experiment.py",
        note_zh="两层的网络，同样的数字图片，只改变样本的顺序；取得慢的样本和取得快的，用两个工作进程。",
        note_en="Two layers, the same digits, only the order of the examples changes; "
        "items slow and quick to fetch, with two workers.",
    )


if __name__ == "__main__":
    main()
