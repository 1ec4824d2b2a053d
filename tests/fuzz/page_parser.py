"""Markdown pages: the blocks that we run are those that the site shows, with the same text.

The truth is what the site's own Markdown, with the extensions of ``mkdocs.yml``, renders; for a
page that is written well, also what it was written from. Such a page must be read; any other may
be refused, with its file and line.
"""

import os
import random
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from markdown import Markdown
from mkdocs.config import load_config
from mkdocs.utils.meta import get_data
from pygments.lexers import get_lexer_by_name

from wode.book import ROOT
from wode.book.fences import PageError
from wode.book.markdown import expanded
from wode.book.pages import load

Block = tuple[str, str]  # its kind (python, pycon, ipython, output) and its text

SNIPPETS = '''\
import math


# --8<-- [start:area]
def area(r):
    return math.pi * r**2


# --8<-- [end:area]
class Circle:
    def area(self):
        return area(1)


NAMES = {
    "ü": "\t圆",
    "x": """
   \t
""",
}
'''
AREA = "def area(r):\n    return math.pi * r**2"
#: What an include stands for; None where it must be refused.
INCLUDES: dict[str, str | None] = {
    "s.py": re.sub(r"(?m)^# --8<--.*\n|^ +$", "", SNIPPETS.expandtabs(4)),
    "s.py:area": AREA,
    "s.py:5:6": AREA,
    "s.py:Circle.area": "def area(self):\n    return area(1)",
    "s.py:NAMES": 'NAMES = {\n    "ü": "  圆",\n    "x": """\n\n""",\n}',
    "s.py:nothing": None,
    "t.py": None,
    "../s.py": None,
    "/s.py": None,
    "s.py:90:91": None,
    "": None,
}
BODIES = [
    "x = 1",
    "# ü 圆\n\ny = 2",
    'z = """\n   \n"""',
    "if x:\n\n    y = 1\n",
    "\nx = 3\n\n",
    "x  ",
]
ODD_BODIES = [
    *BODIES,
    "",
    "```",
    "~~~ text",
    "`````",
    "    ```python\n    w\n    ```",
    "a\tb\n\tc",
    "<!-- c -->",
    "<!--",
    "-->",
    "x\x0cy\u2028z",
    "--8<--",
    ';--8<-- "s.py"',
    '-8<- "s.py"',
    "a &amp; <b>b</b>",
    "</div>",
    "$`x`$ [[a.b]] [@c]",
    "| a | b |\n|---|---|",
    "\\`\\`\\`",
    "# --8<-- [start:here]",
]
SESSIONS = [">>> 1\n1", ">>> for i in range(2):\n...     i\n0\n1\n\n>>> x = 1"]
PYTHONS = {"python": "python", "py": "python", "pycon": "pycon", "ipython": "ipython"}
OTHERS = ["bash", "text", "", "output", "python2", "cython", "pythonic", "pytb", "Python", "json"]
OPTIONS = ['title="x"', 'hl_lines="1"', 'linenums="1"', 'title="a `b` {c}"', "title='\"'"]
ODD_OPTIONS = [*OPTIONS, 'file="x"', "title", "!", "{", "}", 'title="x', "#id", ".a", "{: .b }"]
CONTAINERS = [
    '!!! note "n"',
    "??? info",
    '???+ tip "圆"',
    '=== "tab"',
    "- item",
    "1. item",
    "* item",
]
ODD_CONTAINERS = [
    *CONTAINERS,
    "> quote",
    "term\n:   what",
    "[^1]: note",
    "* item",
    "text",
    "<div markdown>",
    "<div>",
    "<pre>",
    "<details>",
    "-",
    "+ a\n- b",
    "!!!note",
    "1) item",
    "",
]
PROSE = [
    "words",
    "# 标题",
    "a `code` and ``more ` code``",
    "one ` alone",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "- a\n- b",
    "> quoted",
    "$`x^2`$",
    "*a* **b** [c](https://d.example)",
    "<!-- a comment -->",
    "<!--\nover lines\n-->",
]
ODD_PROSE = [
    *PROSE,
    "``` not a fence",
    "a ```python\nb\n``` c",
    "```x``` inline",
    "<!-- open",
    "text <!-- a\n```python\nx\n```\n-->",
    "-->",
    "<pre><code>```python\nx\n```</code></pre>",
    '<div class="language-python highlight"><pre><code>x</code></pre></div>',
    "    indented code",
    "\tindented code",
    "   ",
    "<script>\n```python\nx\n```\n</script>",
    "`\n```python\nx\n```\n`",
    "*[a]: b",
    '--8<-- "s.py"',
    "a\\\n```python\nx\n```",
    "$$\nx\n$$",
    "~~~",
    "```",
    "---",
    "[^1]",
]


