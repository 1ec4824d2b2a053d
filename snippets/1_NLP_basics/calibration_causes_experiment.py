"""For the page `calibration`: which token of a long label decides, which place of an example.

    python snippets/1_NLP_basics/calibration_causes_experiment.py

The tokens of a long label one by one, without examples, with examples in the same words and in
others; every pattern of three and of four examples, half of those of five (each place is good as
often as bad, whatever the other places are). Writes docs/assets/results/calibration_causes.json.
About six minutes of one core.
"""

import itertools
import math
import statistics
from typing import Any

import torch

from calibration_experiment import GOOD, PAIRS, PROMPTS, REVIEWS, Measure, chosen, summary
from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.prompting import Prompt, Reader

SEEDS = (0, 1, 2, 3)
DESIGNS = {3: SEEDS, 4: SEEDS, 5: SEEDS[:2]}


def patterns(k: int) -> list[str]:
    """All of k places; of five those with an even number of good ones."""
    every = ["".join(bits) for bits in itertools.product("01", repeat=k)]
    return every if k < 5 else [one for one in every if one.count("1") % 2 == 0]


class Causes(Measure):
    def tokens(self, pair: str, words: str, seed: int) -> dict[str, Any]:
        """Each token's mean ln p, and how often the first label is said by parts of the label.

        words: the pair whose labels four examples carry, or "none" for no example.
        """
        examples = (
            chosen([True, False] * 2, seed, PAIRS[words], shuffled=True) if words in PAIRS else ()
        )
        description, written = PROMPTS["sentiment"]
        reader = Reader(self.model, self.tokenizer, Prompt(description, examples, written), 20)
        steps = []
        for label in PAIRS[pair]:
            begun = [" ".join(label.split()[: n + 1]) for n in range(len(label.split()))]
            assert [len(reader.encode(" " + part)) for part in begun] == [*range(1, len(begun) + 1)]
            sums = reader.label_logprobs(REVIEWS, begun)  # (40, n)
            steps.append(torch.cat([sums[:, :1], sums.diff(dim=1)], dim=1))
        first, second = steps
        ways = {
            "sum": (first.sum(dim=1), second.sum(dim=1)),
            "first": (first[:, 0], second[:, 0]),
            "mean": (first.mean(dim=1), second.mean(dim=1)),
            "without_last": tuple(
                s[:, :-1].mean(dim=1) if s.shape[1] > 1 else s[:, 0] for s in steps
            ),
        }
        found: dict[str, Any] = {"steps": [s.mean(dim=0).tolist() for s in steps]}
        for way, (a, b) in ways.items():
            said = a > b
            found[way] = {
                "first": int(said.sum()),
                "right": (said == GOOD).double().mean().item(),
            }
        found["agree"] = int(((first.sum(1) > second.sum(1)) == (first[:, 0] > second[:, 0])).sum())
        return found


def by_place(runs: dict[str, list[dict[str, Any]]], seeds: int) -> list[dict[str, Any]]:
    """For each place: said good with a good example there, with a bad one; the seeds' gains."""
    found = []
    for place in range(len(next(iter(runs)))):
        share = {
            one: [
                statistics.mean(
                    run[seed]["sum"]["first"] / 40 for p, run in runs.items() if p[place] == one
                )
                for seed in range(seeds)
            ]
            for one in "10"
        }
        gains = [a - b for a, b in zip(share["1"], share["0"], strict=True)]
        found.append(
            {
                "good": statistics.mean(share["1"]),
                "bad": statistics.mean(share["0"]),
                "gain": statistics.mean(gains),
                "each": gains,
                "low": min(gains),
                "high": max(gains),
                "error": statistics.stdev(gains) / math.sqrt(seeds),
            }
        )
    return found


def main() -> None:
    torch.set_num_threads(1)
    kept, measure = Kept(ROOT / "build" / "calibration_causes.jsonl"), Causes()
    numbers: dict[str, Any] = {"tokens": {}}
    for pair in ("1_4", "4_1"):
        cells = {"none": [kept("tokens", measure.tokens, pair, "none", 0)]}
        for words in (pair, "1_1"):
            runs = [kept("tokens", measure.tokens, pair, words, seed) for seed in SEEDS[:3]]
            cells["same" if words == pair else "other"] = runs
        numbers["tokens"][pair] = {
            name: {
                "steps": [
                    [statistics.mean(x) for x in zip(*(r["steps"][n] for r in runs), strict=True)]
                    for n in range(2)
                ],
                "rest": [  # of each label, all tokens but the first
                    -statistics.mean(sum(run["steps"][n][1:]) for run in runs) for n in range(2)
                ],
                "agree": sum(run["agree"] for run in runs) / (40 * len(runs)),
                **{
                    way: {
                        "first": statistics.mean(run[way]["first"] / 40 for run in runs),
                        "right": statistics.mean(run[way]["right"] for run in runs),
                        "runs": [run[way]["first"] for run in runs],
                    }
                    for way in ("sum", "first", "mean", "without_last")
                },
            }
            for name, runs in cells.items()
        }
    for k in (4, 3, 5):
        runs = {
            p: [kept("pattern", measure.pattern, p, seed) for seed in DESIGNS[k]]
            for p in patterns(k)
        }
        numbers[f"places_{k}"] = by_place(runs, len(DESIGNS[k]))
        if k == 4:
            numbers["patterns"] = {p: summary(found) for p, found in runs.items()}
            numbers["all_patterns"] = summary([run for found in runs.values() for run in found])
            numbers["by_count"] = [
                statistics.mean(
                    run["sum"]["first"] / 40 for p in runs if p.count("1") == n for run in runs[p]
                )
                for n in range(5)
            ]
    numbers["minutes"] = kept.minutes
    results.write(
        "calibration_causes",
        numbers,
        command="python snippets/1_NLP_basics/calibration_causes_experiment.py",
        seed=list(SEEDS),
        note_zh="SmolLM2-135M-Instruct 判断 40 条评论：长标签逐个 token 的对数概率，没有例子、"
        "例子用同样的词、用别的词；三个、四个例子的所有排法，五个例子的一半排法。",
        note_en="SmolLM2-135M-Instruct on 40 reviews: a long label's tokens one by one, without "
        "examples, with examples in the same words and in others; all patterns of three and four "
        "examples, half of those of five.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
