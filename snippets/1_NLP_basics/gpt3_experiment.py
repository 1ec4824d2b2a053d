"""For the page `gpt3`: accuracy by number of examples, beside fair zero-shot prompts.

    python snippets/1_NLP_basics/gpt3_experiment.py

What was measured is kept in build/gpt3.jsonl, so that a run that was stopped goes on. Writes
docs/assets/results/gpt3.json. About five minutes of one core.
"""

import math
import statistics
from collections.abc import Sequence
from typing import Any

import torch

from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.prompting import (
    Bfloat16,
    Example,
    Format,
    Prompt,
    Reader,
    draw_examples,
    fingerprint,
    from_pretrained,
)
from wode.tasks.baselines import bag_of_words
from wode.tasks.prompts import TASKS, Task, begins_right, right

SHOTS = (0, 1, 4, 16)
SEEDS = (0, 1, 2)
CHAT = Format("<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n", "", "")
SITUATION = (
    "My neighbour practises the drums until midnight, and I get up at five for work. She is kind "
    "and gave me soup when I was ill, so I do not want to quarrel. What should I do?"
)
QUESTIONS = {  # how a question and the beginning of its answer are said in a sentence
    "past": ('What is the past tense of the verb "{0}"?', 'The past tense of "{0}" is'),
    "antonyms": ('What is the opposite of the word "{0}"?', 'The opposite of "{0}" is'),
    "capitals": ("What is the capital of {0}?", "The capital of {0} is"),
}


def zero_shot(name: str) -> dict[str, Prompt]:
    """Prompts without an example: neutral, with question and answer named, a sentence, a chat."""
    task, (question, sentence) = TASKS[name], QUESTIONS[name]
    chat = CHAT.question.replace("{}", question) + sentence
    return {
        "neutral": Prompt(task.description, (), task.format),
        "named": Prompt(task.description, (), task.named or task.format),
        "sentence": Prompt(task.description, (), Format(sentence, " ", "\n")),
        "chat": Prompt("", (), Format(chat, " ", "")),
    }


