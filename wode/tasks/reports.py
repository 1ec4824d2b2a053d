"""Short reports and their headlines: a summarization task that comes with wode.

A report names people, places and things that its headline does not, and its names are put together
anew. Training and held-out reports share neither a wording nor a name nor a thing, so no vocabulary
of the training ones holds the names of the others; the forms of the headlines they do share.
"""

import random
from typing import NamedTuple

from wode.tasks.reader import Split, read_toml

DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


class Material(NamedTuple):
    """What one half of the task is made of."""

    people: tuple[tuple[str, ...], tuple[str, ...]]  # beginnings, ends
    places: tuple[tuple[str, ...], tuple[str, ...]]
    things: tuple[str, ...]
    asides: tuple[str, ...]
    topics: dict[str, tuple[str, tuple[str, ...]]]  # a headline, an event in several wordings


class Report(NamedTuple):
    """Words and marks in lower case."""

    words: list[str]
    headline: list[str]


MATERIAL = read_toml("reports.toml", Split[Material])


def reports(
    count: int, seed: int = 0, new_names: bool = False, new_wordings: bool = False
) -> list[Report]:
    """``count`` reports with their headlines, topics, wordings and names at random.

    They are the same ones for the same seed.

    Args:
        new_names: with the held-out names and things, which training never sees.
        new_wordings: in the held-out wordings.

    Raises:
        ValueError: count is negative.
    """
    if count < 0:
        raise ValueError(f"expected count >= 0, got {count}")
    named, worded = MATERIAL[new_names], MATERIAL[new_wordings]
    rng, made = random.Random(seed), list[Report]()
    people, places = (
        [begin + end for begin in kind[0] for end in kind[1]]
        for kind in (named.people, named.places)
    )
    for _ in range(count):
        (p, o), (q, s) = rng.sample(people, 2), rng.sample(places, 2)
        x, x2 = rng.sample(named.things, 2)
        headline, events = rng.choice([*worded.topics.values()])
        parts = [rng.choice(events), rng.choice(worded.asides)]
        rng.shuffle(parts)
        slots = {"p": p, "o": o, "q": q, "s": s, "x": x, "x2": x2, "day": rng.choice(DAYS)}
        text = " ".join(parts).format(**slots).lower()
        made.append(Report(text.split(), headline.format(**slots).lower().split()))
    return made
