"""Short reports and their headlines: a summarization task that comes with wode.

A report names more people and places than its headline, and each report's names are put together
anew. Training and held-out reports share neither a wording nor a name, so that the names of the
held-out ones are in no vocabulary of the training ones; the forms of the headlines they do share.
"""

import random
from typing import NamedTuple

from wode.tasks.reader import Split, read_toml


class Material(NamedTuple):
    """What one half of the task is made of."""

    people: tuple[tuple[str, ...], tuple[str, ...]]  # beginnings, ends
    places: tuple[tuple[str, ...], tuple[str, ...]]
    days: tuple[str, ...]
    topics: dict[str, tuple[str, tuple[str, ...]]]  # a headline, reports in several wordings


class Report(NamedTuple):
    """Both in lower case, tokens with spaces between them."""

    text: str
    headline: str


MATERIAL = read_toml("reports.toml", Split[Material])


def reports(count: int, seed: int = 0, held_out: bool = False) -> list[Report]:
    """``count`` reports with their headlines, topics, wordings and names at random.

    They are the same ones for the same seed.

    Args:
        held_out: of the wordings and names that training never sees.

    Raises:
        ValueError: count is negative.
    """
    if count < 0:
        raise ValueError(f"expected count >= 0, got {count}")
    material, rng, made = MATERIAL[held_out], random.Random(seed), []
    names = [
        [begin + end for begin in kind[0] for end in kind[1]]
        for kind in (material.people, material.places)
    ]
    for _ in range(count):
        (p, o), (q, s) = (rng.sample(kind, 2) for kind in names)
        headline, texts = rng.choice([*material.topics.values()])
        slots = {"p": p, "o": o, "q": q, "s": s, "day": rng.choice(material.days)}
        text = rng.choice(texts).format(**slots)
        made.append(Report(text.lower(), headline.format(**slots).lower()))
    return made
