"""Question pairs written for this book, in Chinese and English: do they mean the same?"""

from pathlib import Path
from typing import Any

from wode.data.pairs import Pair, decoded

SHIPPED = Path(__file__).parent / "question_pairs.jsonl"


def question_items() -> list[dict[str, Any]]:
    """The file as it is: dicts with split, topic, label, en and zh (two questions each)."""
    lines = SHIPPED.read_bytes().splitlines()
    return [decoded(line) for line in lines]


def question_pairs(lang: str = "en", split: str = "train") -> list[Pair]:
    """Question pairs written for this book, "en" or "zh"; split "train" or "held_out".

    Half of each split mean the same. The two splits share no topic, no content word and no
    template; the two languages hold the same questions in the same order.
    """
    if lang not in ("en", "zh"):
        raise ValueError(f'lang: expected "en" or "zh", got {lang!r}')
    if split not in ("train", "held_out"):
        raise ValueError(f'split: expected "train" or "held_out", got {split!r}')
    items = [item for item in question_items() if item["split"] == split]
    return [Pair(*item[lang], item["label"]) for item in items]
