"""The systems that the book builds: equal to what, trained against which rival, what came out.

``docs/systems.yml`` is their one list, and the results page shows it. How far a system is from its
reference is not typed: its tests measure it (``pytest tests -m equals --equality``).
"""

from dataclasses import dataclass
from pathlib import Path

from wode.book import ROOT
from wode.book.entries import entries

FILE = ROOT / "docs" / "systems.yml"
#: What became of the one line in which the author's notes sum a system up.
VERDICTS = {
    "confirmed": {"zh": "证实", "en": "confirmed"},
    "refined": {"zh": "需要补充", "en": "refined"},
    "not-confirmed": {"zh": "没有得到证实", "en": "not confirmed"},
}


@dataclass(frozen=True)
class System:
    """One system, and the page that teaches it."""

    page: str
    equal: str  # its key in the results file `equality`
    verdict: str  # one of VERDICTS, on ``line``
    system: dict[str, str]
    reference: dict[str, str]  # what it is equal to
    learned: dict[str, str]  # what it learned, against which rival; figures as ``[[file.key]]``
    seconds: dict[str, str]  # how long it learned, as ``[[file.key]]``
    line: dict[str, str]  # the author's one line
    why: dict[str, str]  # what the verdict rests on


def systems(path: Path = FILE) -> list[System]:
    """All of them, in the file's order.

    Raises:
        EntriesError: an entry lacks a field, or its verdict is none of `VERDICTS`.
    """
    plain = ("page", "equal", "verdict")
    texts = ("system", "reference", "learned", "seconds", "line", "why")
    return [System(**entry) for entry in entries(path, plain, texts, [*VERDICTS])]
