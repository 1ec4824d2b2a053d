"""C4's rules, one by one and together."""

import re
import sys
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wode import cleaning
from wode.book import ROOT
from wode.cleaning import (
    POLICY,
    asks_for_javascript,
    broken,
    clean,
    deduplicate,
    deduplicate_lines,
    has_few_sentences,
    has_word_of,
    is_placeholder,
    is_policy,
    sentences_of,
    text_of,
    without_citations,
)

sys.path.insert(0, str(ROOT / "snippets" / "1_NLP_basics"))
import c4_experiment
from c4 import Grams

STORY = (
    "The river was high that spring. Nobody crossed it for a week.\n"
    "On Sunday the miller came back, and asked who had fed his cat.\n"
    'It was the baker\'s girl, who said: "You might have told us."'
)


@pytest.mark.parametrize(
    ("rule", "goes", "stays"),
    [
        ("has_no_end", ["Home > News > Weather", "Read more...", "and so on…", "Price: 3"],
         ["It rained.", "Did it?", "Run!", 'She said: "no"', "He said “no.”"]),
        ("has_few_words", ["Click here, now please.", ""], ["Five words are enough here."]),
        ("asks_for_javascript", ["Please enable JavaScript to see this page."], ["Java is far."]),
        ("is_policy", ["You accept our Terms of Use here.", "This site uses cookies to help."],
         ["He baked cookies for us all."]),
        ("is_placeholder", ["A title\nLorem ipsum dolor sit amet."], [STORY]),
        ("has_braces", ["if (x) { y(); }", "\\frac}"], [STORY]),
        ("has_few_sentences", ["One. Two."], ["One. Two. Three.", "One\nTwo\nThree"]),
    ],
)  # fmt: skip
def test_a_rule(rule, goes, stays):
    for text in goes:
        assert getattr(cleaning, rule)(text), text
    for text in stays:
        assert not getattr(cleaning, rule)(text), text


def test_words_are_looked_for_as_words():
    bad = has_word_of(["ass", "two words"])
    assert bad("You ASS!")
    assert bad("these two words, there")
    assert not bad("A class of glass.")
    assert has_word_of(["坏话"])("他说了坏话。")
    assert not has_word_of([])("anything")


def test_citations_go_and_the_line_stays():
    assert without_citations("It rained[12] a lot[citation needed].[edit] See [a].") == (
        "It rained a lot. See [a]."
    )


def test_a_page_is_left_with_its_sentences():
    page = (
        f"Home | News\n{STORY}\nWe use cookies on this site.\nEnable JavaScript to go on, please.\n"
    )
    pages, lines, removed = clean([page])
    assert pages == [STORY]
    assert lines == Counter({"no end mark": 1, "policy": 1, "JavaScript": 1})
    assert not removed


def test_paper_and_program_differ_in_braces():
    """The paper drops the page; the program has dropped the line before it looks for braces."""
    page = STORY + "\nfor (;;) { wait }"
    assert clean([page]).removed == Counter(braces=1)
    program = clean([page], as_program=True)
    assert program.pages == [STORY]
    assert program.lines == Counter({"no end mark": 1})


@given(st.lists(st.lists(st.sampled_from([
    "Home", "A line without any end", "It rained all day long here.", "Who was it, do you know?",
    "Enable JavaScript, please, or else.", "Lorem ipsum dolor sit amet there.", "{ x } is a brace.",
    "We use cookies on this site.", "", "No. No. No. No. No."]), max_size=8), max_size=8),
    st.booleans())  # fmt: skip
def test_every_page_and_line_is_counted_once(pages, as_program):
    texts = ["\n".join(page) for page in pages]
    kept, lines, removed = clean(texts, as_program=as_program)
    assert len(kept) + removed.total() == len(texts)
    for page in kept:
        assert len(sentences_of(page)) >= 3
        assert not any(broken(cleaning.LINE_RULES, line) for line in page.splitlines())
        assert not broken(cleaning.PAGE_RULES, page)
    assert lines.total() <= sum(bool(line) for page in pages for line in page)
    assert clean(kept, as_program=as_program).pages == kept  # clean is clean


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=12), max_size=6), st.integers(1, 4))
def test_no_span_twice_and_the_first_is_kept(pages, span):
    texts = ["\n".join(f"{letter}." for letter in page) for page in pages]
    kept = deduplicate(texts, span)
    before = [tuple(page[n : n + span]) for page in pages for n in range(len(page) - span + 1)]
    if len(set(before)) == len(before):  # nothing occurs twice: nothing goes
        assert kept == [text for text in texts if text]
    for text, page in zip(texts[:1], kept[:1], strict=False):
        if span == 1:
            assert page.split("\n") == [*dict.fromkeys(text.split("\n"))]
    assert sum(map(len, kept)) <= sum(map(len, texts))


