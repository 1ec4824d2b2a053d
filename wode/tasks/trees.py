"""Short English sentences with their trees, written for this book: which word hangs on which.

As in Universal Dependencies a preposition hangs on its noun, a helping verb on the verb; the root
is its own head. Training and held-out sentences share no frame and no content word; *the* is in
both.
"""

import random
from typing import NamedTuple

from wode.patterns import heads_of
from wode.tasks.reader import Split, read_toml


class Part(NamedTuple):
    """What one half is made of: frames in brackets, and the words that go into them."""

    frames: list[str]
    n: list[str]
    ns: list[str]
    v: list[str]
    a: list[str]
    p: list[str]
    who: list[str]
    adv: list[str]


class Parsed(NamedTuple):
    """A sentence's words and, for each, the place of the word that it hangs on."""

    words: list[str]
    heads: list[int]


MATERIAL = read_toml("trees.toml", Split[Part])


def trees(count: int, seed: int = 0, held_out: bool = False) -> list[Parsed]:
    """``count`` sentences, the frames in turn; the same for the same seed."""
    part, rng = MATERIAL[held_out], random.Random(f"trees {seed} {held_out}")
    fill = part._asdict()
    parsed = []
    for number in range(count):
        frame = part.frames[number % len(part.frames)].split()
        words = [rng.choice(fill[item[1:-1]]) if item[0] == "{" else item for item in frame]
        parsed.append(Parsed(*heads_of(words)))
    return parsed
