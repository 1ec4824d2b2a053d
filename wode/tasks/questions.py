"""Question pairs written for this book, in Chinese and English: do they mean the same?"""

from typing import Literal, NamedTuple

from wode.data.pairs import Pair
from wode.tasks.reader import read_jsonl


class Item(NamedTuple):
    """A line of question_pairs.jsonl: two questions in two languages."""

    split: Literal["train", "held_out"]
    topic: str
    label: Literal[0, 1]
    en: tuple[str, str]
    zh: tuple[str, str]


def question_items() -> list[Item]:
    """All pairs, in the order of the file."""
    return read_jsonl("question_pairs.jsonl", Item)


def question_pairs(lang: str = "en", held_out: bool = False) -> list[Pair]:
    """Question pairs written for this book, "en" or "zh", to learn from or held out.

    Half of each split mean the same. The two splits share no topic, no content word and no
    template; the two languages hold the same questions in the same order.
    """
    if lang not in ("en", "zh"):
        raise ValueError(f'lang: expected "en" or "zh", got {lang!r}')
    split = "held_out" if held_out else "train"
    items = [item for item in question_items() if item.split == split]
    return [Pair(*getattr(item, lang), item.label) for item in items]
