"""A stored notebook as a page of the book: its cells as Markdown, with the stored outputs."""

import re
from typing import Any
from urllib.parse import quote

_DOLLARS = re.compile(r"(?<![\\$`\w])\$(?![\s$`])([^$\n`]+?)(?<!\s)\$(?![\w$`])")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def notebook_markdown(notebook: dict[str, Any]) -> str:
    """The Markdown of a notebook (nbformat 4, as JSON): prose, fences, outputs."""
    parts: list[str] = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(_DOLLARS.sub(r"$`\1`$", source))
        elif cell["cell_type"] == "code":
            parts.append(_fence("python", source))
            parts += [_shown(output) for output in cell.get("outputs", [])]
    return "\n\n".join(part for part in parts if part)


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
