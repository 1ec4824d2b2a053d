"""What the page `tool-calls` includes: constrained writing of a call, and the questions asked."""

import json
import operator
from random import Random
from typing import Any

import torch

from wode.llama import Llama

TOOLS = {"add": operator.add, "subtract": operator.sub, "multiply": operator.mul}


class Writer:
    """A text that grows: `put` reads what is given, `choose` writes the likeliest that is allowed."""

    def __init__(self, model: Llama, tokenizer: Any, text: str) -> None:
        self.model, self.tokenizer, self.caches, self.text = model, tokenizer, model.caches(), ""
        self.put(text)

    def put(self, text: str) -> None:
        ids = torch.tensor([self.tokenizer(text)["input_ids"]])  # (1, T)
        self.logits = self.model(ids, caches=self.caches, logits_to_keep=1)[0, -1]  # (V,)
        self.text += text

    def likeliest(self, pieces: list[str]) -> str:
        """Of these, each a token, the one with the largest probability; all others count as 0."""
        tokens = [self.tokenizer(piece)["input_ids"][0] for piece in pieces]
        return max(zip(self.logits[tokens].tolist(), pieces, strict=True))[1]

    def choose(self, options: list[str]) -> str:
        """One of the options, token by token; none may be the beginning of another."""
        chosen = ""
        while chosen not in options:
            rest = [o.removeprefix(chosen) for o in options if o.startswith(chosen)]
            first = [self.tokenizer.tokenize(text)[0] for text in rest]
            piece = self.likeliest(sorted(set(first)))
            self.put(piece)
            chosen += piece
        return chosen

    def number(self, end: str) -> int:
        """Digits, at least one, until ``end`` is likelier than another digit."""
        digits = ""
        while (piece := self.likeliest([*"0123456789", *([end] if digits else [])])) != end:
            self.put(piece)
            digits += piece
        return int(digits)


def constrained(model: Llama, tokenizer: Any, text: str) -> str:
    """A call after ``text`` that is valid whatever the model thinks of it."""
    writer = Writer(model, tokenizer, text)
    start = len(text)
    writer.put(' {"name": "')
    writer.choose(list(TOOLS))
    writer.put('", "arguments": {"a": ')
    writer.number(",")
    writer.put(', "b": ')
    writer.number("}}")
    return writer.text[start:].strip() + "}}"


def run(call: str) -> int:
    """Do what the call says; the program decides what may be called, not the model."""
    asked = json.loads(call)
    if set(asked) != {"name", "arguments"} or asked["name"] not in TOOLS:
        raise ValueError(f"expected a call of {', '.join(TOOLS)}, got {call}")
    a, b = (asked["arguments"][name] for name in ("a", "b"))
    if type(a) is not int or type(b) is not int:
        raise ValueError(f"expected whole numbers a and b, got {call}")
    return TOOLS[asked["name"]](a, b)


# ---------------------------------------------------------------- the questions

#: The numbers are a, the first argument, and b; examples and tests share no template.
EXAMPLES = {
    "add": (
        "A shop sold {a} pens in May and {b} in June. How many pens is that together?",
        "Anna had {a} coins and found {b} more. How many coins has she now?",
        "What is the sum of {a} and {b}?",
        "There are {a} girls and {b} boys in the choir. How many children sing?",
    ),
    "subtract": (
        "Tom had {a} cards and lost {b}. How many cards are left?",
        "What is {a} minus {b}?",
        "Of {a} eggs, {b} broke. How many are whole?",
        "Lena used {b} of her {a} stamps. How many stamps remain?",
    ),
    "multiply": (
        "A shelf holds {a} books. How many books are on {b} shelves?",
        "What is {a} times {b}?",
        "One ticket costs {a} euros. What do {b} tickets cost?",
        "A train has {b} cars with {a} seats each. How many seats is that?",
    ),
}
TESTS = {
    "add": (
        "What is {a} plus {b}?",
        "A bus carries {a} people, and {b} get in. How many are in the bus?",
        "Maria read {a} pages yesterday and {b} today. How many pages did she read in all?",
    ),
    "subtract": (
        "What is the difference between {a} and {b}?",
        "A tank holds {a} litres of water, and {b} run out. How much water is in it?",
        "Ben gave {b} of his {a} marbles to a friend. How many marbles does he have now?",
    ),
    "multiply": (
        "What is the product of {a} and {b}?",
        "A box holds {a} apples. How many apples are in {b} boxes?",
        "Each of {b} rooms has {a} chairs. How many chairs are there?",
    ),
}


def questions(
    templates: dict[str, tuple[str, ...]], count: int, seed: int
) -> list[tuple[str, str, int]]:
    """``count`` questions, each with its call and the call's result; tools take turns."""
    chance, found = Random(seed), []
    for number in range(count):
        name = list(templates)[number % len(templates)]
        b, a = sorted(chance.sample(range(12, 99), 2))
        text = chance.choice(templates[name]).format(a=a, b=b)
        call = json.dumps({"name": name, "arguments": {"a": a, "b": b}})
        found.append((text, call, TOOLS[name](a, b)))
    return found