def spread(task: Task, count: int) -> list[Example]:
    """``count`` test questions, evenly over the list."""
    return [task.tests[i * len(task.tests) // count] for i in range(count)]


class Measure:
    """What the experiment asks the model."""

    def __init__(self) -> None:
        self.model, self.tokenizer = from_pretrained()
        self.fast = Bfloat16(self.model)

    def answers(self, prompt: Prompt, questions: Sequence[str]) -> list[str]:
        return Reader(self.fast, self.tokenizer, prompt).answers(questions, max_tokens=6)

    def without(self, name: str, kind: str) -> dict[str, float]:
        """A zero-shot prompt, on the pool of examples (to choose by) and on test questions."""
        prompt, shares = zero_shot(name)[kind], {}
        for part, pairs in (("pool", TASKS[name].examples), ("test", spread(TASKS[name], 30))):
            questions, accepted = zip(*pairs, strict=True)
            said = self.answers(prompt, questions)
            both = list(zip(said, accepted, strict=True))
            shares[part] = statistics.mean(begins_right(a, ok) for a, ok in both)
            shares[part + "_exact"] = statistics.mean(right(a, ok) for a, ok in both)
        return shares

    def few(self, name: str, kind: str, k: int, seed: int) -> float:
        """The share of 30 free answers that begin right, with k examples."""
        task = TASKS[name]
        written = task.named if kind == "named" and task.named else task.format
        prompt = Prompt(task.description, draw_examples(task.shown(), k, seed), written)
        questions, accepted = zip(*spread(task, 30), strict=True)
        said = self.answers(prompt, questions)
        return statistics.mean(begins_right(a, ok) for a, ok in zip(said, accepted, strict=True))

    def bare(self, name: str, k: int, seed: int) -> float:
        """The same without a description: only the examples can say what is wanted."""
        task = TASKS[name]
        prompt = Prompt("", draw_examples(task.shown(), k, seed), task.format)
        questions, accepted = zip(*spread(task, 30), strict=True)
        said = self.answers(prompt, questions)
        return statistics.mean(begins_right(a, ok) for a, ok in zip(said, accepted, strict=True))

    def first(self, k: int, seed: int, named: bool = False) -> dict[str, float]:
        """The first word of a past tense: the mean probability of the right one, of a copy."""
        task = TASKS["past"]
        written = task.named if named and task.named else task.format
        prompt = Prompt(task.description, draw_examples(task.shown(), k, seed), written)
        reader = Reader(self.fast, self.tokenizer, prompt)
        pairs = [(q, a) for q, a in spread(task, 24)]
        found = {"right": 0.0, "copy": 0.0}
        for question, answer in pairs:
            labels = [answer, question]
            logprobs = reader.label_logprobs([question], labels)[0]
            for name, logprob in zip(found, logprobs.tolist(), strict=True):
                found[name] += math.exp(logprob) / len(pairs)
        return found

    def inference(self, k: int, seed: int) -> float:
        """Three labels, all 42 test statements."""
        task = TASKS["inference"]
        prompt = Prompt(task.description, draw_examples(task.shown(), k, seed), task.format)
        questions, labels = zip(*task.tests, strict=True)
        said = Reader(self.fast, self.tokenizer, prompt).classify(questions, task.labels)
        return statistics.mean(a == b for a, b in zip(said, labels, strict=True))

    def advice(self) -> str:
        """What the model says to a situation written for this book; not a word is edited."""
        reader = Reader(self.model, self.tokenizer, Prompt("", (), CHAT))
        return " ".join(reader.answers([SITUATION], max_tokens=110, stop="")[0].split())


def summary(runs: list[float]) -> dict[str, Any]:
    """All runs, their mean and its standard error over the seeds."""
    error = statistics.stdev(runs) / math.sqrt(len(runs)) if len(runs) > 1 else 0.0
    return {"runs": runs, "mean": statistics.mean(runs), "error": error}


def seeds(k: int) -> tuple[int, ...]:
    """Without examples there is nothing to draw."""
    return SEEDS if k else SEEDS[:1]


def main() -> None:
    torch.set_num_threads(1)
    kept, measure = Kept(ROOT / "build" / "gpt3.jsonl"), Measure()
    before = fingerprint(measure.model)
    zero: dict[str, Any] = {}
    tasks: dict[str, Any] = {}
    for name in QUESTIONS:
        zero[name] = {kind: kept("zero", measure.without, name, kind) for kind in zero_shot(name)}
        pools = {kind: shares["pool"] for kind, shares in zero[name].items()}
        zero[name]["best"] = max(pools, key=pools.__getitem__)
        zero[name]["chosen"] = zero[name][zero[name]["best"]]["test"]
    for name, kinds in [
        *((name, ("neutral", "named")) for name in QUESTIONS),
        ("addition", ("own",)),
    ]:
        for kind in kinds:
            tasks.setdefault(name, {})[kind] = {
                f"k{k}": summary(
                    [
                        kept("few", measure.few, name, kind, k, s)
                        for s in (SEEDS if k else SEEDS[:1])
                    ]
                )
                for k in SHOTS
            }
    tasks["inference"] = {
        "own": {
            f"k{k}": summary([kept("inference", measure.inference, k, s) for s in seeds(k)])
            for k in SHOTS
        }
    }
    bare = {
        name: {
            f"k{k}": summary([kept("bare", measure.bare, name, k, s) for s in SEEDS]) for k in (4,)
        }
        for name in QUESTIONS
    }
    first = {f"k{k}": [kept("first", measure.first, k, s) for s in seeds(k)] for k in (0, 1, 4)}
    first["named"] = [kept("first", measure.first, 0, 0, True)]
    inference = TASKS["inference"]
    numbers = {
        "shots": list(SHOTS),
        "zero": zero,
        "tasks": tasks,
        "bare": bare,
        "first": {
            name: {key: statistics.mean(run[key] for run in runs) for key in runs[0]}
            for name, runs in first.items()
        },
        "bag_of_words": bag_of_words(inference.examples, inference.tests),
        "situation": SITUATION,
        "advice": kept("advice", measure.advice),
        "parameters": sum(p.numel() for p in measure.model.parameters()),
        "unchanged": fingerprint(measure.model) == before,
        "minutes": kept.minutes,
    }
    results.write(
        "gpt3",
        numbers,
        command="python snippets/1_NLP_basics/gpt3_experiment.py",
        seed=list(SEEDS),
        note_zh="SmolLM2-135M-Instruct：五个任务、0 到 16 个例子、三个种子；四种零样本提示，"
        "在例子上挑、在测试题上量；一个求助的回答。",
        note_en="SmolLM2-135M-Instruct: five tasks, 0 to 16 examples, three seeds; four zero-shot "
        "prompts, chosen on the examples and measured on the test; the answer to one request.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
