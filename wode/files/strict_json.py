"""JSON as RFC 8259 has it, where Python's ``json`` lets pass what other programs read otherwise.

``json.loads`` keeps the last of two equal keys, takes ``NaN`` and ``Infinity``, turns ``1e999``
into infinity and ``"\\ud83d"``, half of a surrogate pair, into a string that no file can hold; deep
nesting ends in a RecursionError. Each is refused here, with its line and column.
"""

import json
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from wode.files.text import BOM, SPACE, decoded, lines_of

DEEPEST = 100  # lists and objects inside one another; data sets and configurations have 3 to 8
LONGEST = 400  # digits; a float64 ends at 309

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:]|[^\s{}\[\]:,"]+', re.DOTALL)
_PAIR_OR_HALF = re.compile(
    r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>u[dD][89a-fA-F]..)|.)", re.DOTALL
)


class JsonError(ValueError):
    """A text that should be JSON is not: says why, and at which line and column, from 1."""

    def __init__(self, text: str, reason: str, place: int, where: str = "") -> None:
        self.reason = reason
        self.line = text.count("\n", 0, place) + 1
        self.column = place - text.rfind("\n", 0, place)
        line = f"line {self.line} " if "\n" in text.strip() else ""
        before = f"{where}: " if where else ""
        super().__init__(f"{before}not JSON ({reason} at {line}column {self.column})")


def parse_json(content: bytes | str, where: str = "") -> Any:
    """The value of a JSON text, in UTF-8 with or without a BOM; ``where`` begins an error.

    Raises:
        JsonError: (a ValueError) it is not JSON; a key comes twice in one object; a number is NaN,
            infinite or too long; half of a surrogate pair; nested deeper than `DEEPEST`.
        ValueError: it is not UTF-8.
    """
    text = content if isinstance(content, str) else decoded(content.removeprefix(BOM), where)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise JsonError(text, error.msg.removesuffix(" at"), error.pos, where) from None
    except (ValueError, RecursionError) as error:  # refused below, or by Python itself
        raise JsonError(text, *_fault(text, f"{error}"), where) from None
    if _too_deep([value]):
        raise JsonError(text, *_fault(text, "nested too deeply"), where)
    if re.search(r"\\u[dD][89a-fA-F]", text):
        for escape in _PAIR_OR_HALF.finditer(text):
            if escape["half"]:
                raise JsonError(text, "half of a surrogate pair", escape.start(), where)
    return value


def read_json(path: str | os.PathLike[str]) -> Any:
    """The value of a JSON file; an error of `parse_json` begins with the file."""
    return parse_json(Path(path).read_bytes(), f"{path}")


def read_object(path: str | os.PathLike[str]) -> dict[str, Any]:
    """`read_json` of a file that must hold an object: ValueError if it holds anything else."""
    value = read_json(path)
    if not isinstance(value, dict):
        raise ValueError(f"{path}: expected an object {{…}}, got {type(value).__name__}")
    return value


def read_json_lines(path: str | os.PathLike[str]) -> Iterator[tuple[str, Any]]:
    """The value of each line with where it stands, ``file:line``; empty lines are passed over."""
    for where, line in lines_of(path):
        if line.strip(SPACE):
            yield where, parse_json(line, where)


# ---------------------------------------------------------------- what json lets pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key comes twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _finite(digits: str) -> float:
    if math.isinf(number := float(digits)):
        raise ValueError(f"too large a number: {digits[:20]}")
    return number


def _whole(digits: str) -> int:
    if len(digits) > LONGEST:
        raise ValueError(f"too long a number: {digits[:20]}…, {len(digits)} digits")
    return int(digits)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_refuse, parse_float=_finite, parse_int=_whole
)


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST + 1):
        inside = [one.values() if isinstance(one, dict) else one for one in level]
        level = [one for values in inside for one in values if isinstance(one, dict | list)]
        if not level:
            return False
    return True


def _fault(text: str, otherwise: str) -> tuple[str, int]:
    """What is refused first, and where it begins: slow, for a text that is known to be refused."""
    keys, last = list[set[str]](), (0, "")
    for token in _TOKEN.finditer(text):
        word, place = token[0], token.start()
        if word in "{[":
            keys.append(set())
            if len(keys) > DEEPEST:
                return f"nested more than {DEEPEST} deep", place
        elif word in "}]":
            keys.pop()
        elif word == ":":
            begin, key = last
            if key in keys[-1]:
                return f"the key {key!r} twice in one object, again", begin
            keys[-1].add(key)
        elif word.startswith('"'):
            last = place, json.loads(word)
        else:
            try:
                _DECODER.decode(word)
            except ValueError as error:
                return f"{error}", place
    return otherwise, 0
