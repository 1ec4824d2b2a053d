"""For the page `reformer`: what hashing finds, what it learns, what reversible layers cost.

    python snippets/1_NLP_basics/reformer_experiment.py

needs `tinyshakespeare` in WODE_DATA. What was measured is kept in build/reformer.jsonl, so that a
run that was stopped goes on. Writes docs/assets/results/reformer.json. About nine minutes of one
core.
"""

import os
import statistics
import subprocess
import sys
import time
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from reformer_copying import copied, varied
from reformer_hashing import collisions, nearest, real
from reformer_memory import WAYS, kept_by, reference, rounding, seconds
from reformer_text import read
from wode.book import ROOT, results
from wode.book.kept import Kept

SEEDS = [0, 1, 2]
RATES = (3e-3, 1e-2)
DEPTHS = (2, 4, 8, 16)
COPYING = ("full", "1", "2")
HARD = [(way, rounds) for rounds in (1, 2) for way in ("shared", "apart", "itself")]
TEXT = ("full", "itself", "hashed", "window", "narrow")


def timed(measure: Any) -> Any:
    """The same measurement, and the CPU seconds that it took."""

    def measured(*args: Any) -> dict[str, Any]:
        began = time.process_time()
        found = measure(*args)
        found = found if isinstance(found, dict) else {"right": found}
        return {**found, "seconds": time.process_time() - began}

    return measured


def in_a_process(way: str, number: int) -> float:
    script = str(ROOT / "snippets/1_NLP_basics/reformer_memory.py")
    run = [sys.executable, script, way, str(number)]
    return float(subprocess.run(run, check=True, capture_output=True, text=True).stdout)


def means(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean, lowest, highest and each seed's; dicts may nest."""
    found = {}
    for key, value in rows[0].items():
        of = [row[key] for row in rows]
        if isinstance(value, dict):
            found[key] = means(of)
        else:
            found[key] = {
                "mean": statistics.mean(of), "low": min(of), "high": max(of), "seeds": of
            }  # fmt: skip
    return found


def best_rate(kept: Kept, name: str, measure: Any, score: Any, *args: Any) -> float:
    """The rate of `RATES` that does best with seed 10, which is not used again."""
    return max(RATES, key=lambda lr: score(kept(name, timed(measure), *args, 10, lr)))


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "reformer.jsonl")
    numbers: dict[str, Any] = {
        "collisions": kept("collisions", collisions),
        "nearest": means([kept("nearest", nearest, seed) for seed in SEEDS]),
        "seeds": len(SEEDS),
    }
    numbers["kept"] = {way: {str(n): kept("held", kept_by, way, n) for n in DEPTHS} for way in WAYS}
    numbers["peak"] = {
        way: {str(n): kept("peak", in_a_process, way, n) for n in (2, 16)} for way in WAYS
    }
    times = {way: kept("time", seconds, way) for way in WAYS}
    numbers["time"] = {way: times[way] / times["stored"] for way in WAYS}
    numbers["rounding"] = {
        f"{kind}_{name}": {str(n): kept("rounding", rounding, n, std, kind) for n in (4, 16, 64)}
        for kind, name, std in (
            ("float32", "small", 0.02),
            ("float32", "large", 0.1),
            ("bfloat16", "small", 0.02),
        )
    }
    numbers["reference"] = kept("reference", reference)
    numbers["real"] = means([kept("real", real, passage) for passage in SEEDS])

    def of_copying(row: dict[str, Any]) -> float:
        return row["8"]

    numbers["copying"], numbers["rates"] = {}, {}
    for way in COPYING:
        numbers["rates"][way] = lr = best_rate(kept, "copying", copied, of_copying, way)
        runs = [kept("copying", timed(copied), way, seed, lr) for seed in SEEDS]
        numbers["copying"][way] = means(runs)
    numbers["varied"] = {}
    for way, rounds in HARD:
        args = (f"{way}_hashed", rounds)
        lr = best_rate(kept, "varied", varied, lambda row: row["right"], *args)
        runs = [kept("varied", timed(varied), *args, seed, lr) for seed in SEEDS]
        numbers["varied"][f"{way}_{rounds}"] = {"lr": lr, **means(runs)}
    for way in ("shared", "apart", "itself"):
        runs = [kept("varied", timed(varied), f"{way}_full", 1, seed, RATES[0]) for seed in SEEDS]
        numbers["varied"][f"{way}_full"] = means(runs)
    numbers["text"] = {
        way: means([kept("text", timed(read), way, seed, 1e-2) for seed in SEEDS]) for way in TEXT
    }
    numbers["minutes"] = kept.minutes
    results.write(
        "reformer",
        numbers,
        command="python snippets/1_NLP_basics/reformer_experiment.py",
        seed=SEEDS,
        note_zh="哈希找到什么：公式与计数、随机向量、SmolLM2 的注意力；0w0w 和莎士比亚怎样学；"
        "可逆层的内存、时间和舍入。",
        note_en="What hashing finds: formula and count, random vectors, SmolLM2's attention; "
        "0w0w and Shakespeare learned; memory, time and rounding of reversible layers.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
