"""Short reviews, for or against: a sentiment task that comes with wode.

Training and held-out sentences share neither a template nor a content word (a noun, a word of
praise or blame, a verdict), only small words such as *the* and *was*; even negation is said by
other words. A model that counts words learns nothing for the held-out ones; one that knows already
what *dreadful* and *lousy* have in common can.
"""

import random
from typing import NamedTuple

from wode.data.pairs import Pair


class Material(NamedTuple):
    """What one half of the task is made of; words for blame first, then for praise."""

    nouns: tuple[str, ...]
    adjectives: tuple[tuple[str, ...], tuple[str, ...]]
    verdicts: tuple[tuple[str, ...], tuple[str, ...]]
    plain: tuple[str, ...]  # templates that say what the adjective says
    negated: tuple[str, ...]  # templates that say its opposite
    open: tuple[str, ...]  # templates with a verdict in place of the adjective


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TRAINING = Material(
    nouns=_words(
        "hotel film meal phone concert museum novel jacket bicycle course garden soup "
        "camera bakery airline ferry teacher printer kettle sofa"
    ),
    adjectives=(
        _words(
            "terrible awful bad disappointing horrible poor dreadful annoying shoddy "
            "mediocre boring frustrating"
        ),
        _words(
            "excellent wonderful great lovely superb pleasant impressive perfect charming "
            "brilliant delightful remarkable"
        ),
    ),
    verdicts=(
        (
            "I want my money back",
            "I would warn anyone against it",
            "it was a waste of time",
            "we complained twice",
            "it broke my heart to pay for it",
            "I shall avoid it from now on",
        ),
        (
            "I recommend it to everyone",
            "it was worth every penny",
            "we were thrilled",
            "I smiled all day because of it",
            "it won us over at once",
            "I am already looking forward to more",
        ),
    ),
    plain=(
        "The {n} was {a}.",
        "I found the {n} rather {a}.",
        "What {an} {a} {n}!",
        "We thought that the {n} was {a}.",
        "It is {an} {a} {n}, from beginning to end.",
    ),
    negated=("The {n} was not {a} at all.", "I would never call the {n} {a}."),
    open=("About the {n}: {v}.", "It was our first {n}, and {v}."),
)

HELD_OUT = Material(
    nouns=_words(
        "restaurant album laptop exhibition podcast holiday guide dessert lamp chair theatre "
        "bookshop tram musical backpack lesson blender cottage magazine keyboard"
    ),
    adjectives=(
        _words(
            "lousy nasty disgusting weak ugly pathetic atrocious miserable worthless "
            "dull tedious appalling"
        ),
        _words(
            "fantastic amazing enjoyable outstanding marvelous good beautiful satisfying "
            "splendid terrific magnificent exquisite"
        ),
    ),
    verdicts=(
        (
            "they ought to apologize",
            "you had better stay away",
            "nothing worked as promised",
            "she asked for a refund",
            "he left early in anger",
            "someone should close this place",
        ),
        (
            "you must go there",
            "he has told his friends to try this",
            "she cannot stop praising this",
            "they deserve a prize",
            "nobody wanted to leave",
            "you will be happy with this",
        ),
    ),
    plain=(
        "Their {n} seemed {a} to me.",
        "How {a} this {n} turned out to be!",
        "My brother has {an} {a} {n} here.",
        "Everybody agrees on one thing: {a} {n}.",
        "This must be called {an} {a} {n}.",
    ),
    negated=("Nobody could describe their {n} as {a}.", "This {n} isn't really {a}, is it?"),
    open=("Their {n}? Well, {v}.", "After a visit to this {n}, {v}."),
)


def _sentence(choose: random.Random, material: Material, label: int) -> str:
    noun = choose.choice(material.nouns)
    kind = choose.choice(("plain", "plain", "negated", "open"))
    template = choose.choice(getattr(material, kind))
    if kind == "open":
        return template.format(n=noun, v=choose.choice(material.verdicts[label]))
    adjective = choose.choice(material.adjectives[1 - label if kind == "negated" else label])
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
    choose = random.Random(2 * seed + held_out)
    material = HELD_OUT if held_out else TRAINING
    found: dict[str, int] = {}
    while len(found) < count:
        label = len(found) % 2
        found.setdefault(_sentence(choose, material, label), label)
    made = [Pair(text, None, label) for text, label in found.items()]
    choose.shuffle(made)
    return made
