"""How well does a buffer mix a stream, what does that do to training, what memory does it save?

    python snippets/0_Pytorch_basics/streaming_experiment.py

writes docs/assets/results/streaming.json, which the page and its figures read. Eight minutes of one
core; a run that was stopped goes on where it was.
"""

import statistics
import tempfile
import tracemalloc
from collections.abc import Callable, Iterable
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader

from streaming import Shared, Shuffled, rank_correlation
from two_layers import TwoLayers
from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.data import digits_tensors

SEEDS = range(10)
COUNT = 10_000  # length of the stream that is mixed
SIZES = [1, 10, 100, 300, 1000, 2000, 3000, 5000, 7000, 10_000]
BUFFERS = [1, 36, 144, 359, 719, 1077, 1437]
RATES = [0.02, 0.1, 0.5]
EPOCHS = [5, 15, 45]
PLACES = [2, 3, 5, 7, 30, 100]  # besides 10, which is about one for each class


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def mixed(size: int) -> dict[str, float]:
    """Rank correlation of places, over the seeds."""
    orders = [list(Shuffled(range(COUNT), size, seeded(seed))) for seed in SEEDS]
    return {"correlation": statistics.fmean(rank_correlation(order) for order in orders)}


def in_turns(order: list[int], places: int) -> list[int]:
    """Read from ``places`` places of the stream in turns."""
    step = -(-len(order) // places)
    parts = [order[start : start + step] for start in range(0, len(order), step)]
    return [item for item in chain(*zip_longest(*parts)) if item is not None]


def accuracies(
    way: str, size: int, rate: float, seed: int, places: int = 10, last: int = max(EPOCHS)
) -> list[float]:
    """Test accuracy after each of EPOCHS, trained on digits sorted by label, then mixed."""
    images, labels = digits_tensors(train=True)
    test_images, test_labels = digits_tensors(train=False)
    stream = torch.argsort(labels, stable=True).tolist()
    if way == "turns":
        stream = in_turns(stream, places)
    elif way == "once":  # the file itself was shuffled once
        stream = [stream[k] for k in torch.randperm(len(stream), generator=seeded(seed)).tolist()]
    loader = Shuffled(stream, size, seeded(seed))
    torch.manual_seed(seed)
    model = TwoLayers()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    found = []
    for epoch in range(1, last + 1):
        order = torch.tensor(list(loader))
        for batch in order.split(32):
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch in EPOCHS:
            with torch.no_grad():
                right = model(test_images).argmax(dim=1) == test_labels
            found.append(right.float().mean().item())
    return found


def by_places(kept: Kept) -> dict[str, float]:
    """Mean accuracy after 15 epochs at rate 0.1, read from more or fewer places in turns."""
    found = {}
    for places in PLACES:
        runs = [kept("accuracies", accuracies, "turns", 1, 0.1, seed, places, 15) for seed in SEEDS]
        found[str(places)] = statistics.fmean(run[-1] for run in runs)
        print(places, "places", found[str(places)], flush=True)
    return found


def summary(runs: list[list[float]]) -> dict[str, dict[str, float]]:
    """For each of EPOCHS: mean, least, greatest."""
    columns = list(zip(*runs, strict=True))
    return {
        str(epochs): {
            "mean": statistics.fmean(column),
            "low": min(column),
            "high": max(column),
        }
        for epochs, column in zip(EPOCHS, columns, strict=True)
    }


def peak_mb(action: Callable[[], object]) -> float:
    tracemalloc.start()
    action()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def memory(count: int) -> dict[str, float]:
    """Peak of Python's memory while all lines of a file are read, in MB."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "lines.txt")
        path.write_text("".join(f"{k} " + "word " * (k % 20) + "\n" for k in range(count)))

        def read(stream: Iterable[str]) -> None:
            for _ in stream:
                pass

        return {
            "file": path.stat().st_size / 1e6,
            "list": peak_mb(lambda: path.read_text().split("\n")),
            "stream": peak_mb(lambda: read(Shared(path))),
            "buffer": peak_mb(lambda: read(Shuffled(Shared(path), 1000))),
        }


def alike(own: bool, workers: int) -> dict[str, int]:
    """Two epochs of 1000 lines: how many come in the same place? Least and most, over the seeds."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "lines.txt")
        path.write_text("".join(f"{k}\n" for k in range(1000)))
        for seed in SEEDS:
            torch.manual_seed(seed)
            stream = Shuffled(Shared(path), 100, seeded(seed) if own else None)
            loader = DataLoader(stream, batch_size=None, num_workers=workers)
            first, second = list(loader), list(loader)
            found.append(sum(a == b for a, b in zip(first, second, strict=True)))
    return {"least": min(found), "most": max(found)}


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "streaming.jsonl")
    ways = [("buffer", size) for size in BUFFERS]
    ways += [("turns", size) for size in (1, 36, 144)] + [("once", size) for size in (1, 144)]
    trained: dict[str, Any] = {}
    for way, size in ways:
        for rate in RATES:
            name = f"{way}_{size}_{rate}"
            runs = [kept("accuracies", accuracies, way, size, rate, seed) for seed in SEEDS]
            trained.setdefault(way, {}).setdefault(str(size), {})[str(rate)] = summary(runs)
            print(name, trained[way][str(size)][str(rate)], flush=True)
    tables = {f"{way}_{size}": trained[way][str(size)]["0.1"]["15"]["mean"] for way, size in ways}
    for size in (1, 1437):
        tables[f"long_{size}"] = trained["buffer"][str(size)]["0.1"]["45"]["mean"]
        tables[f"fast_{size}"] = trained["buffer"][str(size)]["0.5"]["45"]["mean"]
    tables["long_359"] = trained["buffer"]["359"]["0.1"]["45"]["mean"]
    at_15 = [trained["buffer"][str(size)]["0.1"]["15"] for size in BUFFERS]
    tables["spread"] = max(found["high"] - found["low"] for found in at_15)
    counts = [1000, 10_000, 100_000, 400_000]
    numbers: dict[str, Any] = {
        "seeds": len(SEEDS),
        "count": COUNT,
        "sizes": SIZES,
        "mixed": {str(size): mixed(size) for size in SIZES},
        "buffers": BUFFERS,
        "rates": RATES,
        "epochs": EPOCHS,
        "trained": trained,
        "tables": tables,
        "places": by_places(kept),
        "alike": {
            "own_2": alike(own=True, workers=2),
            "own_0": alike(own=True, workers=0),
            "torch_2": alike(own=False, workers=2),
        },
        "counts": counts,
        "memory": {str(count): memory(count) for count in counts},
    }
    print(numbers["mixed"], numbers["memory"])
    results.write(
        "streaming",
        numbers,
        seed=list(SEEDS),
        command="python snippets/0_Pytorch_basics/streaming_experiment.py",
        note_zh="缓冲区打乱一条流：混得多匀，按标签排好的数字训练成什么样，省多少内存。",
        note_en="A buffer shuffles a stream: how well, what sorted digits train to, what memory.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
