"""A lab's notebook as a page of the site: its text, its code, the outputs stored in it.

The other direction of ``labs``: HTML anchors become headings' ids again, attached figures those of
the site, exercises are framed and solutions folded.
"""

import re
from typing import Any
from urllib.parse import quote

from wode.book import ROOT

_DOLLARS = re.compile(r"(?<![\\$`\w])\$(?![\s$`])([^$\n`]+?)(?<!\s)\$(?![\w$`])")
_ANCHOR = re.compile(r'^(#{2,6} .*?) <a id="([\w-]+)"></a>$', re.M)
_ATTACHED = re.compile(r"(!\[[^\]]*\]\()attachment:([\w.-]+)\.svg\)")
_TITLE = re.compile(r"\*\*(?P<title>[^*]+)\*\*\s*")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_PICTURE_TYPES = {"image/svg+xml": "svg+xml;utf8", "image/png": "png;base64"}


def page_markdown(notebook: dict[str, Any]) -> str:
    """A notebook (nbformat 4, as JSON) as a page of the book: prose, fences, stored outputs."""
    parts, frame = [], ""  # frame: what the cell before stands in, "", "exercise" or "solution"
    if description := notebook["metadata"].get("description"):
        parts.append(f"---\ndescription: {description}\n---")
    for cell in notebook["cells"]:
        tags = cell["metadata"].get("tags", [])
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            text = _prose(source)
        elif cell["cell_type"] == "code":
            shown = [fence("python", source), *map(_shown, cell.get("outputs", []))]
            text = "\n\n".join(part for part in shown if part)
        else:
            continue
        if "exercise" in tags:
            text, frame = _framed('!!! question "{}"', text, 4), "exercise"
        elif "solution" in tags:
            inner = text if frame == "solution" else _framed('??? success "{}"', text, 4)
            text = _indented(inner, 8 if frame == "solution" else 4)
            frame = "solution"
        else:
            frame = ""
        parts.append(text)
    return "\n\n".join(part for part in parts if part)


def _prose(source: str) -> str:
    text = _ANCHOR.sub(r"\1 {#\2}", _DOLLARS.sub(r"$`\1`$", source))
    return _ATTACHED.sub(_figure, text)


def _figure(match: re.Match[str]) -> str:
    """The site's own copy of an attached figure, interactive where it has such a version."""
    plotly = f"{match[2]}.json"
    interactive = (ROOT / "docs" / "assets" / "figures" / plotly).is_file()
    attributes = f'{{ data-plotly="{plotly}" }}' if interactive else ""
    return f"{match[1]}../../../pics/{match[2]}.svg){attributes}"


def _framed(opening: str, text: str, indent: int) -> str:
    """The cell in an admonition, whose title is what stands first and bold."""
    title = _TITLE.match(text)
    if title is None:
        raise ValueError(f"an exercise or a solution begins with **its title**, got {text[:60]!r}")
    return f"{opening.format(title['title'])}\n\n{_indented(text[title.end() :], indent)}"


def _indented(text: str, width: int) -> str:
    return "\n".join(" " * width + line if line else "" for line in text.split("\n"))


def _shown(output: dict[str, Any]) -> str:
    """One stored output: the richest form that a page can show."""
    if output["output_type"] == "stream":
        return fence("output", "".join(output["text"]))
    if output["output_type"] == "error":
        return fence("output", _ANSI.sub("", "\n".join(output["traceback"])))
    data = {
        kind: "".join(text) for kind, text in output["data"].items() if isinstance(text, str | list)
    }
    alt = data.get("text/plain", "")
    for kind, encoding in _PICTURE_TYPES.items():
        if kind in data:
            body = quote(data[kind]) if kind == "image/svg+xml" else data[kind].replace("\n", "")
            return f'<p><img alt="{alt}" src="data:image/{encoding},{body}"></p>'
    return data.get("text/markdown") or data.get("text/html") or fence("output", alt)


def fence(language: str, text: str) -> str:
    """A fenced block, empty for empty text; longer marks than any that the text holds."""
    marks = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`{3,}", text)), 3)
    return f"{marks}{language}\n{text.rstrip()}\n{marks}" if text.strip() else ""
