"""The texts of the page `masking`: Tatoeba's Chinese sentences in passages, and their units."""

import itertools
import os
import random
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import jieba
import torch
from torch import Tensor

from wode.data.formats import read_translations
from wode.masking import Words
from wode.spans import leaders_of
from wode.tasks.names import find_names, find_phrases, find_words
from wode.wordpiece import SPECIAL, WordPiece, pad

HELD_OUT = 2000  # sentences
LONGEST = 22  # characters of a passage: at 62 400 steps learn no more than frequencies
Unit = tuple[int, int]


class Texts(NamedTuple):
    """Passages: the texts, their ids (N, T), and the leaders of each kind of unit."""

    texts: list[str]
    ids: Tensor
    leaders: dict[str, Tensor]


def simplified(text: str) -> bool:
    """Whether all is in GB 2312: jieba's dictionary is of simplified characters."""
    try:
        return bool(text.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def sentences() -> tuple[list[str], list[str]]:
    """Those to learn from, and those held out; no sentence is in both."""
    path = Path(os.environ["WODE_DATA"]) / "cmn-eng" / "cmn.txt"
    texts = [*dict.fromkeys(zh for _, zh in read_translations(path))]
    texts = [text for text in texts if simplified(text) and len(text) <= LONGEST]
    random.Random(0).shuffle(texts)
    return texts[HELD_OUT:], texts[:HELD_OUT]


def characters(texts: Sequence[str]) -> WordPiece:
    """A vocabulary of all characters that occur twice."""
    counts = Counter(c for text in texts for c in text.lower())
    return WordPiece(
        {c: n for n, c in enumerate([*SPECIAL, *sorted(c for c in counts if counts[c] > 1)])}
    )


@cache
def units(text: str) -> dict[str, list[Unit]]:
    """A sentence's units of each kind; ``chunks`` are as long as its words, in another order."""
    words = find_words(text)
    lengths = [end - begin for begin, end in words]
    random.Random(text).shuffle(lengths)
    edges = [sum(lengths[:n]) for n in range(len(lengths) + 1)]
    return {
        "characters": [],
        "words": words,
        "chunks": [*itertools.pairwise(edges)],
        "phrases": find_phrases(text),
        "names": find_names(text),
    }


def passages(texts: Sequence[str], tokenizer: WordPiece, seed: int) -> Texts:
    """Sentences in random order, as many as fit into a passage."""
    texts = [*texts]
    random.Random(f"passages {seed}").shuffle(texts)
    groups: list[list[str]] = [[]]
    for text in texts:
        if sum(map(len, groups[-1])) + len(text) > LONGEST:
            groups.append([])
        groups[-1].append(text)
    joined = ["".join(group) for group in groups]
    encodings = [tokenizer.encode(text) for text in joined]
    leaders = {}
    for kind in units(texts[0]):
        spans = []
        for group in groups:
            begins = [sum(map(len, group[:n])) for n in range(len(group))]
            spans.append(
                [
                    (begin + a, begin + b)
                    for begin, text in zip(begins, group, strict=True)
                    for a, b in units(text)[kind]
                ]
            )
        leaders[kind] = leaders_of(encodings, spans)
    return Texts(joined, pad(encodings)["input_ids"], leaders)


@cache
def data(seed: int) -> tuple[WordPiece, Words, Texts, Texts]:
    """The vocabulary, the passages to learn from (in an order of ``seed``), and those held out."""
    jieba.setLogLevel(60)
    learned, held_out = sentences()
    tokenizer = characters(learned)
    words = Words.of(tokenizer.vocabulary)
    return tokenizer, words, passages(learned, tokenizer, seed), passages(held_out, tokenizer, 0)


def empty() -> torch.Generator:
    """Chance that is the same each time."""
    return torch.Generator().manual_seed(0)
