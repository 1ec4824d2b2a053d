"""For the page `calibration`: where the line between two labels lies, and what moves it.

    python snippets/1_NLP_basics/calibration_experiment.py

What was measured is kept in build/calibration.jsonl, so that a run that was stopped goes on. Writes
docs/assets/results/calibration.json. About five minutes of one core.
"""

import math
import random
import statistics
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.calibration import CONTENT_FREE, contextual_calibration
from wode.prompting import Bfloat16, Example, Format, Prompt, Reader, from_pretrained
from wode.tasks.prompts import TASKS

SEEDS = (0, 1, 2)
SIZES = (4, 8, 16, 24)
SHARES = (0, 0.25, 0.5, 0.75, 1)
TASK = TASKS["sentiment"]
PROMPTS = {
    "question": ("Is the review good or bad?", Format()),
    "sentiment": (TASK.description, TASK.format),
    "sentence": ("Is the review good or bad?", Format("Review: {}\nThis review is")),
}
PAIRS = {
    "1_1": ("positive", "negative"),
    "good_bad": ("good", "bad"),
    "1_4": ("good", "not good at all"),
    "4_1": ("not bad at all", "bad"),
    "2_4": ("very good", "not good at all"),
}
REVIEWS, TRUTH = map(list, zip(*TASK.tests, strict=True))
GOOD = torch.tensor([label == "positive" for label in TRUTH])  # (40,)


def judged(scores: Tensor, free: Tensor, lengths: Tensor, letters: Tensor) -> dict[str, Any]:
    """How often the first label is said, and what is right, by each way; both (N, 2)."""
    ways = {
        "sum": scores,
        "per_token": scores / lengths,
        "per_letter": scores / letters,
        "content_free": contextual_calibration(scores, free),
        "batch": contextual_calibration(scores, scores),
        "middle": scores - scores.mean(dim=0),
    }
    found: dict[str, Any] = {}
    for way, x in ways.items():
        said = x[:, 0] > x[:, 1]
        found[way] = {
            "right": (said == GOOD).double().mean().item(),
            "first": int(said.sum()),
        }
    apart = scores[:, 0] - scores[:, 1]  # (N,)
    pairs = apart[GOOD][:, None] > apart[~GOOD]
    found["order"] = pairs.double().mean().item()  # of a good and a bad one, the good is higher
    found["apart"] = [round(x, 2) for x in apart.tolist()]
    found["line"] = round((free[0, 0] - free[0, 1]).item(), 2)  # that of "N/A"
    return found


