"""The bibliography: ``[@key]`` on a page, ``docs/references.bib`` behind it."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from pybtex.database import parse_string
from pybtex.richtext import Text

from wode.book import ROOT

BIBLIOGRAPHY = ROOT / "docs" / "references.bib"
CITATION = re.compile(r"\[@(?P<keys>[\w:-]+(?:\s*;\s*@[\w:-]+)*)\]")


def entries(path: Path = BIBLIOGRAPHY) -> dict[str, Any]:
    """Every entry by its key, in the file's order."""
    return _parsed(path, path.stat().st_mtime_ns)


@cache
def _parsed(path: Path, _changed: int) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    return dict(parse_string(text, "bibtex").entries.items()) if "@" in text else {}


def keys_in(text: str) -> list[str]:
    """The keys cited in a text, each once, in the order of their first use."""
    cited = ";".join(match["keys"] for match in CITATION.finditer(text))
    return list(dict.fromkeys(re.findall(r"[\w:-]+", cited)))


def label(key: str, path: Path = BIBLIOGRAPHY) -> str:
    """``Vaswani et al., 2017``.

    Raises:
        KeyError: no such entry; the message lists those there are.
    """
    entry = _entry(key, path)
    names = [_plain(" ".join(p.prelast_names + p.last_names)) for p in _people(entry)]
    names = names or [_plain(entry.fields.get("organization", key))]
    who = f"{names[0]} et al." if len(names) > 2 else " & ".join(names)
    return f"{who}, {entry.fields.get('year', 'n.d.')}"


def formatted(key: str, path: Path = BIBLIOGRAPHY) -> str:
    """One entry as Markdown: authors (year). *Title*. Where; arXiv id or address."""
    entry = _entry(key, path)
    fields = entry.fields
    names = [
        _plain(" ".join(p.first_names + p.middle_names + p.prelast_names + p.last_names))
        for p in _people(entry)
    ]
    if len(names) > 6:
        names = [*names[:3], "et al."]
    who = ", ".join(names) or _plain(fields.get("organization", ""))
    parts = [f"{who} ({fields.get('year', 'n.d.')}).".lstrip(), f"*{_plain(fields['title'])}*."]
    where = fields.get("journal") or fields.get("booktitle") or fields.get("publisher")
    if where and "arxiv" not in where.lower():
        parts.append(f"{_plain(where)}.")
    if arxiv := fields.get("eprint"):
        parts.append(f"[arXiv:{arxiv}](https://arxiv.org/abs/{arxiv})")
    elif url := fields.get("url"):
        parts.append(f"<{url}>")
    elif doi := fields.get("doi"):
        parts.append(f"<https://doi.org/{doi}>")
    return " ".join(parts)


def _entry(key: str, path: Path) -> Any:
    known = entries(path)
    if key not in known:
        raise KeyError(f"no entry {key!r} in {path.name}; it has: {', '.join(sorted(known))}")
    return known[key]


def _people(entry: Any) -> list[Any]:
    return list(entry.persons.get("author", entry.persons.get("editor", [])))


def _plain(text: str) -> str:
    """BibTeX's braces and accents as plain text."""
    return str(Text.from_latex(text)) if re.search(r"[\\{}~]|--", text) else text
