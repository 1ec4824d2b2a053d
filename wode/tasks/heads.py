"""Four small tasks in English, one for each head; the sentences were written for this book.

Training and held-out examples share no template and no content word: what is right on the held-out
ones was not learned by heart. (The dates are an exception, and say so.)
"""

import random
from collections.abc import Sequence
from typing import NamedTuple

from wode.data.formats import Answer, Question, Tagged, Text


class Part(NamedTuple):
    """What one part, training or held out, is made of: frames with places, and what goes there."""

    frames: Sequence[str]
    fill: dict[str, list[str]]


# ---------------------------------------------------------------- a class: what a letter is about

SUBJECTS = ("delivery", "payment", "repair", "appointment")
LETTERS = {
    False: Part(
        (
            "I am writing about {}.",
            "Please help me with {}.",
            "Hello, this concerns {}.",
            "We still wait for an answer about {}.",
            "Once more: {}.",
            "My problem is {}.",
        ),
        {
            "delivery": [
                "a parcel that never arrived",
                "the courier who left my box in the rain",
                "a package sent to the wrong street",
                "the truck that came two days late",
                "an envelope lost on its way",
                "a driver who did not ring the bell",
                "goods dropped at the wrong door",
                "a tracking number that does not work",
            ],
            "payment": [
                "an invoice that I paid twice",
                "a credit card that was refused",
                "money taken from my account",
                "a price higher than in the offer",
                "the bank transfer of last week",
                "a discount that was not given",
                "the tax on my bill",
                "coins that the machine swallowed",
            ],
            "repair": [
                "a washing machine that leaks",
                "a broken screen on my phone",
                "the heater making a loud noise",
                "a crack in the lid of the kettle",
                "a battery that is dead after an hour",
                "a zip that jams",
                "the loose wheel of a chair",
                "a lamp that flickers",
            ],
            "appointment": [
                "the date of my visit to the dentist",
                "moving our meeting to Tuesday",
                "a table for four on Friday evening",
                "a slot with the doctor in the morning",
                "cancelling my haircut tomorrow",
                "the hour of the interview",
                "being too late for the lesson at noon",
                "changing the day of the tour",
            ],
        },
    ),
    True: Part(
        (
            "Could somebody look into {}?",
            "Dear team, {} brings me here.",
            "To whom it may concern: {}!",
            "There has been some trouble, namely {}.",
        ),
        {
            "delivery": [
                "my shipment stuck in transit",
                "freight held up by customs",
                "the postman forgetting us again",
                "mail returned to its sender",
                "cargo still sitting inside your warehouse",
                "an order dispatched elsewhere",
            ],
            "payment": [
                "a refund into dollars",
                "double charges from your cashier",
                "fees nobody mentioned",
                "instalments plus interest",
                "a receipt showing false amounts",
                "direct debit without permission",
            ],
            "repair": [
                "an oven whose knob fell off",
                "brakes squeaking on this bicycle",
                "torn seams under warranty",
                "smoke out of my laptop",
                "water dripping through your new tap",
                "one defective headphone",
            ],
            "appointment": [
                "rescheduling Thursday's consultation",
                "postponing next month's checkup",
                "reserving seats Sunday afternoon",
                "calendar clashes between both sessions",
                "booking time with an adviser",
                "confirming when you can see us",
            ],
        },
    ),
}


def letters(new: bool = False) -> list[Text]:
    """Customers' letters with the place of their subject in `SUBJECTS`; ``new``: held out."""
    part = LETTERS[new]
    return [
        Text(frame.format(phrase), SUBJECTS.index(subject))
        for subject, phrases in part.fill.items()
        for phrase in phrases
        for frame in part.frames
    ]


# ---------------------------------------------------------------- a class a token: names

