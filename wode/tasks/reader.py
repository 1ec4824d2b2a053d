"""The reader of the data files beside the tasks, which are data for people to read and to edit.

TOML holds sentences and what they are made of, JSON Lines a table. A type says what must be there.
"""

import tomllib
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from wode.files.strict_json import read_json_lines
from wode.files.text import read_utf8

FOLDER = Path(__file__).parent
T = TypeVar("T")


class Split(NamedTuple, Generic[T]):
    """What is learned from, and what is held out: ``split[held_out]`` is one of the two."""

    train: T
    held_out: T


def read_toml(path: str | Path, kind: type[T]) -> T:
    """A TOML file as ``kind``; a path is taken from the tasks' folder.

    Raises:
        ValueError: it is no TOML, or something is missing or of another type; names the file, the
            place in it and the reason.
    """
    path = FOLDER / path
    text = read_utf8(path)
    try:
        return _checked(tomllib.loads(text), kind, f"{path}")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from error


def read_jsonl(path: str | Path, kind: type[T]) -> list[T]:
    """A file of JSON lines, a ``kind`` a line; otherwise as `read_toml`."""
    return [_checked(value, kind, where) for where, value in read_json_lines(FOLDER / path)]


def _checked(value: Any, kind: type[T], where: str) -> T:
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        reasons = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ValueError(f"{where}: {'; '.join(reasons)}") from error
