"""What the page `tasks` includes: labels that are places, and a text written word by word."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from wode.data.formats import Question
from wode.patterns import words_of


def places(asked: Sequence[Question]) -> Tensor:
    """An answer's first and last word, counted through question and context: (B, 2)."""
    rows = []
    for question in asked:
        answer, begin = question.answers[0]
        first = len(words_of(question.question)) + len(words_of(question.context[:begin]))
        rows.append([first, first + len(words_of(answer)) - 1])
    return torch.tensor(rows)


def write(model: Callable[[Tensor], Tensor], ids: Tensor, longest: int) -> Tensor:
    """The likeliest next token, ``longest`` times: (1, T) → (1, T + longest)."""
    for _ in range(longest):
        scores = model(ids)[:, -1]  # (1, V): one class, among all the tokens there are
        ids = torch.cat([ids, scores.argmax(dim=1, keepdim=True)], dim=1)
    return ids
