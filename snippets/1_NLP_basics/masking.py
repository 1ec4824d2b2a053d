"""What the page `masking` includes: where a text's words and phrases stand."""

import itertools
import re

import jieba
import jieba.posseg


def find_words(text: str) -> list[tuple[int, int]]:
    """Where jieba's words stand: (begin, end)."""
    return [(begin, end) for _, begin, end in jieba.tokenize(text)]


def find_phrases(text: str) -> list[tuple[int, int]]:
    """Numerals, measure words, adjectives, nouns, times in a row, 的 between; else a word."""
    words = [*jieba.posseg.cut(text)]
    kinds = "".join("的" if pair.word == "的" else pair.flag[0] for pair in words)
    edges = [0, *itertools.accumulate(len(pair.word) for pair in words)]
    found = re.finditer("[abmnqt](的?[abmnqt])*|.", kinds)
    return [(edges[one.start()], edges[one.end()]) for one in found]
