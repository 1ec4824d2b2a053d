"""The parser finds every fence that a reader sees, and nothing else."""

import re
from html.parser import HTMLParser

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wode.book.fences import EXECUTED, PageError, kind_of, scan

EXTENSIONS = [
    "attr_list",
    "admonition",
    "pymdownx.details",
    "pymdownx.superfences",
    "pymdownx.highlight",
    "pymdownx.tabbed",
    "md_in_html",
]


class _Blocks(HTMLParser):
    """Counts the code blocks of a rendered page by their language."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").lower().split()
        languages = {"language-python", "language-pycon", "language-ipython", "language-py"}
        self.count += tag in ("div", "table") and bool(languages & set(classes))


def rendered_blocks(text: str) -> int:
    page = _Blocks()
    page.feed(
        markdown.markdown(
            text,
            extensions=EXTENSIONS,
            extension_configs={
                "pymdownx.tabbed": {"alternate_style": True},
                "pymdownx.highlight": {"pygments_lang_class": True},
            },
        )
    )
    return page.count


@pytest.mark.parametrize(
    "info",
    [
        "python",
        "py",
        'python title="x.py"',
        'python hl_lines="1 2"',
        "{.python .annotate}",
        '{ .python title="a b" }',
        "pycon",
        "Python",
    ],
)
def test_every_info_line_is_seen(info: str) -> None:
    text = f"```{info}\nx = 1\n```\n"
    fence = scan(text).fences[0]
    assert fence.kind in EXECUTED
    assert fence.lines == ("x = 1",)
    assert rendered_blocks(text) == 1


@pytest.mark.parametrize("info", ["", "bash", "console", "pythonic", "text", "{.yaml}", "json"])
def test_other_languages_are_not_executed(info: str) -> None:
    assert kind_of(info) not in EXECUTED


NESTED = """\
# Title

!!! note "admonition"

    ```python
    a = 1
    ```

    ??? success "nested"

        ~~~py title="x"
        b = 2
        ~~~

=== "tab"

    ```pycon
    >>> a
    1
    ```

1. a list

    ```python
    c = 3
    ```

````markdown
```python
quoted = True
```
````

<!--
```python
commented = True
```
-->

```output
a line
```
"""


def test_nested_fences_are_seen_and_quoted_ones_are_not() -> None:
    found = [f for f in scan(NESTED).fences if f.kind in EXECUTED]
    assert [f.lines[0] for f in found] == ["a = 1", "b = 2", ">>> a", "c = 3"]
    assert [f.line for f in found] == [5, 11, 17, 24]
    assert rendered_blocks(re.sub(r"<!--.*?-->", "", NESTED, flags=re.S)) == 4


def test_comments_and_prose_are_told_apart() -> None:
    cut = scan('a\n<!-- skip: next "why" -->\n```python\n<!-- code\n```\n<!--\nx\n-->\nb\n')
    assert [c.text for c in cut.comments] == ['skip: next "why"', "x"]
    assert [line for line, _ in cut.prose] == [1, 9]


@pytest.mark.parametrize("text", ["a\n\n```python\nx\n", "!!! note\n\n    ```py\n    x\n\nafter\n"])
def test_an_unclosed_fence_names_its_line(text: str) -> None:
    with pytest.raises(PageError, match=r"^p\.md:3: the fence opened here .* is never closed"):
        scan(text, "p.md")


def test_an_unclosed_comment_names_its_line() -> None:
    with pytest.raises(PageError, match=r"^p\.md:2: the comment"):
        scan("a\n<!-- b\nc\n", "p.md")


INFO = st.sampled_from(
    ["python", "py", 'python title="t"', "pycon", "{.python .annotate}", "bash", ""]
)
BODY = st.sampled_from(["x = 1", ">>> 1\n1", "", "# a\n\nb = 2", "``` not a fence: text"])


@st.composite
def fenced(draw: st.DrawFn) -> tuple[str, int]:
    """A fence, perhaps in containers, with how many executed blocks it is."""
    mark = draw(st.sampled_from(["```", "~~~", "````"]))
    info, body = draw(INFO), draw(BODY)
    text = f"{mark}{info}\n{body}\n{mark}"
    for container in draw(st.lists(st.sampled_from(['!!! note "n"', '??? info "i"']), max_size=2)):
        text = f"{container}\n\n" + "\n".join(
            f"    {line}" if line else "" for line in text.split("\n")
        )
    return text, int(kind_of(info) in EXECUTED)


@given(st.lists(fenced(), max_size=5))
def test_the_count_is_that_of_the_rendered_page(parts: list[tuple[str, int]]) -> None:
    text = "\n\nsome words\n\n".join(part for part, _ in parts) + "\n"
    found = sum(f.kind in EXECUTED for f in scan(text).fences)
    assert found == sum(count for _, count in parts) == rendered_blocks(text)
