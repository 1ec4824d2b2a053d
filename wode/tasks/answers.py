"""Answers that a small language model gave, judged by hand: what a scorer is checked against.

Drawn at random from what SmolLM2-135M-Instruct says to the tests of `wode.tasks.prompts` in the lab
on examples. The judgement is a reader's, made without a scorer's: right if someone who asked would
take a right answer away, whether or not it stands on the task's list.
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


def judged() -> list[Answer]:
    """All of them: answers.toml has, for each task and verdict, questions and answers."""
    found = read_toml("answers.toml", dict[str, dict[str, list[tuple[str, str]]]])
    return [
        Answer(task, question, said, verdict == "right")
        for task, verdicts in found.items()
        for verdict, pairs in verdicts.items()
        for question, said in pairs
    ]
