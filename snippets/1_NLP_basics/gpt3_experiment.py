"""For the page `gpt3`: accuracy by number of examples, their order, the cache, a round of advice.

    python snippets/1_NLP_basics/gpt3_experiment.py

writes docs/assets/results/gpt3.json. About five minutes of one core.
"""

import itertools
import statistics
import time
from typing import Any

import torch

from wode.book import results
from wode.checks import likeliest
from wode.prompting import (
    CONTENT_FREE,
    Bfloat16,
    Format,
    Prompt,
    Reader,
    contextual_calibration,
    draw_examples,
    fingerprint,
    from_pretrained,
    read,
)
from wode.tasks.baselines import bag_of_words
from wode.tasks.prompts import TASKS, Task, right

CHAT = Format("<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n", "", "")
SITUATIONS = """
My neighbour practises the drums until midnight, and I get up at five for work. She is kind and
gave me soup when I was ill, so I do not want to quarrel. What should I do?

I promised my sister to help her move on Saturday, but the exam that I failed in spring is repeated
that very afternoon. She does not know yet. How do I handle this?

Our team always has lunch at the steak house. I am a vegetarian and new here, and I am tired of
eating only chips. How can I bring it up?
"""


def right_share(scores: torch.Tensor, answers: list[str], labels: tuple[str, ...]) -> float:
    chosen = [labels[best] for best in likeliest(scores, dim=1).tolist()]
    return statistics.mean(a == b for a, b in zip(chosen, answers, strict=True))


SHOTS = (0, 1, 2, 4, 8, 16)
SEEDS = tuple(range(6))
QUESTIONS = {"past": 32, "antonyms": 32, "inference": 24, "addition": 16}


def spread(task: Task, count: int) -> list[tuple[str, str]]:
    """``count`` test questions, evenly over the list, so that each label keeps its share."""
    return [task.tests[i * len(task.tests) // count] for i in range(count)]


def accuracy(model: Any, tokenizer: Any, task: Task, k: int, seed: int, count: int) -> float:
    """The share that is right with k examples: free answers, or the likeliest label."""
    prompt = Prompt(task.description, draw_examples(task.shown(), k, seed), task.format)
    reader = Reader(model, tokenizer, prompt)
    questions, accepted = zip(*spread(task, count), strict=True)
    if task.labels:
        answers = reader.classify(questions, task.labels)
    else:
        answers = reader.answers(questions, max_tokens=8)
    return statistics.mean(right(a, ok) for a, ok in zip(answers, accepted, strict=True))


def curves(model: Any, tokenizer: Any) -> dict[str, Any]:
    """Four tasks, six numbers of examples, six seeds; without examples there is nothing to draw."""
    table: dict[str, Any] = {}
    for name, count in QUESTIONS.items():
        for k in SHOTS:
            runs = [
                accuracy(model, tokenizer, TASKS[name], k, seed, count)
                for seed in (SEEDS if k else SEEDS[:1])
            ]
            table.setdefault(name, {})[f"k{k}"] = summary(runs)
    return table


def summary(runs: list[float]) -> dict[str, float]:
    """Mean, standard error over the seeds, lowest and highest."""
    error = statistics.stdev(runs) / len(runs) ** 0.5 if len(runs) > 1 else 0.0
    return {"mean": statistics.mean(runs), "error": error, "low": min(runs), "high": max(runs)}


def orders(model: Any, tokenizer: Any) -> dict[str, Any]:
    """The same four reviews as examples in all 24 orders."""
    task = TASKS["sentiment"]
    shown = task.shown()[:4]  # positive, negative, positive, negative
    questions, answers = map(list, zip(*task.tests, strict=True))
    plain, calibrated, last = [], [], {"positive": [], "negative": []}
    for order in itertools.permutations(range(4)):
        examples = [shown[place] for place in order]
        reader = Reader(model, tokenizer, Prompt(task.description, examples, task.format))
        scores = reader.label_logprobs(questions, task.labels)
        free = reader.label_logprobs(CONTENT_FREE, task.labels)
        plain.append(right_share(scores, answers, task.labels))
        calibrated.append(right_share(contextual_calibration(scores, free), answers, task.labels))
        said = [task.labels[best] for best in likeliest(scores, dim=1).tolist()]
        last[examples[-1][1]].append(said.count("positive") / len(said))
    return {
        "plain": plain,
        "calibrated": calibrated,
        "low": min(plain),
        "high": max(plain),
        "mean": statistics.mean(plain),
        "calibrated_low": min(calibrated),
        "calibrated_high": max(calibrated),
        "calibrated_mean": statistics.mean(calibrated),
        "said_positive_after_positive": statistics.mean(last["positive"]),
        "said_positive_after_negative": statistics.mean(last["negative"]),
    }


def saved(model: Any, tokenizer: Any) -> dict[str, Any]:
    """The same scores with the prefix read once and read for each question."""
    task = TASKS["sentiment"]
    prompt = Prompt(task.description, draw_examples(task.shown(), 16), task.format)
    questions = [question for question, _ in task.tests[:16]]
    began = time.process_time()
    reader = Reader(model, tokenizer, prompt)
    rows = [reader.encode(prompt.format.ask(question)) for question in questions]
    cached = read(model, rows, reader.context).logits
    middle = time.process_time()
    whole = [reader.encode(prompt.text(question)) for question in questions]
    alone = read(model, whole).logits
    ended = time.process_time()
    return {
        "questions": len(questions),
        "tokens_cached": len(reader.encode(prompt.prefix)) + sum(map(len, rows)),
        "tokens_alone": sum(map(len, whole)),
        "cpu_ratio": (ended - middle) / (middle - began),
        "largest_difference": (cached - alone).abs().max().item(),
    }


def advice(model: Any, tokenizer: Any, situations: list[str]) -> list[str]:
    """What the model says to three situations written for this book; not a word is edited."""
    reader = Reader(model, tokenizer, Prompt("", (), CHAT))
    return [" ".join(said.split()) for said in reader.answers(situations, max_tokens=110, stop="")]


def main() -> None:
    model, tokenizer = from_pretrained()
    situations: list[str] = [" ".join(text.split()) for text in SITUATIONS.strip().split("\n\n")]
    before = fingerprint(model)
    task, count = TASKS["inference"], QUESTIONS["inference"]
    numbers: dict[str, Any] = {
        "shots": list(SHOTS),
        "tasks": curves(Bfloat16(model), tokenizer),
        "bag_of_words": {"inference": bag_of_words(task.examples, spread(task, count))},
        "orders": orders(Bfloat16(model), tokenizer),
        "saved": saved(model, tokenizer),
        "situations": situations,
        "advice": advice(model, tokenizer, situations),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "unchanged": fingerprint(model) == before,
    }
    results.write(
        "gpt3",
        numbers,
        command="python snippets/1_NLP_basics/gpt3_experiment.py",
        seed=list(SEEDS),
        note_zh="SmolLM2-135M-Instruct：四个任务、0 到 16 个例子、六个种子；四个例子的 24 种排列；"
        "前缀缓存省下的计算；三个求助的回答。",
        note_en="SmolLM2-135M-Instruct: four tasks, 0 to 16 examples, six seeds; all 24 orders of "
        "four examples; what the prefix's cache saves; answers to three requests for advice.",
    )


if __name__ == "__main__":
    main()
