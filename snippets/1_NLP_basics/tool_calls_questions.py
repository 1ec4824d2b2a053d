"""Questions for the experiment of the page `tool-calls`; examples and tests share no template."""

import json
import operator
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

#: The numbers are a, the first argument, and b, the smaller one; a name is a.
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
    "phone": (
        "What is {a}'s phone number?",
        "How can I call {a}?",
        "I need to ring {a}. Which number is it?",
        "Please look up the number of {a}.",
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
    "phone": (
        "Do you know how to reach {a} by telephone?",
        "Where can {a} be called?",
        "Tell me {a}'s mobile, please.",
    ),
}
NAMES = {
    "examples": ("Anna", "Tom", "Lena", "Paul", "Julia", "Mark"),
    "tests": ("Mia", "Ben", "Clara", "Hugo", "Sophie", "Oscar"),
}
KINDS = {"integer": int, "string": str}


def book(name: str) -> str:
    """A number for each name, the same always."""
    return f"555-{sum(ord(letter) * 31**place for place, letter in enumerate(name)) % 10000:04}"


RUN: dict[str, Callable] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "phone": book,
}


def tool(name: str) -> dict:
    """Its description, as it is sent."""
    words = {
        "add": "Add two whole numbers.",
        "subtract": "Subtract the second whole number from the first.",
        "multiply": "Multiply two whole numbers.",
        "phone": "Look up a person's phone number.",
    }
    given = {"name": "string"} if name == "phone" else {"a": "integer", "b": "integer"}
    properties = {key: {"type": kind} for key, kind in given.items()}
    parameters = {"type": "object", "properties": properties, "required": list(given)}
    function = {"name": name, "description": words[name], "parameters": parameters}
    return {"type": "function", "function": function}


class Asked(NamedTuple):
    question: str
    name: str
    arguments: dict
    result: str

    @property
    def call(self) -> str:
        said = json.dumps({"name": self.name, "arguments": self.arguments})
        return f"<tool_call>{said}</tool_call>"

    @property
    def answer(self) -> str:
        return f"The {'number' if self.name == 'phone' else 'answer'} is {self.result}."


def draw(
    tools: Sequence[str], each: int, seed: int, tests: bool = False, digits: int = 2
) -> list[Asked]:
    """``each`` questions a tool, in a random order; templates are used as evenly as they can be."""
    chance, found = Random(f"{seed} {tests}"), []
    for name in tools:
        templates = (TESTS if tests else EXAMPLES)[name]
        rows = [
            template
            for _ in range(-(-each // len(templates)))
            for template in chance.sample(templates, len(templates))
        ]
        for template in rows[:each]:
            if name == "phone":
                given = {"name": chance.choice(NAMES["tests" if tests else "examples"])}
                text = template.format(a=given["name"])
            else:
                lowest = 10 ** (digits - 1) + 1
                b, a = sorted(chance.sample(range(lowest, 10**digits), 2))
                given, text = {"a": a, "b": b}, template.format(a=a, b=b)
            found.append(Asked(text, name, given, str(RUN[name](*given.values()))))
    chance.shuffle(found)
    return found


def result_of(text: str, tools: Sequence[str]) -> str | None:
    """What the first call in the text gives; None if it is no valid call of one of the tools."""
    said = text.partition("<tool_call>")[2].partition("</tool_call>")[0]
    try:
        call = json.loads(said)
        name, arguments = call["name"], call["arguments"]
        if name not in tools or set(call) != {"name", "arguments"}:
            return None
        wanted = tool(name)["function"]["parameters"]["properties"]
        if list(arguments) != list(wanted):
            return None
        if any(type(arguments[k]) is not KINDS[v["type"]] for k, v in wanted.items()):
            return None
        return str(RUN[name](*arguments.values()))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
