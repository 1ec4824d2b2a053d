"""For the page `encoders`: a chain, all pairs and trees on ListOps, on sentiment, and their speed.

    python snippets/1_NLP_basics/encoders_experiment.py

needs `sst2` of WODE_DATA. What was measured is kept in build/, so that a run that was stopped goes
on, and several can share the work. Writes docs/assets/results/encoders.json. About half an hour of
one core.
"""

import os
import statistics
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

import encoders_listops as listops
import encoders_sentiment as sentiment
from encoders_listops import WAYS
from encoders_sentiment import WAYS as FILM_WAYS
from encoders_speed import speed
from wode.book import ROOT, results
from wode.book.kept import Kept

SECONDS = 8.0  # of learning on ListOps, by the cost of a step as it was measured
FILM_SECONDS = 4.0
RATES = (1e-3, 3e-3, 1e-2)  # of sentiment
LIST_RATE = 6e-3  # for each way the best of 0.002, 0.006, 0.02 with seed 0 and 12 seconds, before
SEEDS, FILM_SEEDS, CHOOSING = (1, 2, 3), (1, 2, 3, 4, 5), 0
LONGER = 4  # times as long on sentiment: three seeds
LATE_TABLES = (*(f"d{depth}" for depth in range(1, 7)), "SM", "decisive")
#: Way, steps of about 48 seconds, seeds.
LATE = {
    "binary": (4520, SEEDS),
    "child_sum": (9640, (1,)),
    "lstm": (10_520, (1,)),
    "attention": (5080, (1,)),
}
FILM_LONGER = ("lstm", "attention", "balanced")


def spread(values: list[float]) -> dict[str, Any]:
    return {
        "mean": statistics.mean(values),
        "low": min(values),
        "high": max(values),
        "seeds": values,
    }


def over_seeds(runs: list[dict[str, float]]) -> dict[str, Any]:
    return {name: spread([run[name] for run in runs]) for name in runs[0]}


def on_listops(kept: Kept) -> dict[str, Any]:
    """Each way with steps for as much time, and some for 48 seconds."""
    costs = kept("listops costs", listops.step_seconds, [*WAYS])
    steps = {way: int(SECONDS / costs[way]) // 10 * 10 for way in WAYS}
    found: dict[str, Any] = {"ways": {}}
    for way in WAYS:
        runs = [
            kept("listops", listops.measured, way, steps[way], LIST_RATE, seed, "test")
            for seed in SEEDS
        ]
        found["ways"][way] = over_seeds(runs) | {
            "steps": steps[way],
            "weights": listops.weights(way),
        }
    for way, (count, seeds) in LATE.items():
        runs = [
            kept("listops", listops.measured, way, count, LIST_RATE, seed, "test") for seed in seeds
        ]
        late = over_seeds(runs)
        found.setdefault("late", {})[way] = {name: late[name] for name in LATE_TABLES}
    found["baselines"] = kept("listops baselines", listops.baselines)
    return found | kept("listops facts", listops.facts)


def on_sentiment(kept: Kept) -> dict[str, Any]:
    """Each way at the rate that the dev set chose, stopped where the dev set was best."""
    costs = kept("film costs", sentiment.step_seconds, [*FILM_WAYS])
    found: dict[str, Any] = {"ways": {}}
    for way in FILM_WAYS:
        steps = int(FILM_SECONDS / costs[way]) // 10 * 10
        tried = {
            rate: kept("film", sentiment.measured, way, steps, rate, CHOOSING) for rate in RATES
        }
        rate = max(tried, key=lambda one: tried[one]["dev"])
        runs = [kept("film", sentiment.measured, way, steps, rate, seed) for seed in FILM_SEEDS]
        found["ways"][way] = over_seeds(runs) | {
            "rate": rate,
            "tried": [one["dev"] for one in tried.values()],
            "steps": steps,
            **{f"{kind}_weights": n for kind, n in sentiment.weights(way).items()},
        }
    found["longer"] = {}
    for way in FILM_LONGER:
        steps, rate = LONGER * found["ways"][way]["steps"], found["ways"][way]["rate"]
        runs = [kept("film", sentiment.measured, way, steps, rate, seed) for seed in SEEDS]
        found["longer"][way] = over_seeds(runs)
    return found | kept("film baselines", sentiment.baselines)


def loop_over_batch(times: dict[str, Any]) -> dict[str, float]:
    """How many times as long child-sum takes node by node."""
    return {kind: times[kind]["loop"] / times[kind]["child_sum"] for kind in ("forward", "step")}


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "encoders.jsonl")
    times = {f"b{count}": kept("times", speed, count) for count in (1, 8, 64, 256)}
    numbers = {
        "listops": on_listops(kept),
        "sentiment": on_sentiment(kept),
        "speed": times | {"loop_over_batch": loop_over_batch(times["b64"])},
        "seconds": SECONDS,
        "film_seconds": FILM_SECONDS,
        "minutes": kept.minutes,
    }
    results.write(
        "encoders",
        numbers,
        command="python snippets/1_NLP_basics/encoders_experiment.py",
        seed=[*FILM_SEEDS],
        note_zh="ListOps：深度 1 到 3 的式子，各种编码器参数一样多、时间差不多，三个种子，"
        "也测深度 4 到 6 的、一样长的、里面几层换掉的；SST-2 的影评，五个种子；"
        "节点和词元的 CPU 时间。",
        note_en="ListOps: expressions of depth 1 to 3, encoders with as many weights and about as "
        "much time, three seeds, tested on depths 4 to 6, at equal length and with inner levels "
        "hidden too; reviews of SST-2, five seeds; CPU time a node and a token.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
