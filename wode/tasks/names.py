"""Where words, phrases and names stand in a Chinese text: units that are hidden as a whole.

Words are jieba's; phrases are put together from its parts of speech; names, some hundred of people,
cities, countries, places and works, are a list. ERNIE (Sun et al., arXiv:1904.09223) hides phrases
and names, which its authors found with tools of their own. A list knows no name that is not in it,
and takes for a name whatever is written like one.
"""

import itertools
import re
from functools import cache

import jieba
import jieba.posseg

from wode.tasks.reader import read_toml


@cache
def names() -> frozenset[str]:
    """All names of names.toml."""
    kinds = read_toml("names.toml", dict[str, list[str]])
    return frozenset(name for kind in kinds.values() for name in kind)


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(names(), key=lambda name: (-len(name), name))))


def find_names(text: str) -> list[tuple[int, int]]:
    """Where names stand in a text, (begin, end), the longest one first: 哈佛大学, not 哈佛."""
    return [found.span() for found in _pattern().finditer(text)]


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
