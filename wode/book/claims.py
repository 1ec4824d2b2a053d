"""What the chapters explain, as claims: each with the experiment that could have proved it false.

``docs/claims.yml`` is their one list; the results page shows it, with numbers from results files.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from wode.book import LANGUAGES, ROOT

FILE = ROOT / "docs" / "claims.yml"
#: What became of a claim.
VERDICTS = {
    "holds": {"zh": "成立", "en": "holds"},
    "partly": {"zh": "部分成立", "en": "holds in part"},
    "falls": {"zh": "不成立", "en": "does not hold"},
    "open": {"zh": "没有定论", "en": "undecided"},
}


_TEXTS = ("claim", "trial", "measured")
_FIELDS = {"page", "at", "verdict", *_TEXTS, *(f"{t}_{lang}" for t in _TEXTS for lang in LANGUAGES)}


class ClaimsError(ValueError):
    """A list that cannot be read: names the entry and what is wrong with it."""


@dataclass(frozen=True)
class Claim:
    """One explanation; ``at`` is the id of the heading under which its page gives it."""

    page: str
    at: str
    claim: dict[str, str]
    trial: dict[str, str]  # what could have proved it false
    measured: dict[str, str]  # its figures, each ``[[file.key]]``
    verdict: str  # one of VERDICTS


def claims(path: Path = FILE) -> list[Claim]:
    """All of them, in the file's order.

    Raises:
        ClaimsError: an entry lacks a field, or its verdict is none of `VERDICTS`.
    """
    return list(_parsed(path, path.stat().st_mtime_ns))


def by_page(path: Path = FILE) -> dict[str, list[Claim]]:
    """The claims of each page."""
    pages: dict[str, list[Claim]] = {}
    for one in claims(path):
        pages.setdefault(one.page, []).append(one)
    return pages


@cache
def _parsed(path: Path, _changed: int) -> tuple[Claim, ...]:
    raw: list[Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    parsed = []
    for number, entry in enumerate(raw, start=1):
        if not isinstance(entry, dict):
            raise ClaimsError(f"{path.name}, entry {number}: expected fields, got {entry!r}")
        if unknown := sorted(entry.keys() - _FIELDS):
            raise ClaimsError(f"{path.name}, entry {number}: unknown fields {unknown}")
        texts = {
            part: {lang: entry.get(f"{part}_{lang}", entry.get(part)) for lang in LANGUAGES}
            for part in _TEXTS
        }
        lacking = [name for name in ("page", "at", "verdict") if not entry.get(name)]
        lacking += [name for name, text in texts.items() if not all(text.values())]
        if lacking:
            raise ClaimsError(f"{path.name}, entry {number}: lacks {lacking}")
        if entry["verdict"] not in [*VERDICTS]:
            found = f"expected a verdict of {[*VERDICTS]}, got {entry['verdict']!r}"
            raise ClaimsError(f"{path.name}, entry {number}: {found}")
        parsed.append(Claim(entry["page"], entry["at"], **texts, verdict=entry["verdict"]))
    return tuple(parsed)
