"""What the chapters explain, as claims: each with the experiment that could have proved it false.

``docs/claims.yml`` is their one list; the results page shows it, with numbers from results files.
"""

from dataclasses import dataclass
from pathlib import Path

from wode.book import ROOT
from wode.book.entries import entries

FILE = ROOT / "docs" / "claims.yml"
#: What became of a claim.
VERDICTS = {
    "holds": {"zh": "成立", "en": "holds"},
    "partly": {"zh": "部分成立", "en": "holds in part"},
    "falls": {"zh": "不成立", "en": "does not hold"},
    "open": {"zh": "没有定论", "en": "undecided"},
}


@dataclass(frozen=True)
class Claim:
    """One explanation; ``at`` is the id of the heading under which its page gives it."""

    page: str
    at: str
    verdict: str  # one of VERDICTS
    claim: dict[str, str]
    trial: dict[str, str]  # what could have proved it false
    measured: dict[str, str]  # its figures, each ``[[file.key]]``
    now: dict[str, str]  # what the page says now where the claim does not hold whole; or empty


def claims(path: Path = FILE) -> list[Claim]:
    """All of them, in the file's order.

    Raises:
        EntriesError: an entry lacks a field, or its verdict is none of `VERDICTS`.
    """
    plain, texts = ("page", "at", "verdict"), ("claim", "trial", "measured", "now")
    return [Claim(**entry) for entry in entries(path, plain, texts, [*VERDICTS], ["now"])]


def by_page(path: Path = FILE) -> dict[str, list[Claim]]:
    """The claims of each page."""
    pages: dict[str, list[Claim]] = {}
    for one in claims(path):
        pages.setdefault(one.page, []).append(one)
    return pages