@cache
def site(root: Path) -> Markdown:
    """The site's Markdown, which includes from ``root``, without our own extension."""
    read = load_config(str(ROOT / "mkdocs.yml"))
    extensions = {name: dict(read.mdx_configs.get(name, {})) for name in read.markdown_extensions}
    del extensions["wode.book.markdown"]  # what is tested here; ``expanded`` does its work
    extensions["pymdownx.snippets"]["base_path"] = [str(root)]
    return Markdown(extensions=[*extensions], extension_configs=extensions)


class Shown(HTMLParser):
    """The blocks of code that a reader sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self._language: str | None = None
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = dict(attrs).get("class") or ""
        if found := re.match(r"language-(\S+) (?:.* )?highlight$", classes):
            self._language = found[1].lower()
        elif tag == "code" and self._language is not None:
            self.blocks.append((kind(self._language), ""))
            self._language, self._inside = None, True

    def handle_endtag(self, tag: str) -> None:
        self._inside &= tag != "code"

    def handle_data(self, data: str) -> None:
        if self._inside:
            language, text = self.blocks[-1]
            self.blocks[-1] = (language, text + data)


@cache
def kind(language: str) -> str:
    if language.removesuffix("3") in ("ipython", "output"):
        return language.removesuffix("3")
    name = get_lexer_by_name(language).name
    kinds = {"Python": "python", "NumPy": "python", "Python console session": "pycon"}
    return kinds.get(name, "no" if "ython" in name and "Traceback" not in name else "")


def trial(draw: random.Random) -> str:
    root = Path.cwd()
    (root / "s.py").write_text(SNIPPETS, encoding="utf-8")
    os.utime(root / "s.py", (1, 1))  # it is always the same: what is kept of it stays right
    well = draw.random() < 0.4
    text, written = page(draw) if well else (odd_page(draw), [])
    path = root / "p.md"
    ends = draw.choice(["\n", "\n", "\n", "\r\n", "\r"])
    path.write_bytes(draw.choice(["", "", "\ufeff"]).encode() + text.replace("\n", ends).encode())
    try:
        read = load(path, root)
        ours = [(b.kind, b.source) for b in read.blocks]
        outputs = ["\n".join(b.output.lines) for b in read.blocks if b.output]
        body, _ = get_data(read.text)  # mkdocs takes off the front matter
        body = "\n" * (read.text.count("\n") - body.count("\n")) + body
        body = expanded(body, path, "zh", root)
    except PageError as error:
        refused(error, text, well)
        return "refused"
    blocks = Shown(site(root).reset().convert(body)).blocks
    shown = [block for block in blocks if block[0] not in ("", "output")]
    same("run, shown", ours, shown)
    same("outputs", [("", o) for o in outputs], [("", t) for k, t in blocks if k == "output"])
    if well:
        same("run, written", ours, written)
    return "right"


def refused(error: PageError, text: str, well: bool) -> None:
    assert not well, f"refused: {error}"
    place = re.match(r"p\.md:(\d+): \S", str(error))
    assert place, f"no place is named: {error}"
    assert 1 <= int(place[1]) <= text.count("\n") + 1, f"no such line: {error}"


def same(what: str, ours: list[Block], truth: list[Block]) -> None:
    ours, truth = ([(kind, text.strip("\n")) for kind, text in x] for x in (ours, truth))
    assert ours == truth, f"{what}: {ours} != {truth}"


def indented(text: str, by: str) -> str:
    return re.sub("(?m)^(?=.)", by, text)


def fence(
    draw: random.Random, info: str, body: str, marks: str | None = None, end: str | None = None
) -> str:
    marks = marks or draw.choice("`~") * draw.choice([3, 3, 3, 4, 5])
    return f"{marks}{info}\n{body}\n{marks if end is None else end}"


def include(draw: random.Random, target: str) -> str:
    return f'--8<-- "{target}"'


def page(draw: random.Random) -> tuple[str, list[Block]]:
    """A page as it should be written, and the blocks that run."""
    parts, blocks = list[str](), list[Block]()
    for _ in range(draw.randint(1, 4)):
        language = draw.choice([*PYTHONS])
        body = draw.choice(SESSIONS if language == "pycon" else BODIES)
        truth = re.sub(r"(?m)^ +$", "", body)
        if PYTHONS[language] == "python" and draw.random() < 0.4:
            target = draw.choice([name for name, text in INCLUDES.items() if text])
            body, truth = f"{body}\n{include(draw, target)}", f"{truth}\n{INCLUDES[target]}"
        options = draw.sample(OPTIONS[:3], draw.randint(0, 2))
        info = " ".join([language, *options])
        if draw.random() < 0.3:
            info = "{" + " ".join([f".{language}", *options, ".annotate"]) + "}"
        text = fence(draw, draw.choice(["", " "]) + info, body)
        blocks.append((PYTHONS[language], truth))
        if language != "pycon" and draw.random() < 0.3:
            text += "\n\n" + fence(draw, "output", draw.choice(["1", "a\n\n  b", "圆"]))
        if draw.random() < 0.2:
            text = f'<!-- skip: next "{draw.choice(["because", "见下"])}" -->\n\n{text}'
        for container in draw.choices(CONTAINERS, k=draw.choice([0, 0, 1, 2])):
            text = f"{container}\n\n{indented(text, draw.choice(['    ', '    ', TAB]))}"
        parts.append(draw.choice(PROSE) + draw.choice(["\n\n", "\n\nwords\n\n"]) + text)
        if draw.random() < 0.3:  # a fence within a longer one
            inside = fence(draw, "python", "x", "```")
            parts.append(fence(draw, draw.choice(["markdown", "text"]), inside, "`````"))
        if draw.random() < 0.2:
            parts.append(f"<!--\n{fence(draw, 'python', 'x')}\n-->")
    front = draw.choice(["", "", "---\ndescription: 圆\n---\n\n"])
    return front + "\n\nwords\n\n".join(parts) + draw.choice(["", "\n", "\n\n"]), blocks


TAB = "\t"


def odd_page(draw: random.Random) -> str:
    """A page as nobody should write it."""
    parts = list[str]()
    for _ in range(draw.randint(1, 4)):
        if draw.random() < 0.25:
            parts.append(draw.choice(ODD_PROSE))
            continue
        language = draw.choice([*PYTHONS, *PYTHONS, *OTHERS])
        body = draw.choice([*SESSIONS, *ODD_BODIES])
        if draw.random() < 0.3:
            body += "\n" + draw.choice(["", "    ", "# "]) + include(draw, draw.choice([*INCLUDES]))
        options = draw.sample(ODD_OPTIONS, draw.choice([0, 0, 1, 2]))
        info = draw.choice(["", "", " ", "  ", "."]) + " ".join([language, *options])
        if draw.random() < 0.3:
            info = draw.choice(["{", "{ ", "{."]) + " ".join([f".{language}", *options]) + "}"
        marks = draw.choice("`~") * draw.choice([2, 3, 3, 3, 4, 5])
        ends = [
            marks,
            marks,
            marks,
            marks,
            marks + marks[0],
            f" {marks}",
            f"{marks} ",
            "",
            marks[1:],
        ]
        text = fence(draw, info, body, marks, draw.choice(ends))
        if draw.random() < 0.2:
            text = draw.choice(["<!--\n{}\n-->", "<!-- {} -->", "````text\n{}\n````"]).format(text)
        if draw.random() < 0.2:
            text += draw.choice(["\n\n", "\n", "\n\nx\n\n"]) + fence(draw, "output", "1")
        if draw.random() < 0.2:
            reason = draw.choice(['"because"', "", '""', "见下"])
            text = f"<!-- skip: next {reason} -->{draw.choice([chr(10), chr(10) * 2, ''])}{text}"
        text = indented(text, draw.choice(["", "", "", "", " ", "  ", "   ", "    ", "     ", TAB]))
        for container in draw.choices(ODD_CONTAINERS, k=draw.choice([0, 0, 1, 1, 2])):
            if container.startswith(">"):
                text = re.sub("(?m)^", "> ", text)
            elif container.startswith("<"):
                close = f"</{container[1:].split()[0].rstrip('>')}>"
                text = draw.choice(["{}\n\n{}\n\n{}", "{}\n{}\n{}"]).format(container, text, close)
            else:
                by = draw.choice(["    ", "    ", "    ", "  ", "   ", TAB, "        ", ""])
                text = container + draw.choice(["\n\n", "\n\n", "\n"]) + indented(text, by)
        parts.append(text)
    return draw.choice(["\n\n", "\n", "\n\nwords\n\n"]).join(parts) + draw.choice(["", "\n"])
