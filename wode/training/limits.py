"""Numbers that somebody gives: what each may be, said once, for Python and for a command line."""

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Limit:
    """What a number may be.

    Attributes:
        kind: int, or float, of which only finite ones are taken (JSON has no others).
        rule: the bounds in words, "≥ 1".
        holds: whether a number keeps to them.
    """

    kind: type[int] | type[float]
    rule: str
    holds: Callable[[Any], bool]

    @property
    def wanted(self) -> str:
        """What is expected, in words."""
        return f"a {'whole' if self.kind is int else 'finite'} number {self.rule}"

    def allows(self, value: object) -> bool:
        """Whether ``value`` is such a number; True and False are none."""
        kinds = int if self.kind is int else (int, float)
        if not isinstance(value, kinds) or isinstance(value, bool):
            return False
        try:
            return math.isfinite(value) and self.holds(value)
        except OverflowError:  # a whole number that no float can hold
            return False

    def check(self, name: str, value: object) -> None:
        """ValueError, with the ``name``, if ``value`` is not such a number."""
        if not self.allows(value):
            raise ValueError(f"{name}: expected {self.wanted}, got {value!r}")

    def read(self, text: str) -> int | float:
        """The number that ``text`` is, as a ``type`` for argparse, whose error names the option."""
        try:
            value = self.kind(text)
        except ValueError:
            value = None
        if not self.allows(value) or value is None:
            raise argparse.ArgumentTypeError(f"expected {self.wanted}, got {text!r}")
        return value


COUNT = Limit(int, "≥ 1", lambda n: 1 <= n < 2**31)
SEED = Limit(int, "from 0 to 2**64 - 1", lambda n: 0 <= n < 2**64)
POSITIVE = Limit(float, "> 0", lambda x: x > 0)
NOT_NEGATIVE = Limit(float, "≥ 0", lambda x: x >= 0)
SHARE = Limit(float, "from 0 to 1", lambda x: 0 <= x <= 1)
PART = Limit(float, "between 0 and 1", lambda x: 0 < x < 1)
