"""Short reviews, for or against: a sentiment task that comes with wode.

Training and held-out sentences share neither a template nor a content word (a noun, a word of
praise or blame, a verdict), only small words such as *the* and *was*; even negation is said by
other words. A model that counts words learns nothing for the held-out ones; one that knows already
what *dreadful* and *lousy* have in common can.
"""

import random
from typing import NamedTuple

from wode.data.pairs import Pair
from wode.tasks.reader import Split, read_toml


class Material(NamedTuple):
    """What one half of the task is made of; words for blame first, then for praise."""

    nouns: tuple[str, ...]
    adjectives: tuple[tuple[str, ...], tuple[str, ...]]
    verdicts: tuple[tuple[str, ...], tuple[str, ...]]
    plain: tuple[str, ...]  # templates that say what the adjective says
    negated: tuple[str, ...]  # templates that say its opposite
    open: tuple[str, ...]  # templates with a verdict in place of the adjective


MATERIAL = read_toml("reviews.toml", Split[Material])


def _sentence(rng: random.Random, material: Material, label: int) -> str:
    noun = rng.choice(material.nouns)
    kind = rng.choice(("plain", "plain", "negated", "open"))
    template = rng.choice(getattr(material, kind))
    if kind == "open":
        return template.format(n=noun, v=rng.choice(material.verdicts[label]))
    adjective = rng.choice(material.adjectives[1 - label if kind == "negated" else label])
    article = "an" if adjective[0] in "aeiou" else "a"
    return template.format(n=noun, a=adjective, an=article)


def reviews(count: int, seed: int = 0, held_out: bool = False) -> list[Pair]:
    """``count`` different reviews, half of them for (1), half against (0), in random order.

    They are `wode.data.pairs.Pair` without a second sentence, the same ones for the same seed.

    Args:
        held_out: of the templates and words that training never sees.

    Raises:
        ValueError: count is negative, or more than can be made in reasonable time (2000).
    """
    if not 0 <= count <= 2000:
        raise ValueError(f"expected a count from 0 to 2000, got {count}")
    rng = random.Random(2 * seed + held_out)
    labels: dict[str, int] = {}  # of each text
    while len(labels) < count:
        label = len(labels) % 2
        labels.setdefault(_sentence(rng, MATERIAL[held_out], label), label)
    pairs = [Pair(text, None, label) for text, label in labels.items()]
    rng.shuffle(pairs)
    return pairs
