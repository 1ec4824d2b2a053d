"""For the page `in-context-learning`: the lines again, seed by seed.

    python snippets/1_NLP_basics/in_context_learning_seeds_experiment.py

A third seed for each number of lines in the training, three of four lines trained twice as long,
and what in_context_learning_experiment.py keeps as a mean only. Writes
docs/assets/results/in_context_learning_seeds.json. About four minutes of one core.
"""

import statistics
from typing import Any

import torch

from in_context_learning_experiment import SEEDS, TASKS
from in_context_learning_lines import (
    measure_lines,
    measure_longer,
    measure_tasks,
    measure_wide,
)
from wode.book import results
from wode.book.kept import Kept


def spread(each: list[float]) -> dict[str, Any]:
    return {"each": each, "mean": statistics.mean(each), "low": min(each), "high": max(each)}


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(results.ROOT / "build" / "in_context_learning_seeds.jsonl")
    first = results.read("in_context_learning")["numbers"]["tasks"]
    tasks: dict[str, Any] = {"numbers": TASKS}
    numbers: dict[str, Any] = {"tasks": tasks}
    longer = [kept("tasks", measure_tasks, 4, seed, 800) for seed in SEEDS]
    numbers["four_longer"] = {
        key: spread([run[key][8] for run in longer]) for key in ("known", "new")
    }
    for number in (4, 16, 1, 64, 256, 1024, 0):
        third = kept("tasks", measure_tasks, number, 2, 400)
        tasks[str(number)] = {
            key: spread([*first[str(number)][key]["each"], third[key][8]])
            for key in ("known", "new")
        }
    wide = [kept("wide", measure_wide, seed) for seed in SEEDS]
    lines = [kept("lines", measure_lines, seed, 400, 1e-2) for seed in SEEDS]
    places = [kept("longer", measure_longer, seed) for seed in SEEDS]
    numbers["model"] = spread([run["model"][8] for run in lines])
    numbers["apart"] = {
        key: spread([run["apart"][key] for run in lines]) for key in lines[0]["apart"]
    }
    numbers["stretched"] = [spread([run["stretched"][by] for run in lines]) for by in range(4)]
    numbers["wide"] = [spread([run[by] for run in wide]) for by in range(4)]
    numbers["places"] = {
        key: {str(k): spread([run[key][k] for run in places]) for k in (8, 16, 24)}
        for key in ("table", "none")
    }
    results.write(
        "in_context_learning_seeds",
        numbers,
        seed=SEEDS,
        command="python snippets/1_NLP_basics/in_context_learning_seeds_experiment.py",
        note_zh=f"学直线的小模型，三个种子各是多少；CPU {kept.minutes:.0f} 分钟。",
        note_en="Small models that learn lines, what each of three seeds has; "
        f"{kept.minutes:.0f} CPU minutes.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
