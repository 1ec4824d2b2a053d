"""The parser finds every fence that a reader sees, and nothing else."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown import Markdown
from mkdocs.config import load_config
from pygments.lexers import get_lexer_by_name

from wode.book import ROOT
from wode.book.fences import EXECUTED, HIGHLIGHT, PageError, kind_of, scan

CONFIGURED = load_config(str(ROOT / "mkdocs.yml"))
EXTENSIONS = {name: CONFIGURED.mdx_configs.get(name, {}) for name in CONFIGURED.markdown_extensions}
del EXTENSIONS["wode.book.markdown"]  # it scans the page with the parser that is tested here
SITE = Markdown(extensions=list(EXTENSIONS), extension_configs=EXTENSIONS)


class _Blocks(HTMLParser):
    """Counts the blocks that a rendered page shows as Python."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = dict(attrs).get("class") or ""
        if found := re.match(r"language-(\S+) (?:.* )?highlight$", classes):
            name = found[1] if found[1] in ("ipython", "output") else lexer(found[1])
            self.count += ("ython" in name or name == "NumPy") and "Traceback" not in name


def lexer(language: str) -> str:
    return get_lexer_by_name(language).name


def rendered_blocks(text: str) -> int:
    page = _Blocks()
    page.feed(SITE.reset().convert(text))
    return page.count


def test_info_lines_are_read_as_the_site_reads_them() -> None:
    assert EXTENSIONS["pymdownx.highlight"] == HIGHLIGHT
    assert not EXTENSIONS["pymdownx.superfences"]
    assert not {"pymdownx.inlinehilite", "codehilite"} & set(EXTENSIONS)


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
        "py3",
        "sage",
        "python-console",
        "ipython",
        "ipython3",
        "{#id .python}",
        '{ linenums="1" .python }',
        'python title="`x`"',
        "python {.annotate}",
    ],
)
def test_every_info_line_is_seen(info: str) -> None:
    text = f"```{info}\nx = 1\n```\n"
    fence = scan(text).fences[0]
    assert fence.kind in EXECUTED
    assert fence.lines == ("x = 1",)
    assert rendered_blocks(text) == 1


@pytest.mark.parametrize("info", ["", "bash", "console", "pythonic", "{.yaml}", "json", "pytb"])
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


