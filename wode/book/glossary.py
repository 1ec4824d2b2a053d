"""The glossary: one list of terms in both languages, shown on hover and enforced by a test."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from wode.book import LANGUAGES, ROOT
from wode.book.pages import Page

FILE = ROOT / "docs" / "glossary.yml"
#: What a page holds beside running text; of these only the first may be over several lines.
_NO_PROSE = (
    re.compile(r"(?ms)\A---$.*?^---$|^ *\$\$ *$.*?^ *\$\$ *$"),
    re.compile(r"(?m)^ *#.*|\$`[^`\n]*`\$|`[^`\n]*`"),
    re.compile(r"\]\([^)\n]*\)|\[\[[^\]\n]*\]\]|\[@[^\]\n]*\]|<[^>\n]*>|\{[^}\n]*\}"),
)
_REQUIRED = ("id", "zh", "en", "page", "def_zh", "def_en")
#: What the author wrote stands in these, as it was written; no paragraph ends within.
_QUOTED = re.compile(r"“[^“”]*”")


@dataclass(frozen=True)
class Term:
    """One term; ``page`` introduces it and gives it in both languages at its first use there."""

    id: str
    zh: str
    en: str
    page: str
    definition: dict[str, str]
    aliases: dict[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    def forms(self, lang: str) -> tuple[str, ...]:
        """How the term is written in a language, aliases included."""
        return (self.zh if lang == "zh" else self.en, *self.aliases.get(lang, ()))


@dataclass(frozen=True)
class Phrase:
    """A phrase not to use in a language, and the one that the book has chosen instead."""

    lang: str
    wrong: str
    instead: str


class GlossaryError(ValueError):
    """A glossary that cannot be read: names the entry and what is wrong with it."""


def terms(path: Path = FILE) -> list[Term]:
    """All terms.

    Raises:
        GlossaryError: an entry lacks a field, or two share an id.
    """
    return list(_parsed(path, path.stat().st_mtime_ns)[0])


def phrases(lang: str, path: Path = FILE) -> list[Phrase]:
    """What is not to be said in a language: the terms' own and those of entries without a term."""
    return [one for one in _parsed(path, path.stat().st_mtime_ns)[1] if one.lang == lang]


@cache
def _parsed(path: Path, _changed: int) -> tuple[tuple[Term, ...], tuple[Phrase, ...]]:
    raw: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    seen: dict[str, Term] = {}
    avoided: list[Phrase] = []
    for number, entry in enumerate(raw, start=1):
        where = f"{path.name}, entry {number}"
        for lang in LANGUAGES:
            wrongs = entry.get(f"avoid_{lang}", [])
            instead = entry.get(f"instead_{lang}", entry.get(lang, ""))
            if not isinstance(wrongs, list):
                raise GlossaryError(f"{where}: expected avoid_{lang} to be a list, got {wrongs!r}")
            if wrongs and not instead:
                raise GlossaryError(f"{where}: avoid_{lang} without instead_{lang}")
            avoided += [Phrase(lang, wrong, instead) for wrong in wrongs]
        if any(f"instead_{lang}" in entry for lang in LANGUAGES):
            continue
        if lacking := [name for name in _REQUIRED if not entry.get(name)]:
            raise GlossaryError(f"{path.name}, entry {number} ({entry.get('id')}): lacks {lacking}")
        if entry["id"] in seen:
            raise GlossaryError(f"{path.name}, entry {number}: the id {entry['id']!r} stands twice")
        seen[entry["id"]] = Term(
            *(entry[name] for name in ("id", "zh", "en", "page")),
            {lang: entry[f"def_{lang}"] for lang in LANGUAGES},
            {lang: tuple(entry.get(f"aliases_{lang}", ())) for lang in LANGUAGES},
        )
    return tuple(seen.values()), tuple(avoided)


def pattern(forms: tuple[str, ...], lang: str) -> str:
    """A regular expression for a term: Chinese as it is, English as whole words, plural s too."""
    alternatives = "|".join(re.escape(f) for f in sorted(forms, key=len, reverse=True))
    return f"(?:{alternatives})" if lang == "zh" else rf"\b(?i:{alternatives})s?\b"


