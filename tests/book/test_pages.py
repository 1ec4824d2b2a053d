"""Includes, outputs, skips: what makes a page a program, and what stops it with a clear word."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wode.book.fences import PageError
from wode.book.includes import IncludeError, Line, include
from wode.book.pages import load

from .conftest import SmallBook

SNIPPET = """
    import math


    # --8<-- [start:two]
    A = 1
    B = 2
    # --8<-- [end:two]


    def f(x: int) -> int:
        return x + 1


    class C:
        def method(self):
            return 1

        @property
        def p(self):
            return 2


    @staticmethod
    def decorated():
        return 3
"""


def lines_of(target: str, root: Path) -> list[Line]:
    return include(f'--8<-- "{target}"', root).lines


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        (":two", "A = 1", "B = 2"),
        (":f", "def f(x: int) -> int:", "    return x + 1"),
        (":C", "class C:", "        return 2"),
        (":C.p", "@property", "    return 2"),
        (":decorated", "@staticmethod", "    return 3"),
        (":A", "A = 1", "A = 1"),
        (":18:19", "@property", "def p(self):"),
        ("", "import math", ""),
    ],
)
def test_an_include_is_found_by_name(book: SmallBook, name: str, first: str, last: str) -> None:
    source = book.snippet(SNIPPET)
    lines = lines_of(f"snippets/s.py{name}", book.root)
    assert (lines[0].text, lines[-1].text) == (first, last)
    written = source.read_text().split("\n")
    assert all(written[line.number - 1].strip() == line.text.strip() for line in lines)
    assert not any("--8<--" in line.text for line in lines)


def test_a_missing_name_says_what_there_is(book: SmallBook) -> None:
    book.snippet(SNIPPET)
    with pytest.raises(
        IncludeError, match=r"no section or definition 'g'; it has: two, A, B, f, C, decorated"
    ):
        lines_of("snippets/s.py:g", book.root)


BROKEN = {
    "a missing file": (
        '```python\n--8<-- "snippets/none.py"\n```\n',
        2,
        "no file snippets/none.py",
    ),
    "a missing name": ('```python\nx = 1\n--8<-- "snippets/s.py:g"\n```\n', 3, "definition 'g'"),
    "an unclosed fence": ("text\n\n```python\nx = 1\n", 3, "never closed"),
    "an include in a session": ('```pycon\n--8<-- "snippets/s.py:f"\n```\n', 2, "not in pycon"),
    "an output of nothing": ("```output\n1\n```\n", 1, "follows no python block"),
    "an include in prose": (
        'text\n\n--8<-- "snippets/s.py:f"\n',
        3,
        "an include stands in a fence",
    ),
    "an include that hides": ('!!! note\n\n    -8<- "a.md"\n', 3, "an include stands in a fence"),
    "code in HTML": ('<pre><code class="language-python">x\n', 1, "expected code in a fence"),
    "code in a quote": ("> a\n>\n> ```py3\n> 1\n> ```\n", 3, "block quote"),
    "a session without a prompt": ("```pycon\nx = 1\n```\n", 1, "expected a >>> line, got 'x = 1'"),
    "a session with more": ("```pycon\n>>> 1\n1\n\n2\n```\n", 1, "expected a >>> line, got '2'"),
    "an empty session": ("```pycon\n```\n", 1, "expected a >>> line"),
    "an output of a session": (
        "```pycon\n>>> 1\n1\n```\n\n```output\n2\n```\n",
        6,
        "follows no python block",
    ),
    "an output of a shell": (
        "```console\n$ x\n```\n\n```output\n1\n```\n",
        5,
        "follows no python block",
    ),
    "text before the output": ("```python\n1\n```\ntext\n```output\n1\n```\n", 5, "line 4"),
    "a skip without a reason": ("<!-- skip: next -->\n```python\n1\n```\n", 1, "needs a reason"),
    "a skip before nothing": ('text\n<!-- skip: next "x" -->\n', 2, "none follows"),
    "half a mutation": ("<!-- mutation: a.py | b -->\n", 1, "old text | new text"),
    "an odd mutation": ("<!-- mutation: reason | a.py | b | c -->\n", 1, "perhaps formula or"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_page_names_its_line(book: SmallBook, what: str) -> None:
    text, line, message = BROKEN[what]
    book.snippet(SNIPPET)
    path = book.page(text)
    with pytest.raises(PageError) as caught:
        load(path, book.root)
    assert str(caught.value).startswith(f"{path.relative_to(book.root)}:{line}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize("what", BROKEN)
def test_pytest_reports_a_broken_page_in_one_line(book: SmallBook, what: str) -> None:
    text, line, message = BROKEN[what]
    book.snippet(SNIPPET)
    book.page(text)
    result = book.run("docs")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.re_match_lines([rf".*p\.md:{line}: .*{message}.*"])


def test_a_page_knows_its_twin(book: SmallBook) -> None:
    page = load(book.page("# a\n", "zh", "0_part/x"), book.root)
    assert (page.lang, page.name) == ("zh", "0_part/x")
    assert page.twin == book.root / "docs" / "en" / "0_part" / "x.md"


@given(st.lists(st.sampled_from(["x = 1", "", "    y", "def f():", "# a", "文"]), min_size=1))
def test_a_whole_file_comes_back_as_it_is(tmp_path_factory, lines: list[str]) -> None:
    folder: Path = tmp_path_factory.mktemp("include")
    (folder / "s.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    got = [line.text for line in lines_of("s.txt", folder)]
    assert got == [*lines, ""]