REFUSED = {
    "in a block quote": ("> ```python\n> x\n> ```\n", 1, "block quote"),
    "in a quote in a note": ("!!! note\n\n    > ```py3\n    > x\n    > ```\n", 3, "block quote"),
    "another Python": ("a\n\n```python2\nx\n```\n", 3, "Python 2.x is not run"),
    "compiled": ("```cython\nx\n```\n", 1, "Cython is not run"),
    "indented for nothing": ("text\n\n    ```python\n    x\n    ```\n", 3, "shows this as text"),
    "indented too far": (
        "- a\n\n        ```python\n        x\n        ```\n",
        3,
        "shows this as text",
    ),
    "after its list": ("- a\n\nb\n\n    ```python\n    x\n    ```\n", 5, "shows this as text"),
    "an unknown option": ('```python file="x"\nx\n```\n', 1, "it knows no such option"),
    "indented by two": (
        "- a\n\n  ```python\n  x\n  ```\n",
        3,
        "a list, note or tab, got 2",
    ),
    "in an empty item": ("-\n\n    ```python\n    x\n    ```\n", 3, "shows this as text"),
    "in a comment that begins late": (
        "a <!--\n```python\nx\n```\n-->\n",
        1,
        "HTML that ends on its",
    ),
    "in a script": ("<script>\n```python\nx\n```\n</script>\n", 1, "HTML that ends on its"),
    "in preformatted text": ("<pre>\n```python\nx\n```\n</pre>\n", 1, "HTML that ends on its"),
    "in a span of code": ("a `b\n```python\nx\n```\n`\n", 2, "the paragraph above would take"),
    "after indented code": ("    a\n```python\nx\n```\n", 2, "the paragraph above would take"),
    "after what ends a list": ("- a\n\n<!-- b -->\n\n    ```py\n    x\n    ```\n", 5, "as text"),
    "over a comment's end": ("<!--\n~~~py\n-->\n~~~\n\n~~~py\nx\n~~~\n", 2, "never closed"),
    "an output that is text": ("a\n\n    ```output\n    x\n    ```\n", 3, "shows this as text"),
    "no option": ("```python!\nx\n```\n", 1, "it knows no such option"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_site_shows_otherwise_is_refused(what: str) -> None:
    text, line, message = REFUSED[what]
    with pytest.raises(PageError, match=rf"^p\.md:{line}: .*{message}"):
        scan(text, "p.md")


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_only_line_feeds_end_a_line(character: str) -> None:
    text = f"a{character}b\n\n```python\nx = '{character}'\n```\n"
    (fence,) = scan(text).fences
    assert (fence.line, fence.end, fence.lines) == (3, 5, (f"x = '{character}'",))
    assert rendered_blocks(text) == 1


def test_tabs_are_the_spaces_that_the_site_shows() -> None:
    text = "- a\n\n\t```python\n\tif x:\n\t\ty = 1\n\t```\n"
    (fence,) = scan(text).fences
    assert (fence.indent, fence.lines) == ("    ", ("if x:", "    y = 1"))
    assert rendered_blocks(text) == 1


@pytest.mark.parametrize("above", ["a ` b", "a \\` b", "a\\", "    indented", "- a\n\n        x"])
def test_after_a_blank_line_no_paragraph_takes_a_fence_in(above: str) -> None:
    text = f"{above}\n\n```python\nx\n```\n"
    assert len(scan(text).fences) == rendered_blocks(text) == 1


def test_what_runs_is_what_the_site_shows_of_blank_lines() -> None:
    text = '```python\nx = """\n   \n"""\n```\n'
    (fence,) = scan(text).fences
    assert fence.lines == ('x = """', "", '"""')
    assert "\n   \n" not in SITE.reset().convert(text)


PYTHONS = ["python", "Python", "py", "py3", "sage", "pyi", "numpy", "pycon", "python-console"]
OTHERS = ["python2", "cython", "ipythonconsole"]
LANGUAGES = st.sampled_from([*PYTHONS, *OTHERS, "ipython", "bash", "text", "pytb"])
OPTIONS = st.lists(
    st.sampled_from(['title="a `b`"', 'hl_lines="1"', 'linenums="1"', 'file="x"', "novalue"]),
    max_size=2,
    unique=True,
)


@st.composite
def infos(draw: st.DrawFn) -> str:
    """An info line in one of the forms that superfences knows, or nearly."""
    language, options = draw(LANGUAGES), draw(OPTIONS)
    match draw(st.sampled_from(["bare", "braces", "both", "none", "junk"])):
        case "bare":
            return " ".join([draw(st.sampled_from(["", " ", "."])) + language, *options])
        case "braces":
            words = draw(st.permutations([f".{language}", *options, "#id"]))
            return draw(st.sampled_from(["", " "])) + "{" + " ".join(words) + "}"
        case "both":
            return f"{language} {{.annotate {' '.join(options)}}}"
        case "junk":
            return f"{language}!{''.join(options)}"
    return ""


INDENTED = [
    '!!! note "n"',
    '??? info "i"',
    '=== "tab"',
    "- item",
    "1. item",
    "term\n:   what",
    "[^1]: b",
]
CONTAINERS = st.lists(st.sampled_from([*INDENTED, ">", "text", "<div markdown>"]), max_size=2)
BODY = st.sampled_from(["x = 1", ">>> 1\n1", "", "# a\n\nb = 2", "    ```\n", "> x", "``` text"])


@st.composite
def fenced(draw: st.DrawFn) -> str:
    """A fence, perhaps in containers, perhaps indented too far."""
    mark = draw(st.sampled_from(["```", "~~~", "````"]))
    text = f"{mark}{draw(infos())}\n{draw(BODY)}\n{mark}"
    text = indented(text, draw(st.sampled_from(["", "", "", " ", "    "])))
    for container in draw(CONTAINERS):
        if container == ">":
            text = re.sub("(?m)^", "> ", text)
        elif container.startswith("<"):
            text = f"{container}\n\n{text}\n\n</div>"
        elif container == "text":
            text = f"{container}\n\n{text}"
        else:
            text = f"{container}\n\n{indented(text, '    ')}"
    return text


def indented(text: str, by: str) -> str:
    return re.sub("(?m)^(?=.)", by, text)


def refused(text: str) -> bool:
    try:
        scan(text)
    except PageError:
        return True
    return False


@given(st.lists(fenced(), max_size=4))
def test_what_the_site_shows_as_python_is_executed_or_refused(parts: list[str]) -> None:
    shown = [part.replace("^1", f"^{i}") for i, part in enumerate(parts) if not refused(part)]
    text = "\n\nsome words\n\n".join(shown) + "\n"
    found = sum(f.kind in EXECUTED for f in scan(text).fences)
    assert found >= rendered_blocks(text)  # text in an odd container may run


@given(fenced())
def test_nothing_is_refused_for_no_reason(part: str) -> None:
    """Only what is no Python block on the site, stands in a quote, is another Python, or is not
    indented by four spaces a level."""
    if refused(part):
        other = re.search("|".join([*OTHERS, "^(?: {4})* {1,3}[`~]{3}"]), part, re.MULTILINE)
        assert other or ">" in part or not rendered_blocks(part)
