"""What a page shows and what its code printed: compared, and rewritten on demand."""

import difflib
import doctest
import re
from pathlib import Path

from sybil.evaluators.doctest import NUMBER, OutputChecker

#: ``...`` stands for anything; numbers are compared to the digits that the page shows.
FLAGS = doctest.ELLIPSIS | NUMBER
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CHECKER = OutputChecker()


class OutputDiffers(AssertionError):
    """The code ran and printed something else than the page shows."""

    def __init__(self, where: str, shown: str, printed: str) -> None:
        self.where, self.shown, self.printed = where, shown, printed
        difference = difflib.unified_diff(
            shown.splitlines(),
            printed.splitlines(),
            "the page shows",
            "the code printed",
            lineterm="",
        )
        super().__init__("\n".join([f"{where}: the output differs", *_short(list(difference))]))


def cleaned(printed: str) -> str:
    """Printed text as a page shows it: no colours, no trailing blanks, one newline at its end."""
    plain = _COLOUR.sub("", printed).replace("\r\n", "\n")
    lines = [line.rstrip() for line in plain.rstrip().split("\n")]
    return "\n".join(lines) + "\n" if any(lines) else ""


def matches(shown: str, printed: str, flags: int = 0) -> bool:
    """Whether ``printed`` is what the page shows, with ELLIPSIS and NUMBER."""
    return _CHECKER.check_output(shown, printed, FLAGS | flags)


def _short(lines: list[str], most: int = 40) -> list[str]:
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], f"… and {len(lines) - most + 1} lines more"]


def rewrite(path: Path, changes: list[tuple[int, int, str, str]]) -> None:
    """Replace lines of a file: ``(first, last, indent, text)``, 1-based, ``last`` included.

    ``last`` may be ``first - 1``: then ``text`` is inserted before line ``first``.
    """
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for first, last, indent, text in sorted(changes, reverse=True):
        new = [indent + line + "\n" if line else "\n" for line in text.splitlines()]
        lines[first - 1 : last] = new
    partial = path.with_name(path.name + ".part")
    partial.write_text("".join(lines), encoding="utf-8")
    partial.replace(path)
