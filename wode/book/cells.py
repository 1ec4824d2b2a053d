"""A stored notebook as a page of the book: its cells as Markdown, with the stored outputs.

What ``labs`` wrote for who opens the notebook is turned back: anchors into headings' ids, attached
figures into the site's, cells tagged ``exercise`` and ``solution`` into a frame and a fold.
"""

import re
from typing import Any
from urllib.parse import quote

from wode.book import ALT, ROOT

_DOLLARS = re.compile(r"(?<![\\$`\w])\$(?![\s$`])([^$\n`]+?)(?<!\s)\$(?![\w$`])")
_ANCHOR = re.compile(r'^(#{2,6} .*?) <a id="([\w-]+)"></a>$', re.M)
_ATTACHED = re.compile(rf"(!\[{ALT}\]\()attachment:([\w.-]+)\.svg\)")
_TITLE = re.compile(r"\*\*(?P<title>[^*]+)\*\*\s*")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def notebook_markdown(notebook: dict[str, Any]) -> str:
    """The Markdown of a notebook (nbformat 4, as JSON): prose, fences, outputs."""
    parts: list[str] = []
    if description := notebook.get("metadata", {}).get("description"):
        parts.append(f"---\ndescription: {description}\n---")
    solving = False  # whether the cell before belongs to a solution
    for cell in notebook["cells"]:
        tags, text = cell.get("metadata", {}).get("tags", []), _cell(cell)
        if "exercise" in tags:
            text = _framed('!!! question "{}"', text)
        elif "solution" in tags:
            text = _indented(_indented(text) if solving else _framed('??? success "{}"', text))
        solving = "solution" in tags
        parts.append(text)
    return "\n\n".join(part for part in parts if part)


def _cell(cell: dict[str, Any]) -> str:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        prose = _ANCHOR.sub(r"\1 {#\2}", _DOLLARS.sub(r"$`\1`$", source))
        return _ATTACHED.sub(_figure, prose)
    if cell["cell_type"] == "code":
        parts = [_fence("python", source), *map(_shown, cell.get("outputs", []))]
        return "\n\n".join(part for part in parts if part)
    return ""


def _figure(match: re.Match[str]) -> str:
    """The site's own copy of an attached figure, interactive where it has such a version."""
    interactive = ROOT / "docs" / "assets" / "figures" / f"{match[2]}.json"
    attributes = f'{{ data-plotly="{interactive.name}" }}' if interactive.is_file() else ""
    return f"{match[1]}../../../pics/{match[2]}.svg){attributes}"


def _framed(opening: str, text: str) -> str:
    """The cell in an admonition, whose title is what stands first, in bold."""
    title = _TITLE.match(text)
    if title is None:
        raise ValueError(f"an exercise or a solution begins with **its title**, got {text[:60]!r}")
    return f"{opening.format(title['title'])}\n\n{_indented(text[title.end() :])}"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.split("\n"))


def _shown(output: dict[str, Any]) -> str:
    """One stored output in the richest form that a page can show."""
    if output["output_type"] == "stream":
        return _fence("output", "".join(output["text"]))
    if output["output_type"] == "error":
        return _fence("output", _ANSI.sub("", "\n".join(output["traceback"])))
    data = {kind: "".join(text) for kind, text in output["data"].items()}
    alt = quote(data.get("text/plain", ""), safe=" ,.()=")
    if picture := data.get("image/svg+xml"):
        return f'<p><img alt="{alt}" src="data:image/svg+xml;utf8,{quote(picture)}"></p>'
    if picture := data.get("image/png"):
        return (
            f'<p><img alt="{alt}" src="data:image/png;base64,{picture.replace(chr(10), "")}"></p>'
        )
    return data.get("text/html") or _fence("output", data.get("text/plain", ""))


def _fence(language: str, text: str) -> str:
    """``text`` in a fence with more marks than any run of marks in it; nothing for nothing."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    marks = "`" * (longest + 1)
    return f"{marks}{language}\n{text.rstrip()}\n{marks}" if text.strip() else ""
