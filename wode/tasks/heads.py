"""Four small tasks in English, one for each head; the sentences, in heads.toml, are this book's.

Training and held-out examples share no template and no content word: what is right on the held-out
ones was not learned by heart. (The dates are an exception, and say so.)
"""

import random
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from wode.data.formats import Answer, Question, Tagged, Text
from wode.patterns import words_of
from wode.tasks.reader import Split, read_toml


class Part(NamedTuple):
    """What one part, training or held out, is made of: frames with places, and what goes there."""

    frames: list[str]
    fill: dict[str, list[str]]


class Sentences(NamedTuple):
    """What heads.toml holds."""

    months: tuple[str, ...]
    letters: Split[Part]
    names: Split[Part]
    events: Split[Part]
    questions: Split[dict[str, list[str]]]
    dates: Split[list[str]]


MONTHS, LETTERS, NAMES, EVENTS, QUESTIONS, DATES = read_toml("heads.toml", Sentences)
SUBJECTS = tuple(LETTERS.train.fill)


class Rewriting(NamedTuple):
    """A text, and what is to be written after it."""

    text: str
    target: str


def letters(held_out: bool = False) -> list[Text]:
    """A class: customers' letters with the place of their subject in `SUBJECTS`."""
    part = LETTERS[held_out]
    return [
        Text(frame.format(phrase), SUBJECTS.index(subject))
        for subject, phrases in part.fill.items()
        for phrase in phrases
        for frame in part.frames
    ]


def names(count: int, seed: int = 0, held_out: bool = False) -> list[Tagged]:
    """A class a token: words tagged O, or B- and I- of person, place and firm."""
    part, rng = NAMES[held_out], random.Random(f"names {seed} {held_out}")
    sentences = []
    for number in range(count):
        words, tags = list[str](), list[str]()
        for word in part.frames[number % len(part.frames)].split():
            kind = word.strip("{}")
            filled = [word] if kind == word else rng.choice(part.fill[kind]).split()
            for n, one in enumerate(filled):
                outside = kind == word or one == "the"
                first = n == 0 or filled[n - 1] == "the"
                words.append(one)
                tags.append("O" if outside else f"{'B' if first else 'I'}-{kind}")
        sentences.append(Tagged(words, tags))
    return sentences


def questions(count: int, seed: int = 0, held_out: bool = False) -> list[Question]:
    """A span: questions about an event, asking who, what, where, when, in turn."""
    part, rng = EVENTS[held_out], random.Random(f"questions {seed} {held_out}")
    found = []
    for number in range(count):
        did, do, *what = rng.choice(part.fill["act"]).split()
        event = {kind: rng.choice(part.fill[kind]) for kind in ("who", "where", "when")}
        event |= {"did": did, "do": do, "what": " ".join(what)}
        context = rng.choice(part.frames).format(**event)
        kind = ("who", "what", "where", "when")[number % 4]
        question = rng.choice(QUESTIONS[held_out][kind]).format(**event)
        answer = Answer(event[kind], context.index(event[kind]))
        found.append(Question(f"{seed}-{number}", question, context, [answer]))
    return found


def without_answer(some: Sequence[Question]) -> list[tuple[str, str]]:
    """Each question with the text of the fifth one after it, if its answer is not there too."""
    texts = [question.context for question in (*some[5:], *some[:5])]
    return [
        (question.question, text)
        for question, text in zip(some, texts, strict=True)
        if question.answers[0].text not in text
    ]


def asked(some: Sequence[Question]) -> tuple[list[list[str]], list[list[str]], Tensor]:
    """The questions' words, the texts' words, and each answer's first and last word, counted
    through question and text: (B, 2).
    """
    words, places = [words_of(q.question) for q in some], []
    for question, before in zip(some, words, strict=True):
        answer, begin = question.answers[0]
        first = len(before) + len(words_of(question.context[:begin]))
        places.append([first, first + len(words_of(answer)) - 1])
    return words, [words_of(q.context) for q in some], torch.tensor(places)


def dates(
    count: int, seed: int = 0, held_out: bool = False, years: Sequence[int] = range(1900, 2000)
) -> list[Rewriting]:
    """A text: sentences with a date, and the date in figures: year, month, day.

    Months and days are a closed class, and both parts have them all; what differs is the frame and
    which day of which month. ``years`` can be chosen.
    """
    rng = random.Random(f"dates {seed} {held_out}")
    frames, pairs = DATES[held_out], list[Rewriting]()
    while len(pairs) < count:
        month, day, year = rng.randint(1, 12), rng.randint(1, 28), rng.choice(years)
        if ((month + day) % 3 == 0) == held_out:  # a third of the days is held out
            frame = frames[len(pairs) % len(frames)]
            text = frame.format(month=MONTHS[month - 1], day=day, year=year)
            pairs.append(Rewriting(text, f"{year} {month} {day}"))
    return pairs