def test_a_footer_stays_once():
    footer = "Thanks for reading this. Follow us here. Come back soon."
    first, second = f"{STORY}\n{footer}", f"Another story, quite short. It ends.\n{footer}"
    assert deduplicate([first, second]) == [first, "Another story, quite short. It ends."]
    assert deduplicate([first.upper(), second])[1] == "Another story, quite short. It ends."


def test_sentences():
    assert sentences_of('He said "no." Then he left! Did he?\n  A title  \n\n3.5 is one.') == [
        'He said "no."', "Then he left!", "Did he?", "A title", "3.5 is one.",
    ]  # fmt: skip
    assert not sentences_of("")
    for one, other in pairwise(sentences_of(STORY)):
        assert one != other


PAGE = """<html><head><title>Weather</title><style>p { color: red }</style>
<script>var x = "<p>no</p>";</script></head><body>
<nav><a href="/">Home</a> <a href="/n">News</a></nav><h1>It <em>rained</em>.</h1>
<p>All day
   long&nbsp;&amp; all night.<br>Nobody was out.</p>
<table><tr><td>Monday</td><td>3 mm</td></tr></table><pre>one
  two</pre></body></html>"""


def test_text_of_a_page():
    assert text_of(PAGE).splitlines() == [
        "Weather", "Home News", "It rained.", "All day long & all night.", "Nobody was out.",
        "Monday", "3 mm", "one", "two",
    ]  # fmt: skip
    assert text_of("no tags at all") == "no tags at all"
    assert text_of("<script>open { for ever") == ""


def as_the_program_says(page: str) -> str | None:
    """c4_utils.py's clean_page (TensorFlow Datasets), in words of our own: line after line."""
    left, sentences = [], 0
    for line in page.splitlines():
        line = re.sub(r"\[\d*\]|\[edit\]|\[citation needed\]", "", line.strip())
        if line[-1:] not in {".", "?", "!", '"'} or line[-3:] == "...":
            continue
        if len(line.split()) < 5:
            continue
        if "lorem ipsum" in line.lower():
            return None
        if "javascript" in line.lower():
            continue
        if "{" in line:
            return None
        if any(phrase in line.lower() for phrase in POLICY):
            continue
        sentences += len(sentences_of(line))
        left.append(line)
    return "\n".join(left) if sentences >= 3 else None


WORDS = [
    "It", "rained", "all", "day", "long.", "no!", 'so?"', "[1]", "[edit]", "and...", "privacy",
    "policy", "JavaScript", "Lorem", "ipsum", "{", "x", "Who", "knows?",
]  # fmt: skip


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join), max_size=6))
def test_as_the_program(lines):
    """Its order within a line, where it ends a page by one that another rule takes, is not ours."""
    two = [
        sum([bool(is_policy(line) or asks_for_javascript(line)), "{" in line, is_placeholder(line)])
        for line in lines
    ]
    page = "\n".join(line for line, rules in zip(lines, two, strict=True) if rules < 2)
    theirs = as_the_program_says(page)
    assert clean([page], as_program=True).pages == ([] if theirs is None else [theirs])


def test_lines_that_occurred_before():
    first = "One is here.\nTwo is here.\nTwo is here.\nThree is here."
    second = "TWO is here.\nFour. Five. Six."
    once = "One is here.\nTwo is here.\nThree is here."
    assert deduplicate_lines([first, second, once]) == [once, "Four. Five. Six."]
    assert deduplicate_lines([first, first]) == [once]


@given(st.lists(st.lists(st.sampled_from("abcdABCD"), max_size=9), max_size=5))
def test_no_line_twice(pages):
    texts = ["\n".join(f"{letter}. It is so." for letter in page) for page in pages]
    kept = [line.lower() for page in deduplicate_lines(texts) for line in page.splitlines()]
    assert len(kept) == len(set(kept))
    assert not any(has_few_sentences(page) for page in deduplicate_lines(texts))


def test_what_the_experiment_counts(monkeypatch):
    """Shares of letters add up, in either order."""
    texts = [STORY, STORY + "\nfor (;;) { wait }", "Home\nNews\nOne. Two.", "Lorem ipsum."]
    monkeypatch.setitem(vars(c4_experiment), "pages", lambda name: texts)
    for how in ("paper", "program"):
        found = c4_experiment.counted("any")[how]
        assert sum(found["turn"].values()) + found["letters"] == pytest.approx(1)
    assert found["pages"] == 1 / 2


def test_a_small_model():
    model = Grams("the cat sat on the mat. " * 9, n=4, beta=1.0)
    for before in ("", "t", "the", "xyz"):
        assert sum(model.probability(chr(c), before) for c in range(2**16)) == pytest.approx(1)
    assert model.bits("the cat sat on the mat.") < 1 < model.bits("qqqq zzzz qqqq") / 10
