"""Some hundred Chinese names, of people, cities, countries, places and works, as a list.

ERNIE (Sun et al., arXiv:1904.09223) hides a name as a whole and must know what a name is. A list
knows no name that is not in it, and takes for a name whatever is written like one.
"""

import re
from functools import cache

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
