"""C4's rules: which lines and pages of the web are worth reading, and why the others are not.

*T5* (Raffel et al., arXiv:1910.10683, section 2.2) learns from the Colossal Clean Crawled Corpus,
what is left of one month of Common Crawl. Each rule is a function that says whether a line or a
page goes. A page is a text, a line a line of it.

The program that makes the corpus (TensorFlow Datasets, ``c4_utils.py``) differs from the paper: it
looks for braces and placeholder text only in lines that the other rules have left
(``as_program``), and it drops lines, not spans of three sentences, that occurred before
(``deduplicate_lines``). What is not followed here: it also drops lines with a word of more than
1000 characters, knows only the opening brace, ends no line by ' or ’ or ”, and ends a page by a
brace in a line that the policy rule would have dropped.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from html.parser import HTMLParser
from typing import NamedTuple

from wode.checks import several

FEWEST_WORDS = 5  # in a line
FEWEST_SENTENCES = 3  # in a page
POLICY = (
    "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies",
    "use cookies",
)  # fmt: skip
_CITATION = re.compile(r"\[\d*\]|\[edit\]|\[citation needed\]")
_END = re.compile(r"""[.!?]["'”’]?$|["”]$""")
_BETWEEN = re.compile(r"""(?<=[.!?])\s+|(?<=[.!?]["'”’])\s+""")

Rule = Callable[[str], bool]


# ---------------------------------------------------------------- from HTML to text

HIDDEN = {"script", "style", "template", "noscript"}
INLINE = {
    "a", "abbr", "b", "bdi", "cite", "code", "em", "font", "i", "kbd", "label", "mark", "q", "s",
    "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr",
}  # fmt: skip


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts, self.hidden, self.listing = list[str](), 0, 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.hidden += tag in HIDDEN
        self.listing += tag == "pre"
        if tag not in INLINE:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.hidden = max(0, self.hidden - (tag in HIDDEN))
        self.listing = max(0, self.listing - (tag == "pre"))
        if tag not in INLINE:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data if self.listing else re.sub(r"\s+", " ", data))


def text_of(html: str) -> str:
    """What a page shows, each paragraph, cell and line of a listing a line; no scripts, no styles.

    Common Crawl's WET files hold such texts of the pages it has visited.
    """
    reader = _Text()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    return "\n".join(filter(None, lines))


# ---------------------------------------------------------------- lines


def has_no_end(line: str) -> bool:
    """No . or ? or ! or closing quotation mark: a menu, a title, …"""
    return line.endswith(("...", "…")) or not _END.search(line)


def has_few_words(line: str) -> bool:
    """Fewer than five: a button, a heading, a price."""
    return len(line.split()) < FEWEST_WORDS


def asks_for_javascript(line: str) -> bool:
    """Mostly a request to turn it on."""
    return "javascript" in line.lower()


def is_policy(line: str) -> bool:
    """Cookies, privacy, terms of use: the same on thousands of pages."""
    return any(phrase in line.lower() for phrase in POLICY)


def without_citations(line: str) -> str:
    """Wikipedia's [1], [edit] and [citation needed] go, the line stays."""
    return _CITATION.sub("", line)


# ---------------------------------------------------------------- pages


def is_placeholder(page: str) -> bool:
    """A page that is laid out and not yet written."""
    return "lorem ipsum" in page.lower()


def has_braces(page: str) -> bool:
    """Curly brackets stand in program text and hardly anywhere else."""
    return "{" in page or "}" in page


def has_few_sentences(page: str) -> bool:
    """Fewer than three."""
    return len(sentences_of(page)) < FEWEST_SENTENCES


def has_word_of(words: Collection[str]) -> Rule:
    """A rule: one of ``words`` stands in the page as a word (in Chinese, anywhere)."""
    forms = "|".join(re.escape(word.lower()) for word in words)
    pattern = re.compile(rf"(?<!\w)(?:{forms})(?!\w)" if forms.isascii() else forms)
    return lambda page: bool(forms) and bool(pattern.search(page.lower()))


LINE_RULES: dict[str, Rule] = {
    "no end mark": has_no_end,
    "few words": has_few_words,
    "JavaScript": asks_for_javascript,
    "policy": is_policy,
}
PAGE_RULES: dict[str, Rule] = {"placeholder": is_placeholder, "braces": has_braces}


# ---------------------------------------------------------------- all together


class Cleaned(NamedTuple):
    """The pages that are left, and how many lines and pages each rule removed, by its name."""

    pages: list[str]
    lines: Counter[str]
    removed: Counter[str]


def clean(
    pages: Iterable[str],
    page_rules: Mapping[str, Rule] = PAGE_RULES,
    line_rules: Mapping[str, Rule] = LINE_RULES,
    as_program: bool = False,
) -> Cleaned:
    """All rules in turn; what one has removed, those after it do not see.

    First whole pages go, then lines, then pages of which too little is left.
    ``as_program``: lines first, as the published program does it.
    """
    kept, lines, removed = list[str](), Counter[str](), Counter[str]()
    for page in several("pages", pages):
        reason = None if as_program else broken(page_rules, page)
        if reason is None:
            left = []
            for line in map(without_citations, map(str.strip, page.splitlines())):
                if line and (gone := broken(line_rules, line)):
                    lines[gone] += 1
                elif line:
                    left.append(line)
            page = "\n".join(left)
            reason = broken({**page_rules, "few sentences": has_few_sentences}, page)
        if reason:
            removed[reason] += 1
        else:
            kept.append(page)
    return Cleaned(kept, lines, removed)


def broken(rules: Mapping[str, Rule], text: str) -> str | None:
    """The name of the first rule by which a text goes."""
    return next((name for name, rule in rules.items() if rule(text)), None)


def sentences_of(text: str) -> list[str]:
    """Cut behind each mark that ends a sentence, and at the ends of lines."""
    lines = (line.strip() for line in text.splitlines())
    return [part for line in lines for part in _BETWEEN.split(line) if part]


def deduplicate(pages: Iterable[str], span: int = 3) -> list[str]:
    """Of ``span`` sentences in a row that occur again, only the first time is kept.

    Upper and lower case are the same. A page of which nothing is left is left out; the others keep
    their lines.
    """
    seen, kept = set[tuple[str, ...]](), list[str]()
    for page in several("pages", pages):
        lines = [sentences_of(line) for line in page.splitlines()]
        flat = [sentence.lower() for line in lines for sentence in line]
        again = set[int]()
        for begin in range(len(flat) - span + 1):
            words = tuple(flat[begin : begin + span])
            if words in seen:
                again.update(range(begin, begin + span))
            seen.add(words)
        place, left = 0, list[str]()
        for line in lines:
            stay = [part for n, part in enumerate(line, start=place) if n not in again]
            place += len(line)
            if stay:
                left.append(" ".join(stay))
        if left:
            kept.append("\n".join(left))
    return kept


def deduplicate_lines(pages: Iterable[str]) -> list[str]:
    """As the program does it: a line that occurred before goes, and a page left too short, too."""
    seen, kept = set[str](), list[str]()
    for page in several("pages", pages):
        lines = {line.lower(): line for line in reversed(page.splitlines())}  # the first of each
        left = [line for key, line in reversed(lines.items()) if key not in seen]
        seen.update(lines)
        if not has_few_sentences(text := "\n".join(left)):
            kept.append(text)
    return kept
