"""A small English and its disguised sister: the same world told in two languages, never in pairs.

The sister has other words, made up (one, *sevo*, is both *throws* and *heavy*), no article, and
another order: adjectives after the noun, the place before its word for *at*, the verb last. In a
`World` every word has its own taste in company: who does what to what, where and when is more or
less likely, by chance.
"""

import itertools
import math
import random
from collections.abc import Sequence
from typing import NamedTuple

from wode.tasks.reader import read_toml


class Words(NamedTuple):
    """The words of each kind, the most frequent first."""

    who: list[str]
    does: list[str]
    what: list[str]
    how: list[str]
    where: list[str]
    when: list[str]


class Scene(NamedTuple):
    """What one sentence tells; an empty string is left out."""

    when: str
    how_who: str
    who: str
    does: str
    how_what: str
    what: str
    where: str


WORDS = read_toml("sister.toml", Words)


def _made_up(words: Sequence[str]) -> dict[str, str]:
    """A word of two or three syllables for each."""
    rng, found = random.Random("sister"), dict[str, str]()
    while len(found) < len(words):
        new = "".join(rng.choice("ptkbdgmnlsvz") + rng.choice("aeiou") for _ in range(4))
        if new[:6] not in found.values():
            found[words[len(found)]] = new[: rng.choice([4, 4, 6])]
    return found


SISTER = _made_up([*itertools.chain.from_iterable(WORDS), "at"])  # the judge's dictionary


class World:
    """How likely things are beside each other: drawn by ``seed``, for all time.

    ``taste``: the spread of the logarithm of these likelihoods; at 0 all words of a kind keep the
    same company, and differ only in how frequent they are.
    """

    PAIRS = (("does", "who"), ("does", "what"), ("what", "how"), ("who", "how"),
             ("does", "where"), ("where", "when"))  # fmt: skip

    def __init__(self, seed: int = 0, taste: float = 1.8) -> None:
        rng = random.Random(seed)
        self.frequent = {
            kind: [(rank + 1) ** -0.7 for rank in range(len(words))]
            for kind, words in WORDS._asdict().items()
        }
        self.likely: dict[tuple[str, str], list[float]] = {}  # cumulative
        for first, second in self.PAIRS:
            for word in getattr(WORDS, first):
                weights = [f * math.exp(taste * rng.gauss(0, 1)) for f in self.frequent[second]]
                self.likely[word, second] = [*itertools.accumulate(weights)]

    def scene(self, rng: random.Random) -> Scene:
        """One scene; a place in two of three, a time and adjectives in half."""

        def beside(word: str, kind: str, often: float = 1.0) -> str:
            if not word or rng.random() >= often:
                return ""
            return rng.choices(getattr(WORDS, kind), cum_weights=self.likely[word, kind])[0]

        does = rng.choices(WORDS.does, self.frequent["does"])[0]
        who, what, where = beside(does, "who"), beside(does, "what"), beside(does, "where", 2 / 3)
        when, how_who = beside(where, "when", 0.5), beside(who, "how", 0.5)
        return Scene(when, how_who, who, does, beside(what, "how", 0.5), what, where)


def english(scene: Scene) -> list[str]:
    """today the old farmer sees the red apple at the market"""
    at = ["at", "the", scene.where] if scene.where else []
    words = [scene.when, "the", scene.how_who, scene.who, scene.does]
    return [word for word in [*words, "the", scene.how_what, scene.what, *at] if word]


def sister(scene: Scene) -> list[str]:
    """farmer old market at apple red today sees, each in the sister's word"""
    at = [scene.where, "at"] if scene.where else []
    words = [scene.who, scene.how_who, *at, scene.what, scene.how_what, scene.when, scene.does]
    return [SISTER[word] for word in words if word]


def corpora(
    count: int, seed: int = 0, first: World | None = None, second: World | None = None
) -> tuple[list[Scene], list[Scene]]:
    """``count`` scenes for each language, none twice, and none in both.

    Every scene belongs to one side for all seeds (to neither: see `unseen`), so that no sentence
    of one corpus is the translation of one of the other.

    Args:
        first: the world that the first language tells of; None: `World()`.
        second: likewise.
    """
    sides = []
    for side, world in enumerate((first or World(), second or World())):
        sides.append(_scenes(count, random.Random(f"{seed} {side}"), world, side))
    return sides[0], sides[1]


def unseen(count: int, seed: int = 0, world: World | None = None) -> list[Scene]:
    """``count`` scenes that are in no corpus: to test on."""
    return _scenes(count, random.Random(f"{seed} unseen"), world or World(), 2)


def _scenes(count: int, rng: random.Random, world: World, side: int) -> list[Scene]:
    found = dict[Scene, None]()
    while len(found) < count:
        scene = world.scene(rng)
        if scene not in found and _side(scene) == side:
            found[scene] = None
    return list(found)


def _side(scene: Scene) -> int:
    """0 and 1: the corpora, 45 % each; 2: for tests."""
    share = random.Random(" ".join(scene)).random()
    return 0 if share < 0.45 else 1 if share < 0.9 else 2
