"""Answers that a small language model gave, judged by hand: what a scorer is checked against.

What SmolLM2-135M-Instruct says to the tests of `wode.tasks.prompts` in the lab on examples. The
judgement is a reader's: right if someone who asked would take a right answer away; where there are
several, the first counts.
"""

from typing import NamedTuple

from wode.tasks.prompts import TASKS
from wode.tasks.reader import read_toml


class Answer(NamedTuple):
    """What was asked, what the model said, and whether that is right."""

    task: str
    question: str
    said: str
    right: bool

    @property
    def accepted(self) -> str:
        """The task's list of right answers, separated by ``|``."""
        return dict(TASKS[self.task].tests)[self.question]


class Judged(NamedTuple):
    """``drawn`` at random, judged without a look at any scorer; ``disputed``: all those on which
    the fair scorer and one that looks for the word anywhere differ."""

    drawn: list[Answer]
    disputed: list[Answer]


def judged() -> Judged:
    """Both sets: answers.toml has, for each set, task and verdict, questions and answers."""
    found = read_toml("answers.toml", dict[str, dict[str, dict[str, list[tuple[str, str]]]]])
    return Judged(
        **{
            name: [
                Answer(task, question, said, verdict == "right")
                for task, verdicts in part.items()
                for verdict, pairs in verdicts.items()
                for question, said in pairs
            ]
            for name, part in found.items()
        }
    )