class Measure:
    """What the experiment asks the model."""

    def __init__(self) -> None:
        model, self.tokenizer = from_pretrained()
        self.model = Bfloat16(model)

    def ask(
        self, prompt: str, examples: Sequence[Example], pairs: Sequence[tuple[str, str]]
    ) -> list[dict[str, Any]]:
        """All 40 reviews, one reading for all pairs of labels."""
        description, written = PROMPTS[prompt]
        reader = Reader(self.model, self.tokenizer, Prompt(description, examples, written), 20)
        labels = sorted({label for pair in pairs for label in pair})
        scores = reader.label_logprobs(REVIEWS, labels)
        free = reader.label_logprobs(CONTENT_FREE, labels)
        lengths = torch.tensor([len(reader.encode(" " + label)) for label in labels])
        letters = torch.tensor([len(label) for label in labels])
        found = []
        for pair in pairs:
            two = [labels.index(label) for label in pair]
            found.append(judged(scores[:, two], free[:, two], lengths[two], letters[two]))
        return found

    def zero(self, prompt: str) -> dict[str, Any]:
        """No example: five pairs of labels."""
        return dict(zip(PAIRS, self.ask(prompt, (), list(PAIRS.values())), strict=True))

    def four(self, prompt: str, pair: str, seed: int) -> dict[str, Any]:
        """Two examples of each label, in the words of the pair."""
        examples = chosen([True, False] * 2, seed, PAIRS[pair], shuffled=True)
        return self.ask(prompt, examples, [PAIRS[pair]])[0]

    def pattern(self, good: str, seed: int) -> dict[str, Any]:
        """Four examples, which of them are good in this order: ``"1011"``."""
        examples = chosen([one == "1" for one in good], seed, PAIRS["1_1"])
        return self.ask("sentiment", examples, [PAIRS["1_1"]])[0]

    def flipped(self, k: int, share: float, seed: int, labels: str = "1_1") -> dict[str, Any]:
        """k examples, half of each label, of which a share carries the other label."""
        pair = PAIRS.get(labels, ("foo", "bar"))
        examples = chosen([True, False] * (k // 2), seed, pair, shuffled=True)
        rng, wrong = random.Random(seed), []
        for label, count in zip(pair, split(round(share * k), rng), strict=True):
            places = [i for i, (_, said) in enumerate(examples) if said == label]
            wrong += rng.sample(places, count)
        for i in wrong:
            examples[i] = (examples[i][0], pair[examples[i][1] == pair[0]])
        return self.ask("sentiment", examples, [pair])[0]

    def alternating(self, k: int, wrong: int, seed: int) -> dict[str, Any]:
        """k examples, good, bad, good, bad …, all of their labels right or all of them wrong."""
        pair = PAIRS["1_1"][::-1] if wrong else PAIRS["1_1"]
        examples = chosen([True, False] * (k // 2), seed, pair)
        return self.ask("sentiment", examples, [PAIRS["1_1"]])[0]


def split(count: int, rng: random.Random) -> tuple[int, int]:
    """In two halves; an odd one falls to either."""
    first = count // 2 + (count % 2 and rng.randrange(2))
    return first, count - first


def chosen(
    good: Sequence[bool], seed: int, pair: tuple[str, str], shuffled: bool = False
) -> list[Example]:
    """Reviews of the pool, good or bad as told, their labels in the words of ``pair``."""
    rng = random.Random(seed)
    pools = [[q for q, label in TASK.shown() if label == name] for name in TASK.labels]
    for pool in pools:
        rng.shuffle(pool)
    examples = [(pools[not one].pop(), pair[not one]) for one in good]
    if shuffled:
        rng.shuffle(examples)
    return examples


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Over runs: means by way, the lowest and highest, all that is said."""
    found: dict[str, Any] = {"order": statistics.mean(run["order"] for run in runs)}
    for way in ("sum", "per_token", "content_free", "batch", "middle"):
        right = [run[way]["right"] for run in runs]
        found[way] = {
            "right": statistics.mean(right),
            "error": statistics.stdev(right) / math.sqrt(len(right)),
            "low": min(right),
            "high": max(right),
            "runs": right,
            "first": statistics.mean(run[way]["first"] / len(REVIEWS) for run in runs),
        }
    return found


def lopsided(apart: list[float]) -> dict[str, float]:
    """The middle of a batch that is not half and half: 20 of one kind, 5 of the other."""
    scores, found = torch.tensor(apart), {}
    for name, few in (("few_bad", ~GOOD), ("few_good", GOOD)):
        rows = torch.cat([(~few).nonzero()[:, 0], few.nonzero()[:5, 0]])
        said = scores[rows] > scores[rows].mean()
        found[name] = (said == GOOD[rows]).double().mean().item()
    return found


def main() -> None:
    torch.set_num_threads(1)
    kept, measure = Kept(ROOT / "build" / "calibration.jsonl"), Measure()
    zero = {prompt: kept("zero", measure.zero, prompt) for prompt in PROMPTS}
    numbers: dict[str, Any] = {
        "good": GOOD.long().tolist(),
        "zero": zero,
        "lopsided": lopsided(zero["sentiment"]["1_1"]["apart"]),
    }
    numbers["four"] = {
        prompt: {
            pair: summary([kept("four", measure.four, prompt, pair, s) for s in SEEDS])
            for pair in ("1_1", "1_4", "4_1")
        }
        for prompt in ("sentiment", "sentence")
    }
    numbers["flipped"] = {
        f"k{k}": {
            f"{share:.0%}".rstrip("%"): summary(
                [kept("flipped", measure.flipped, k, share, s) for s in SEEDS]
            )
            for share in SHARES
        }
        for k in SIZES
    }
    numbers["alternating"] = {
        f"k{k}": {
            "wrong" if wrong else "correct": summary(
                [kept("alternating", measure.alternating, k, wrong, s) for s in SEEDS]
            )
            for wrong in (0, 1)
        }
        for k in (8, 24)
    }
    numbers["foo_bar"] = summary(
        [kept("flipped", measure.flipped, 24, 0, s, "foo_bar") for s in SEEDS]
    )
    numbers["minutes"] = kept.minutes
    results.write(
        "calibration",
        numbers,
        command="python snippets/1_NLP_basics/calibration_experiment.py",
        seed=list(SEEDS),
        note_zh="SmolLM2-135M-Instruct 判断 40 条评论：五对标签、三种提示；"
        "4 到 24 个例子，标签写错的比例从 0 到 1；各种校准。",
        note_en="SmolLM2-135M-Instruct on 40 reviews: five pairs of labels, three prompts; 4 to 24 "
        "examples, none to all of their labels wrong; ways of calibrating.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
