"""What a page shows and what its code printed: compared, and rewritten on demand."""

import difflib
import doctest
import io
import re
from decimal import Decimal
from pathlib import Path

from sybil.evaluators.doctest import OutputChecker

from wode.files.atomic import write_text

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
#: What touches a number: digits in a word or a version (``v1.5``, ``2.13.0``) are text.
_BEFORE, _AFTER = r"(?<![A-Za-z0-9_.])", r"(?![0-9]|\.[A-Za-z0-9_.])"
#: A number that has been rounded: with a point or an exponent. An integer is exact as it stands.
_EXPONENT = r"[eE][+-]?[0-9]{1,4}"
_NUMBER = re.compile(
    rf"{_BEFORE}([+-]?(?:(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:{_EXPONENT})?|[0-9]+{_EXPONENT})){_AFTER}"
)


class OutputDiffers(AssertionError):
    """The code ran and printed something else than the page shows."""

    def __init__(self, where: str, shown: str, printed: str) -> None:
        self.where, self.shown, self.printed = where, shown, printed
        old, new = (text.rstrip("\n").split("\n") for text in (shown, printed))
        names = ("the page shows", "the code printed")
        difference = difflib.unified_diff(old, new, *names, lineterm="")
        super().__init__("\n".join([f"{where}: the output differs", *_short(list(difference))]))


def cleaned(printed: str) -> str:
    """Printed text as a page shows it: no colours, no trailing blanks, one newline at its end."""
    plain = re.sub(r"\r\n?", "\n", _COLOUR.sub("", printed)).expandtabs(4)
    lines = [line.rstrip() for line in plain.rstrip().split("\n")]
    return "\n".join(lines) + "\n" if any(lines) else ""


def matches(shown: str, printed: str, flags: int = 0) -> bool:
    """Whether ``printed`` is what the page shows.

    ``...`` stands for any text. A number with a point or an exponent stands for every printed one
    within half a unit of its last digit, written with at least as many digits.
    """
    if OutputChecker().check_output(shown, printed, flags | doctest.ELLIPSIS):
        return True
    parts = _NUMBER.split(re.sub(r"(?m)^<BLANKLINE>$|[ \t]+(?=\.\.\.$)", "", shown))
    numbers = set(_NUMBER.findall(printed))
    parts[::2] = map(re.escape, parts[::2])
    for index, number in enumerate(parts[1::2]):
        choices = "|".join(re.escape(text) for text in numbers if _stands_for(number, text))
        parts[2 * index + 1] = f"{_BEFORE}(?:{choices or '(?!)'}){_AFTER}"
    first, *others = "".join(parts).split(re.escape("..."))
    # Each piece where it is first found, the last one at the end: as doctest does it.
    rest = [f"(?>.*?{piece})" for piece in others[:-1]] + [f".*{piece}" for piece in others[-1:]]
    return re.fullmatch(first + "".join(rest), printed, re.S) is not None


def _stands_for(shown: str, printed: str) -> bool:
    unit, finer = (int(Decimal(number).as_tuple().exponent) for number in (shown, printed))
    return finer <= unit and abs(Decimal(shown) - Decimal(printed)) <= Decimal((0, (5,), unit - 1))


def _short(lines: list[str], most: int = 40) -> list[str]:
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], f"… and {len(lines) - most + 1} lines more"]


def rewrite(path: Path, changes: list[tuple[int, int, str, str]]) -> None:
    """Replace lines of a file: ``(first, last, indent, text)``, 1-based, ``last`` included.

    ``last`` may be ``first - 1``: then ``text`` is inserted before line ``first``.
    """
    # Of what str.splitlines splits at, only these end a line of a page; each keeps its own.
    lines = list(io.StringIO(path.read_bytes().decode("utf-8"), newline=""))
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    for first, last, indent, text in sorted(changes, reverse=True):
        new = text.removesuffix("\n").split("\n") if text else []
        lines[first - 1 : last] = [(indent + line if line else "") + end for line in new]
    write_text(path, "".join(lines))
