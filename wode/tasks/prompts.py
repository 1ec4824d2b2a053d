"""Tasks to prompt a language model with, written for this book: examples apart from test items.

A pair is a question and its answer; where several answers are right they are separated by ``|``
and the first is the one that an example shows. No question, and in classification no content word
of note, is in both `Task.examples` and `Task.tests`.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from wode.prompting import Example, Format
from wode.tasks.reader import read_toml


@dataclass(frozen=True)
class Task:
    """Something to do, described in a sentence; with ``labels`` it is a classification."""

    name: str
    description: str
    format: Format
    examples: Sequence[Example]
    tests: Sequence[Example]
    labels: tuple[str, ...] = ()
    named: Format | None = None  # a format that says what question and answer are
    ask: str = "{}"  # the question in a sentence
    begin: str = ""  # how a sentence that answers it begins

    @property
    def chance(self) -> float:
        """What guessing gets right; of a free answer, nothing."""
        return 1 / len(self.labels) if self.labels else 0.0

    def shown(self) -> list[Example]:
        """The pool of examples, each with one answer."""
        return [(question, answer.split("|")[0]) for question, answer in self.examples]


def right(answer: str, accepted: str) -> bool:
    """Whether an answer is one of those accepted, but for case, quotes, a full stop."""
    said = answer.strip(" \n.\"'").lower()
    return said in {one.lower() for one in accepted.split("|")}


def begins_right(answer: str, accepted: str) -> bool:
    """Whether an answer begins with one of those accepted: ``"small" is the opposite`` counts.

    For prompts that end where the answer is to stand: ``Opposite:``, ``The opposite of "big" is``.
    A model that is asked in a chat repeats the question first, and of a sum its numbers; the rule
    for that, ``fair`` in the lab few-shot, needs the question and a list of words that say nothing.
    On the lab's neutral and named prompts for words the two agree on every answer.
    """
    said = answer.lstrip(" \n\"'").lower()
    return any(re.match(re.escape(one.lower()) + r"\b", said) for one in accepted.split("|"))


class Table(NamedTuple):
    """A task in prompts.toml; ``{}`` is where the question goes."""

    description: str
    question: str
    answer: str
    ask: str
    begin: str
    # An answer to each question; or statements about a text, each under its verdict.
    examples: dict[str, str | dict[str, str]]
    tests: dict[str, str | dict[str, str]]
    labels: tuple[str, ...] = ()


def _items(part: dict[str, str | dict[str, str]]) -> list[Example]:
    items: list[Example] = []
    for question, answer in part.items():
        if isinstance(answer, str):
            items.append((question, answer))
        else:
            items += [(f"{question}\nStatement: {said}", label) for label, said in answer.items()]
    return items


def _task(name: str, table: Table) -> Task:
    """Free answers are asked for in the neutral format, labels in the task's own."""
    own = Format(f"{table.question}\n{table.answer}")
    examples, tests = _items(table.examples), _items(table.tests)
    ask, begin = table.ask, table.begin
    if table.labels:
        return Task(name, table.description, own, examples, tests, table.labels, None, ask, begin)
    return Task(name, table.description, Format(), examples, tests, (), own, ask, begin)


def _additions(seed: int, count: int) -> list[Example]:
    """Sums of two numbers below 100, as the GPT-3 paper draws them (section 3.9.1)."""
    rng = random.Random(seed)
    numbers = [(rng.randrange(100), rng.randrange(100)) for _ in range(count)]
    return [(f"{a} plus {b}", str(a + b)) for a, b in numbers]


def _tasks() -> dict[str, Task]:
    """All, in the order of the file; sums are drawn, renamed reviews are those of sentiment."""
    tasks = {n: _task(n, table) for n, table in read_toml("prompts.toml", dict[str, Table]).items()}
    addition, reviews, renamed = (tasks[name] for name in ("addition", "sentiment", "renamed"))
    shown = _additions(0, 24)
    tasks["addition"] = replace(
        addition,
        format=addition.named,
        named=None,
        examples=shown,
        tests=[pair for pair in _additions(1, 60) if pair not in shown][:50],
    )
    label = dict(zip(reviews.labels, renamed.labels, strict=True))
    tasks["renamed"] = replace(
        renamed,
        examples=[(review, label[answer]) for review, answer in reviews.examples],
        tests=[(review, label[answer]) for review, answer in reviews.tests],
    )
    return tasks


TASKS = _tasks()
