"""An include on the site and in the tests: the same code, or the same refusal."""

import html
import re
from pathlib import Path

import markdown
import pytest
from mkdocs.config import load_config

from wode.book import ROOT
from wode.book.fences import PageError
from wode.book.markdown import expanded
from wode.book.pages import load

from .conftest import SmallBook

SNIPPET = '''
"""A module."""
# --8<-- [start:outer]
A = 1


def f(x):
    # --8<-- [start:body]
    if x:
        return x + 1

    return "two\u2028parts\x85of\x0cone line"
    # --8<-- [end:body]
# --8<-- [end:outer]


class C:
    @property
    def p(self):
        """Words.

        More.
        """
        return 2


def last(): return 3
'''.lstrip()

TARGETS = [
    "s.py",
    "s.py:f",
    "s.py:C",
    "s.py:C.p",
    "s.py:A",
    "s.py:last",
    "s.py:outer",
    "s.py:body",
    "s.py:3:8",
    "s.py:16",
    "s.py::3",
    "s.py:-4",
    "s.py:-4:-1",
    "s.py:3:3,17:22",
    "./s.py:f",
]
PLACES = {
    "alone": ("```python\n{}\n```\n", ""),
    "with a title": ('```{{.python .annotate title="a < b"}}\nx = 1\n{}\n```\n', ""),
    "with a quote in its title": ("```python title='a \"b\"'\n{}\n```\n", ""),
    "in a block": ("```python\nif True:\n    {}\n    y = 1\n```\n", ""),
    "in a tab in a list": (
        '1. a\n\n    === "b"\n\n        ```python\n        {}\n        ```\n',
        "",
    ),
}


@pytest.fixture(scope="module")
def extensions() -> dict[str, dict]:
    """The site's own, by name; ours is called before them."""
    config = load_config(str(ROOT / "mkdocs.yml"))
    ours = "wode.book.markdown"
    return {
        name: config.mdx_configs.get(name, {})
        for name in config.markdown_extensions
        if name != ours
    }


def shown(page: Path, root: Path, extensions: dict[str, dict]) -> str:
    """The page as the site has it."""
    text = expanded(page.read_text(encoding="utf-8"), page, "zh", root)
    configs = {
        **extensions,
        "pymdownx.snippets": {**extensions["pymdownx.snippets"], "base_path": [str(root)]},
    }
    return markdown.markdown(text, extensions=list(configs), extension_configs=configs)


def code(page: str) -> list[str]:
    """The text of its blocks."""
    blocks = re.findall(r"<pre.*?>(.*?)</pre>", page, re.S)
    return [html.unescape(re.sub(r"<[^>]+>", "", block)).strip("\n") for block in blocks]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("target", TARGETS)
def test_the_site_shows_what_the_tests_run(
    book: SmallBook, extensions: dict[str, dict], target: str, place: str
) -> None:
    (book.root / "s.py").write_bytes(SNIPPET.replace("\n", "\r\n").encode("utf-8-sig"))
    page = book.root / "p.md"
    page.write_text(PLACES[place][0].format(f'--8<-- "{target}"'), encoding="utf-8")
    (block,) = load(page, book.root).blocks
    assert code(shown(page, book.root, extensions)) == [block.source.strip("\n")]
    assert "8<-" not in block.source
    written = SNIPPET.split("\n")
    of_snippet = [line for line in block.lines if line.path == book.root / "s.py"]
    assert of_snippet
    assert all(written[line.number - 1].strip() == line.text.strip() for line in of_snippet)


def test_a_block_names_its_sources(book: SmallBook, extensions: dict[str, dict]) -> None:
    book.snippet("a = 1\n", "wode/v.py")
    book.snippet("b = 1\nc = 1\n", "snippets/s.py")
    targets = ["wode/v.py:a", "snippets/s.py:b", "snippets/s.py:c"]
    lines = "\n".join(f'--8<-- "{target}"' for target in targets)
    page = book.page(f'```{{.python title="x < y"}}\n{lines}\n```\n\n```python\nd = 1\n```\n')

    def link(identifier: str, text: str) -> str:
        return f"<autoref identifier='{identifier}' optional>{text}</autoref>"

    built = shown(page, book.root, extensions)
    (label,) = re.findall(r'<span class="filename">(.*?)</span>', built)
    ours, theirs = (
        f"{link('wode.v', 'wode/v.py')} · {link('wode.v.a', 'a')}",
        "snippets/s.py · b, c",
    )
    assert label == f"x &lt; y · {ours}; {theirs}"


REFUSED = {
    "outside": ('```python\n--8<-- "../p.py"\n```\n', 2, "a file inside"),
    "absolute": ('```python\n--8<-- "/etc/hosts"\n```\n', 2, "a file inside"),
    "a link that leads outside": ('```python\n--8<-- "link.py"\n```\n', 2, "a file inside"),
    "an address": ('```python\n--8<-- "https://x.org/y.py"\n```\n', 2, "a file inside"),
    "a folder": ('```python\n--8<-- "docs"\n```\n', 2, "no file docs"),
    "no lines": ('```python\n\n--8<-- "s.py:90:99"\n```\n', 3, "holds no lines"),
    "an escape": ('```python\n;--8<-- "s.py"\n```\n', 2, "expected --8<--"),
    "several files": ("```python\n--8<--\ns.py\n--8<--\n```\n", 2, "expected --8<--"),
    "a section's mark": ("```python\nx = 1  # --8<-- [start:a]\n```\n", 2, "expected --8<--"),
    "an include in an include": ('```python\n--8<-- "nested.py"\n```\n', 2, "includes of its own"),
    "a section twice": (
        '```python\n--8<-- "twice.py:a"\n```\n',
        2,
        "'a' needs one start, then one end; it has start at line 1, end at line 3, start at line 4",
    ),
    "a section without an end": (
        '```python\n--8<-- "open.py:a"\n```\n',
        2,
        "it has start at line 1",
    ),
    "in prose": ('text\n\n--8<-- "s.py"\n', 3, "stands in a fence"),
    "several in prose": ("text\n\n  -8<-\ns.py\n-8<-\n", 3, "stands in a fence"),
    "a mark in prose": ("see `# --8<-- [start:a]`\n", 1, "stands in a fence"),
    "in a comment": ('<!--\n```python\n--8<-- "s.py:f"\n```\n-->\n', 3, "stands in a fence"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_both_sides_refuse(book: SmallBook, what: str) -> None:
    text, line, message = REFUSED[what]
    marks = "# --8<-- [start:a]\nx = 1\n# --8<-- [end:a]\n"
    (book.root / "s.py").write_text("x = 1\n")
    (book.root / "nested.py").write_text('--8<-- "s.py"\n')
    (book.root / "twice.py").write_text(marks + marks)
    (book.root / "open.py").write_text(marks[:25])
    (book.root / "link.py").symlink_to(Path(__file__))
    page = book.page(text)
    for read in (lambda: load(page, book.root), lambda: expanded(text, page, "zh", book.root)):
        with pytest.raises(PageError) as caught:
            read()
        assert caught.value.line == line
        assert message in caught.value.message


def test_an_include_can_be_shown(book: SmallBook, extensions: dict[str, dict]) -> None:
    """Escaped, in a fence that does not run or in prose."""
    page = book.page('`;--8<-- [start:x]`\n\n```text\n;--8<-- "s.py:f"\n# ;--8<-- [start:x]\n```\n')
    assert load(page, book.root).blocks == []
    text = shown(page, book.root, extensions)
    assert "<code>--8&lt;-- [start:x]</code>" in text
    assert code(text) == ['--8<-- "s.py:f"\n# --8<-- [start:x]']
