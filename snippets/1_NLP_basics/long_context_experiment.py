"""For the page `long-context`: a name far back is asked for at the end; who finds it?

    python snippets/1_NLP_basics/long_context_experiment.py

Rates are chosen with a seed of their own, three other seeds are measured; where both rates were as
good, with both. What was measured goes to
build/long_context.jsonl, so that a run that was stopped goes on; then all of it is put into
docs/assets/results/long_context.json. About a quarter of an hour of one core.
"""

import os
import statistics
import time
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from long_context import learn, right
from long_context_ways import LAYERS, LENGTH, WAYS, Way, built, reach, with_rounds
from wode.book import ROOT, results
from wode.book.kept import Kept

SEEDS, CHOOSING = [1, 2, 3], 10
STEPS, TEXTS = 200, 100
RATES = (3e-3, 6e-3)
THROUGH = Way("xl", memory=16, through=True)  # the control of what its memory leaves out
DISTANCES = [1, 4, 8, 9, 16, 17, 24, 31, 32, 47, 48, 62]
MORE_ROUNDS = (1, 2, 4, 8)


def run(name: str, lr: float, seed: int, steps: int, number: int) -> dict[str, Any]:
    """One training; the last losses, and which share is right at each distance."""
    torch.manual_seed(seed)
    way = WAYS.get(name, THROUGH)
    model, answer = built(way)
    began = time.process_time()
    losses = learn(model, answer, LENGTH, steps, lr, seed)
    found: dict[str, Any] = {
        "seconds": time.process_time() - began,
        "loss": statistics.mean(losses[-steps // 10 :]),
    }
    if number:
        found["right"] = [right(answer, d, LENGTH, number) for d in DISTANCES]
    if number and way.kind == "reformer":
        found["rounds"] = {
            str(n): [right(with_rounds(model, n)[1], d, LENGTH, number) for d in (8, 62)]
            for n in MORE_ROUNDS
        }
    return found


def means(rows: list[list[float]]) -> list[float]:
    """Of each column."""
    return [statistics.mean(column) for column in zip(*rows, strict=True)]


def summed(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Each distance's seeds, and their mean; near is a distance of 8, far one of 62."""
    found: dict[str, Any] = {
        "mean": [
            statistics.mean(column) for column in zip(*(r["right"] for r in runs), strict=True)
        ],
        "seeds": [r["right"] for r in runs],
        "loss": [r["loss"] for r in runs],
        "seconds": statistics.mean(r["seconds"] for r in runs),
    }
    found["lowest"] = min(min(r["right"]) for r in runs)  # of all distances and seeds
    for key, at in (("near", 8), ("far", 62)):
        seeds = [r["right"][DISTANCES.index(at)] for r in runs]
        found[key] = {"seeds": seeds, "mean": statistics.mean(seeds)}
        found[key] |= {"low": min(seeds), "high": max(seeds)}
    if "rounds" in runs[0]:
        found["rounds"] = {
            n: [
                statistics.mean(column)
                for column in zip(*(r["rounds"][n] for r in runs), strict=True)
            ]
            for n in runs[0]["rounds"]
        }
    return found


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "long_context.jsonl")
    numbers: dict[str, Any] = {
        "length": LENGTH, "layers": LAYERS, "steps": STEPS, "distances": DISTANCES,
        "ways": {}, "other": {}, "rates": {}, "rate": {}, "reach": {},
    }  # fmt: skip
    for name, way in WAYS.items():
        losses = {lr: kept("run", run, name, lr, CHOOSING, STEPS, 0)["loss"] for lr in RATES}
        good = min(losses.values()) + 0.05  # of those as good as the best, the smaller
        best = min(lr for lr in losses if losses[lr] < good)
        numbers["rates"][name] = {f"{lr:.0e}": loss for lr, loss in losses.items()}
        numbers["rate"][name] = best
        runs = [kept("run", run, name, best, seed, STEPS, TEXTS) for seed in SEEDS]
        numbers["ways"][name] = summed(runs)
        if losses[max(RATES)] < good and best != max(RATES):  # as good: does it change anything?
            runs = [kept("run", run, name, max(RATES), seed, STEPS, TEXTS) for seed in SEEDS]
            numbers["other"][name] = summed(runs)
        if way.kind != "reformer":  # its reach is a matter of chance
            numbers["reach"][name] = reach(way)
    rate = numbers["rate"]["xl16"]
    runs = [kept("run", run, "xl16_through", rate, seed, STEPS, TEXTS) for seed in SEEDS]
    numbers["ways"]["xl16_through"] = summed(runs)
    numbers["minutes"] = kept.minutes
    results.write(
        "long_context",
        numbers,
        command="python snippets/1_NLP_basics/long_context_experiment.py",
        seed=SEEDS,
        note_zh="长 64 的文本，名字在末尾前 1 到 62 处，末尾问是哪一个：各系统两层、同样大小，"
        "学习率各自选，三个种子；每个距离 100 篇新文本。",
        note_en="Texts of 64 tokens with a name 1 to 62 before the end, which asks for it: two "
        "layers of one size each, a rate chosen for each, three seeds; 100 new texts a distance.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
