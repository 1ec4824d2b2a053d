"""Sentences with a word of several senses: *bank*, *apple*, 行 and 打; senses.toml holds them.

A clause gives the sense away; a frame says nothing of it, and all senses share it. Training and
held-out sentences share no frame and no word of note, in Chinese no two content characters side by
side: 银行 and 旅行 are learned from, 行家 and 飞行 held out.
"""

from typing import NamedTuple

from wode.patterns import words_of
from wode.tasks.reader import Split, read_toml


class Part(NamedTuple):
    """Clauses of each sense; the frames, unless they are those of all Chinese words."""

    clauses: dict[str, list[str]]
    frames: tuple[str, ...] = ()


class Senses(NamedTuple):
    """What senses.toml holds."""

    common_en: str
    common_zh: str
    frames_zh: Split[list[str]]
    words: dict[str, Split[Part]]


SENSES = read_toml("senses.toml", Senses)
WORDS = tuple(SENSES.words)


class Sentence(NamedTuple):
    """Its tokens (words; in Chinese, characters), where the word is among them, and its sense."""

    text: str
    tokens: list[str]
    place: int
    sense: str


def sentences(word: str, held_out: bool = False) -> list[Sentence]:
    """40 sentences a sense, each clause in two of eight frames; the senses one after another.

    Raises:
        KeyError: there are no sentences with this word.
    """
    part = SENSES.words[word][held_out]
    frames, chinese = part.frames or SENSES.frames_zh[held_out], not word.isascii()
    found = []
    for sense, clauses in part.clauses.items():
        for n, clause in enumerate(clauses):
            for frame in (frames[n % len(frames)], frames[(n + 3) % len(frames)]):
                text = frame.format(clause)
                text = text[0].upper() + text[1:]
                tokens = list(text) if chinese else words_of(text)
                place = [token.lower() for token in tokens].index(word)
                found.append(Sentence(text, tokens, place, sense))
    return found
