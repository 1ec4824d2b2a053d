"""Lists in YAML whose texts stand in both languages: the claims, the systems.

An entry gives a text as ``name_zh`` and ``name_en``, or once as ``name`` where both are the same.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from wode.book import LANGUAGES


class EntriesError(ValueError):
    """A list that cannot be read: names the file, the entry and what is wrong with it."""


def entries(
    path: Path,
    plain: Sequence[str],
    texts: Sequence[str],
    verdicts: Sequence[str],
    optional: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """The entries of a file in its order: ``plain`` fields as they are, ``texts`` by language.

    A text that is ``optional`` too may be left out; it is then empty in each language.

    Raises:
        EntriesError: an entry lacks a field or has one too many, or its ``verdict`` is none of
            ``verdicts``.
    """
    parsed = _parsed(
        path, path.stat().st_mtime_ns, (*plain,), (*texts,), (*verdicts,), (*optional,)
    )
    return [{**entry} for entry in parsed]


@cache
def _parsed(
    path: Path,
    _changed: int,
    plain: tuple[str, ...],
    texts: tuple[str, ...],
    verdicts: tuple[str, ...],
    optional: tuple[str, ...],
) -> tuple[dict[str, Any], ...]:
    raw: list[Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    known = {*plain, *texts, *(f"{text}_{lang}" for text in texts for lang in LANGUAGES)}
    parsed = []
    for number, entry in enumerate(raw, start=1):
        where = f"{path.name}, entry {number}"
        if not isinstance(entry, dict):
            raise EntriesError(f"{where}: expected fields, got {entry!r}")
        if unknown := sorted(entry.keys() - known):
            raise EntriesError(f"{where}: unknown fields {unknown}")
        both = {
            text: {lang: entry.get(f"{text}_{lang}", entry.get(text)) or "" for lang in LANGUAGES}
            for text in texts
        }
        lacking = [name for name in plain if not entry.get(name)]
        lacking += [
            name
            for name, text in both.items()
            if not all(text.values()) and (name not in optional or any(text.values()))
        ]
        if lacking:
            raise EntriesError(f"{where}: lacks {lacking}")
        if entry["verdict"] not in verdicts:
            found = f"expected a verdict of {[*verdicts]}, got {entry['verdict']!r}"
            raise EntriesError(f"{where}: {found}")
        parsed.append({**{name: entry[name] for name in plain}, **both})
    return tuple(parsed)
