"""A lab's page: the cells that mkdocs-jupyter rendered, in the markup of the book's other pages.

They take the place of a page's paragraphs before Python-Markdown sees to links, hovers and the
table of contents. What ``percent`` wrote for who opens the notebook is turned back: anchors into
headings' ids, attached figures into the site's, tagged cells into a frame and a fold.
"""

import json
import posixpath
import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, SubElement, fromstring

from bs4 import BeautifulSoup, Tag
from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from wode.book.figures import INTERACTIVE

_HEADING = re.compile(r' id="[^"]*">(.*?)(?: <a( id="[\w-]+")></a>)?<a class="anchor-link".*?</a>')
_FORMULA = re.compile(
    r"<(?P<code>code|pre)\b.*?</(?P=code)>|\$\$(?P<block>[^$]+)\$\$"
    r"|(?<![\\$\w])\$(?![\s$])(?P<inline>[^$\n]+?)(?<!\s)\$(?![\w$])",
    re.S,
)
_ATTACHED = re.compile(r"\(attachment:([\w.-]+)\.svg\)")


def rendered(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The content of a notebook's page, from what mkdocs-jupyter made of the notebook."""
    cells: Any = _Cells(html, json.loads(page.markdown or "")["cells"], page.file.src_uri)
    config = copy(config)
    config.markdown_extensions = [*config.markdown_extensions, cells]
    page.markdown = page.file.name  # whatever stands there, the cells take its place
    Page.render(page, config, files)
    return page.content or ""


@dataclass(eq=False)
class _Cells(Extension, Treeprocessor):
    html: str
    cells: list[dict[str, Any]]
    path: str

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        self.md = md
        md.treeprocessors.register(self, "book-cells", 15)  # what is inline (20) is done already

    def run(self, root: Element) -> Element:
        page = place = Element("div")
        shown = BeautifulSoup(self.html, "html.parser").select(".jp-Cell[id]")
        for cell, tag in zip(self.cells, shown, strict=True):
            tags, parts = cell["metadata"].get("tags", ()), list(self._parts(cell, tag))
            if "exercise" in tags:
                place = SubElement(page, "div", {"class": "admonition question"})
                parts[0].set("class", "admonition-title")
            elif "solution" not in tags:
                place = page
            elif place.tag != "details":
                place = SubElement(place, "details", {"class": "success"})
                parts[0].tag = "summary"
            place.extend(parts)
        return page

    def _parts(self, cell: dict[str, Any], shown: Tag) -> Iterator[Element]:
        """The paragraphs of a cell of text; a cell of code and each of its outputs."""
        if prose := shown.select_one(".jp-RenderedMarkdown"):
            pics = posixpath.relpath("assets/pics", posixpath.dirname(self.path))
            names = _ATTACHED.findall("".join(cell["source"]))
            for image, name in zip(prose.select("img[src^='data:']"), names, strict=True):
                image["src"] = f"{pics}/{name}.svg"
                if (INTERACTIVE / f"{name}.json").is_file():
                    image["data-plotly"] = f"{name}.json"
            yield from fromstring(_FORMULA.sub(_formula, _HEADING.sub(r"\2>\1", str(prose))))
        elif code := shown.select_one(".jp-InputArea pre"):
            yield self._stored(code, "python")
        for output in shown.select(".jp-OutputArea-output"):
            text = output.select_one(".jp-RenderedText pre")
            yield self._stored(text, "output") if text else self._stored(output)

    def _stored(self, shown: Tag, kind: str = "") -> Element:
        """HTML as it is, out of the reach of what else looks at the tree."""
        html = shown.decode_contents()
        if kind:
            html = f'<div class="language-{kind} highlight"><pre><code>{html}</code></pre></div>'
        assert self.md is not None
        stored = Element("p")
        stored.text = self.md.htmlStash.store(html)
        return stored


def _formula(match: re.Match[str]) -> str:
    """A formula as the page's script reads it; code is left alone."""
    if match["code"]:
        return match[0]
    source = rf"\({match['inline']}\)" if match["inline"] else rf"\[{match['block']}\]"
    return f'<span class="arithmatex">{source}</span>'