def prose(page: Page) -> Iterable[tuple[int, str]]:
    """The running text: no front matter, headings, code spans, formulas and addresses."""
    text = "\n".join(line for _, line in page.scan.prose)
    for left_out in _NO_PROSE:
        text = left_out.sub(lambda match: " " + "\n" * match[0].count("\n"), text)
    numbers = (number for number, _ in page.scan.prose)
    return zip(numbers, text.split("\n"), strict=True)


def avoided(
    text: str, lang: str, path: Path = FILE, quotes: bool = False
) -> Iterable[tuple[int, str]]:
    """(line, complaint) of each phrase not to use.

    ``quotes``: a page quotes “…” its author's own words; such a quotation ends in its paragraph.
    """
    if quotes:
        text = _QUOTED.sub(lambda m: m[0] if "\n\n" in m[0] else re.sub(r"[^\n]", "\0", m[0]), text)
    for phrase in phrases(lang, path):
        for match in re.finditer(pattern((phrase.wrong,), lang), text):
            line = text.count("\n", 0, match.start()) + 1
            yield line, f"{phrase.wrong!r}: the glossary's word is {phrase.instead!r}"


def complaints(page: Page, order: list[str], path: Path = FILE) -> list[str]:
    """What the page does against the glossary.

    Args:
        page: one page.
        order: the names of the book's chapters in reading order.
    """
    lang = page.lang
    said = avoided(page.text, lang, path, quotes=True)
    problems = [f"{page.path}:{line}: {complaint}" for line, complaint in said]
    if page.name not in order:
        return problems
    here = order.index(page.name)
    text = list(prose(page))
    for term in terms(path):
        if term.page not in order:
            problems.append(f"{path.name}: {term.id}: there is no page {term.page}")
            continue
        introduced = order.index(term.page)
        first = _first_use(term, text, lang)
        if introduced == here:
            problems += _not_in_both(term, page, first)
        elif introduced > here and first is not None and not _links(page, term.page):
            own = term.forms(lang)[0]
            problems.append(
                f"{page.path}:{first[0]}: {own!r} is used before {term.page} introduces it"
            )
    return problems


def _links(page: Page, name: str) -> bool:
    """Whether the page links another one, from within its folder or from outside."""
    folder, _, last = name.rpartition("/")
    within = rf"|\({re.escape(last)}" if page.name.startswith(f"{folder}/") else ""
    return re.search(rf"(?:[(/]{re.escape(name)}{within})\.md[#)]", page.text) is not None


def _first_use(term: Term, text: list[tuple[int, str]], lang: str) -> tuple[int, str] | None:
    """(line, the text from the term on) of the first use that is not part of a longer term."""
    longer = [
        form
        for other in terms()
        if other.id != term.id
        for form in other.forms(lang)
        if any(own.lower() in form.lower() for own in term.forms(lang))
        and form not in term.forms(lang)
    ]
    own = re.compile(pattern(term.forms(lang), lang))
    masked = re.compile(pattern(tuple(longer), lang)) if longer else None
    for line, words in text:
        hidden = masked.sub(lambda m: "\0" * len(m[0]), words) if masked else words
        if match := own.search(hidden):
            return line, words[match.start() :]
    return None


def _not_in_both(term: Term, page: Page, first: tuple[int, str] | None) -> list[str]:
    lang = page.lang
    own, other = (term.zh, term.en) if lang == "zh" else (term.en, term.zh)
    form = f"{own}（{other}）" if lang == "zh" else f"{own} ({other})"
    if first is None:
        return [
            f"{page.path}: the glossary says that this page introduces {own!r}; it never says it"
        ]
    line, words = first
    given = re.match(
        pattern(term.forms(lang), lang) + r"[*_]*\s?[（(]\s?[*_]*" + re.escape(other), words, re.I
    )
    return [] if given else [f"{page.path}:{line}: the first use of {own!r} must read {form!r}"]