NAMES = {
    False: Part(
        (
            "{person} moved from {place} to {place} last spring .",
            "In {place} , {person} met {person} by chance .",
            "{firm} hired {person} as an engineer .",
            "{person} of {firm} spoke to the press in {place} .",
            "The train to {place} was full .",
            "Yesterday {firm} sold its office in {place} .",
            "My neighbour {person} works for {firm} .",
            "Nobody at {firm} knew the answer .",
            "She wrote a long letter to {person} .",
            "A strike stopped all flights out of {place} .",
            "{person} , who left {firm} , lives near {place} .",
            "It rained all day and the garden was wet .",
        ),
        {
            "person": [
                "Anna Keller", "Tom Baker", "Lucia Romano", "Pierre Dubois", "Omar Haddad",
                "Yuki Tanaka", "Sarah Cohen", "Ivan Petrov", "Maria", "Henry Clark", "Nina Larsen",
                "George", "Li Wei", "Emma Watson", "Carlos Mendez", "Peter",
            ],
            "place": [
                "Paris", "Berlin", "New York", "Kenya", "Madrid", "Tokyo", "Lake Como", "Canada",
                "Moscow", "Los Angeles", "Egypt", "Vienna", "Brazil", "Oxford",
            ],
            "firm": [
                "Northwind Airlines", "Kestrel Bank", "Volta Motors", "Microsoft",
                "Bluestone Media", "Toyota", "the Red Cross", "Harlow Foods", "Sony",
                "Granite Insurance", "Siemens", "Arden Press",
            ],
        },
    ),
    True: Part(
        (
            "Does {person} still rent that flat above {firm} ?",
            "After thirty years , {firm} closes its factory outside {place} .",
            "Tourists love {place} because beaches are empty there .",
            "According to {person} , shares in {firm} fell sharply .",
            "Our guide , {person} , grew up between {place} and {place} .",
            "Lawyers for {person} sued {firm} again .",
            "Bread costs more these days .",
            "Whoever visits {place} should call {person} first .",
        ),
        {
            "person": [
                "Julia Novak", "David Okafor", "Chen Ming", "Rosa Fernandez", "Michael",
                "Ingrid Berg", "Ahmed Khan", "Laura", "Viktor Orlov", "Alice Moreau",
            ],
            "place": [
                "London", "Lisbon", "Chile", "Hong Kong", "Stockholm", "San Diego", "Norway",
                "Milan", "Cairo", "Texas",
            ],
            "firm": [
                "Google", "Falcon Steel", "Nokia", "Unicef", "Meridian Software", "Boeing",
                "Cobalt Energy", "Samsung",
            ],
        },
    ),
}  # fmt: skip


def names(count: int, seed: int = 0, new: bool = False) -> list[Tagged]:
    """Sentences whose words are tagged O, or B- and I- of person, place and firm."""
    part, choose = NAMES[new], random.Random(f"names {seed} {new}")
    found = []
    for number in range(count):
        words, tags = list[str](), list[str]()
        for word in part.frames[number % len(part.frames)].split():
            kind = word.strip("{}")
            filled = [word] if kind == word else choose.choice(part.fill[kind]).split()
            for n, one in enumerate(filled):
                outside = kind == word or one == "the"
                first = n == 0 or filled[n - 1] == "the"
                words.append(one)
                tags.append("O" if outside else f"{'B' if first else 'I'}-{kind}")
        found.append(Tagged(words, tags))
    return found


# ---------------------------------------------------------------- a span: who, what, where, when

