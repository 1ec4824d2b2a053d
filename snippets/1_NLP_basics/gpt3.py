"""The chapter `gpt3`: the order of examples, what the cache saves, and a round of advice.

    python snippets/1_NLP_basics/gpt3.py

writes docs/assets/results/gpt3.json. About three minutes of one core. The curves over k are the
lab's: docs/assets/results/few_shot_lab.json.
"""

import itertools
import statistics
import time
from typing import Any

import torch

from wode.book import results
from wode.prompt_tasks import TASKS
from wode.prompting import (
    CONTENT_FREE,
    Bfloat16,
    Format,
    Prompt,
    Reader,
    choose,
    contextual_calibration,
    fingerprint,
    from_pretrained,
    read,
)

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
    chosen = [labels[best] for best in scores.argmax(dim=1).tolist()]
    return statistics.mean(a == b for a, b in zip(chosen, answers, strict=True))


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
        said = [task.labels[best] for best in scores.argmax(dim=1).tolist()]
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
    prompt = Prompt(task.description, choose(task.shown(), 16), task.format)
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
    numbers: dict[str, Any] = {
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
        command="python snippets/1_NLP_basics/gpt3.py",
        note_zh="SmolLM2-135M-Instruct：四个例子的 24 种次序；前缀缓存省下的计算；三个求助的回答。",
        note_en="SmolLM2-135M-Instruct: all 24 orders of four examples; what the prefix's cache "
        "saves; answers to three requests for advice.",
    )


if __name__ == "__main__":
    main()
