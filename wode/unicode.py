"""Characters as BERT's tokenizer takes them: what is removed, set apart, stripped of accents.

Characters are classified as the reference does it, the ``tokenizers`` library (``unicode.json``,
which ``tools/unicode_tables.py`` writes), not by the tables of the Python that happens to run,
which change with its version.
"""

import json
import re
import unicodedata
from bisect import bisect_right
from functools import cache
from pathlib import Path
from typing import Any


@cache
def unicode_tables() -> dict[str, Any]:
    """The classes of characters as ranges, and what is lowercased otherwise than by Python."""
    return json.loads((Path(__file__).parent / "unicode.json").read_text(encoding="utf-8"))


@cache
def borders(kind: str) -> list[int]:
    """Where the ranges of a class begin and end, one after the other."""
    ends = [[int(end, 16) for end in pair.split("-")] for pair in unicode_tables()[kind]]
    return [border for pair in ends for border in (pair[0], pair[-1] + 1)]


@cache
def is_(kind: str, c: str) -> bool:
    """Whether ``c`` is a space, removed, chinese, punctuation, an accent, unknown to the tables."""
    return bisect_right(borders(kind), ord(c)) % 2 == 1


@cache
def prepared(c: str, apart: bool = True) -> str:
    """One character cleaned: removed, a space, a Chinese one set ``apart``, or as it is."""
    if is_("space", c):
        return " "
    if is_("removed", c):
        return ""
    return f" {c} " if apart and is_("chinese", c) else c


@cache
def decomposed(c: str) -> list[tuple[str, int]]:
    """Canonical decomposition with combining classes, as far as the reference knows them."""
    if is_("unknown", c):
        return [(c, 0)]
    text = unicodedata.normalize("NFD", c)
    return [(d, 0 if is_("unknown", d) else unicodedata.combining(d)) for d in text]


@cache
def lowered(c: str) -> str:
    """``c.lower()`` in the Unicode version of the reference."""
    return unicode_tables()["lower"].get(c, c.lower())


def check_text(text: str) -> None:
    """Refuse what is no text.

    Raises:
        TypeError: no str, such as None or the NaN of a table's empty cell.
        ValueError: a lone surrogate, which is no character and which UTF-8 cannot carry.
    """
    if not isinstance(text, str):
        raise TypeError(f"expected text, got {text!r}")
    lone = re.search("[\ud800-\udfff]", text)
    if lone:
        raise ValueError(
            f"expected text, got the lone surrogate U+{ord(lone[0]):X} at {lone.start()}: "
            "the text was decoded wrongly"
        )


def normalise(
    text: str,
    lowercase: bool = True,
    strip_accents: bool | None = None,
    tokenize_chinese_chars: bool = True,
) -> list[tuple[str, int]]:
    """Clean, set Chinese characters apart, strip accents, strip case: as far as is asked for.

    ``strip_accents`` None: where case is stripped (BERT's own rule).

    Returns:
        Each character with the index in ``text`` of the one that it comes from.

    Raises:
        TypeError, ValueError: those of `check_text`.
    """
    check_text(text)
    apart = tokenize_chinese_chars
    clean = [(d, i) for i, c in enumerate(text) for d in prepared(c, apart)]
    if lowercase if strip_accents is None else strip_accents:
        clean = [(c, i) for c, i in canonical(clean) if not is_("accent", c)]
    return [(low, i) for c, i in clean for low in lowered(c)] if lowercase else clean


def canonical(characters: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Unicode's canonical decomposition (NFD): é → e and its accent, accents in a fixed order."""
    pieces: list[tuple[int, str, bool]] = []  # combining class, character, first of its original?
    begin = 0  # of the present run of combining characters
    for c, _ in characters:
        for j, (d, order) in enumerate(decomposed(c)):
            if order == 0:
                if len(pieces) - begin > 1:
                    pieces[begin:] = sorted(pieces[begin:], key=lambda piece: piece[0])
                begin = len(pieces) + 1
            pieces.append((order, d, j == 0))
    pieces[begin:] = sorted(pieces[begin:], key=lambda piece: piece[0])
    decomposition, at = [], -1
    for _, d, first in pieces:
        at += first  # as the reference counts: what was moved takes the place where it arrives
        decomposition.append((d, characters[max(at, 0)][1]))
    return decomposition