EVENTS = {
    False: Part(
        (
            "{who} {did} {what} in {where} in {when}.",
            "In {when}, {who} {did} {what} in {where}.",
            "It was {who} who {did} {what} in {where} in {when}.",
        ),
        {
            "who": [
                "Anna Keller", "Tom Baker", "Lucia Romano", "Pierre Dubois", "Omar Haddad",
                "Yuki Tanaka", "Sarah Cohen", "Ivan Petrov", "Henry Clark", "Nina Larsen",
            ],
            "act": [
                "opened open a bakery", "built build a wooden boat", "founded found a school",
                "painted paint the old church", "bought buy a farm", "won win a chess tournament",
                "wrote write a novel", "taught teach music", "sold sell umbrellas",
                "discovered discover a gold coin",
            ],
            "where": [
                "Paris", "Berlin", "New York", "Madrid", "Tokyo", "Moscow", "Vienna", "Oxford",
                "Geneva", "Prague",
            ],
            "when": ["1887", "1901", "1923", "1946", "1958", "1964", "1979", "1990", "2003"],
        },
    ),
    True: Part(
        (
            "Back during {when}, and far away at {where}, {who} {did} {what}.",
            "It is said that {who} {did} {what} while living near {where} around {when}.",
        ),
        {
            "who": [
                "Julia Novak", "David Okafor", "Chen Ming", "Rosa Fernandez", "Ingrid Berg",
                "Ahmed Khan", "Viktor Orlov", "Alice Moreau",
            ],
            "act": [
                "designed design bridges", "stole steal forty diamonds", "invented invent some toy",
                "repaired repair clocks", "grew grow giant pumpkins", "lost lose one silver watch",
                "filmed film wild horses", "cooked cook soup for soldiers",
            ],
            "where": [
                "London", "Lisbon", "Hong Kong", "Stockholm", "San Diego", "Milan", "Cairo",
                "Boston",
            ],
            "when": ["1895", "1912", "1934", "1951", "1967", "1983", "1998", "2007"],
        },
    ),
}  # fmt: skip
QUESTIONS = {
    False: {
        "who": ("Who {did} {what}?", "Who was it that {did} {what} in {when}?"),
        "what": ("What did {who} {do}?", "What did {who} {do} in {where}?"),
        "where": ("Where did {who} {do} {what}?", "In what city did {who} {do} {what}?"),
        "when": ("When did {who} {do} {what}?", "In what year did {who} {do} {what}?"),
    },
    True: {
        "who": ("Which person {did} {what}?",),
        "what": ("{who} {did} which thing?",),
        "where": ("At which place has {who} {did} {what}?",),
        "when": ("At which date has {who} {did} {what}?",),
    },
}


def questions(count: int, seed: int = 0, new: bool = False) -> list[Question]:
    """Questions about an event: who, what, where, when, in turn; ``new``: held out."""
    part, choose = EVENTS[new], random.Random(f"questions {seed} {new}")
    found = []
    for number in range(count):
        did, do, *what = choose.choice(part.fill["act"]).split()
        event = {kind: choose.choice(part.fill[kind]) for kind in ("who", "where", "when")}
        event |= {"did": did, "do": do, "what": " ".join(what)}
        context = choose.choice(part.frames).format(**event)
        kind = ("who", "what", "where", "when")[number % 4]
        question = choose.choice(QUESTIONS[new][kind]).format(**event)
        answer = Answer(event[kind], context.index(event[kind]))
        found.append(Question(f"{seed}-{number}", question, context, [answer]))
    return found


# ---------------------------------------------------------------- a text: dates in figures

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
DATES = {
    False: (
        "The treaty was signed on {month} {day}, {year}.",
        "We were married on the {day} of {month} {year}.",
        "On {day} {month} {year} the bridge collapsed.",
        "Born {month} the {day}, {year}, she became a pilot.",
    ),
    True: (
        "His diary ends with {day} {month}, {year}.",
        "Nothing happened before {month} {day} in {year}, people think.",
    ),
}


class Rewriting(NamedTuple):
    """A text, and what is to be written after it."""

    text: str
    target: str


def dates(
    count: int, seed: int = 0, new: bool = False, years: range = range(1900, 2000)
) -> list[Rewriting]:
    """Sentences with a date, and the date in figures: year, month, day.

    Months and days are a closed class, and both parts have them all; what differs is the frame and
    which day of which month. ``years`` can be chosen.
    """
    choose = random.Random(f"dates {seed} {new}")
    found = []
    while len(found) < count:
        month, day, year = choose.randint(1, 12), choose.randint(1, 28), choose.choice(years)
        if ((month + day) % 3 == 0) == new:  # a third of the days is held out
            frame = DATES[new][len(found) % len(DATES[new])]
            text = frame.format(month=MONTHS[month - 1], day=day, year=year)
            found.append(Rewriting(text, f"{year} {month} {day}"))
    return found
