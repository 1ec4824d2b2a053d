"""A page as a notebook: its cells are the tested blocks, includes resolved, outputs stored.

``python -m wode.book.notebooks docs/zh/0_Pytorch_basics/tensors.md`` writes it to standard output.
"""

import base64
import doctest
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from wode.book import ALT, ROOT, references
from wode.book.markdown import UnbuildablePage, inline
from wode.book.pages import Block, Page, load

_ADMONITION = re.compile(
    r'^(?P<indent>[ \t]*)(?:!!!|\?\?\?\+?|===\+?)[ \t]+\w*[ \t]*(?:"(?P<title>[^"]*)")?'
)
_ATTRIBUTES = re.compile(r"[ \t]*\{[:.# ][^}]*\}[ \t]*$|(?<=\))\{[^}]*\}")
_IMAGE = re.compile(rf"!\[(?P<alt>{ALT})\]\((?P<target>[^)\s]+)\)(?:\{{[^}}]*\}})?")
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?!https?:|#|attachment:)[^)]*\)")
_SETUP = {
    "zh": "需要先安装本书的代码库：在书的仓库里运行 `pip install -e .`。",
    "en": "This needs the book's library: run `pip install -e .` in the book's repository.",
}


def build(path: Path | str, root: Path = ROOT, repository: str = "") -> nbformat.NotebookNode:
    """The notebook of a page.

    Args:
        path: the page's Markdown file.
        repository: the book's address; with it, the first cell installs the library from there.
    """
    page = load(path, root)
    cells: list[Any] = []
    for kind, content in _parts(page):
        if kind == "prose":
            if text := _prose(content, page):
                cells.append(new_markdown_cell(text))
                attach_figures(cells[-1], page.path.parent, page.path, content[0][0])
        else:
            cells += _code(content)
    cells.insert(1, _setup(page, repository))
    return assembled(cells, page.path.stem)


def assembled(cells: list[Any], name: str, **metadata: Any) -> nbformat.NotebookNode:
    """A notebook of these cells, the same at every build."""
    for number, cell in enumerate(cells):
        cell["id"] = f"{name}-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata |= {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = new_notebook(cells=cells, metadata=metadata)
    nbformat.validate(notebook)
    return notebook


def program(block: Block) -> str:
    """What the block's cell holds, and what the copy button puts on the clipboard: no prompts."""
    if block.kind != "pycon":
        return block.source.rstrip("\n")
    examples = doctest.DocTestParser().get_examples(block.source)
    return "".join(example.source for example in examples).rstrip("\n")


def _parts(page: Page) -> list[tuple[str, Any]]:
    """The page in order: ("prose", [(line, text)]) and ("code", block)."""
    outputs = {block.output.line for block in page.blocks if block.output}
    marks: list[tuple[int, str, Any]] = [(n, "line", text) for n, text in page.scan.prose]
    marks += [(block.line, "code", block) for block in page.blocks]
    blocks = {block.line for block in page.blocks}
    for fence in page.scan.fences:
        if fence.line not in outputs | blocks:
            quoted = "\n".join([f"```{fence.info}", *fence.lines, "```"])
            marks.append((fence.line, "line", quoted))
    parts: list[tuple[str, Any]] = []
    for line, kind, content in sorted(marks, key=lambda mark: mark[0]):
        if kind == "code":
            parts.append(("code", content))
        elif parts and parts[-1][0] == "prose":
            parts[-1][1].append((line, content))
        else:
            parts.append(("prose", [(line, content)]))
    return parts


def _prose(lines: list[tuple[int, str]], page: Page) -> str:
    """Markdown that a notebook understands: no front matter, admonitions, attributes or links
    into the book.
    """
    shown: list[str] = []
    containers: list[int] = []  # indentations of the admonitions that are open
    in_front = False
    for number, text in lines:
        if text.strip() == "---" and (number == 1 or in_front):
            in_front = number == 1
            continue
        if in_front:
            continue
        if text.strip() == "[[references]]":
            cited = references.keys_in(page.text)
            shown += [f"- {references.formatted(key)}" for key in cited]
            continue
        if text.strip():
            indent = len(text) - len(text.lstrip())
            containers = [c for c in containers if c < indent]
            if match := _ADMONITION.match(text):
                containers.append(len(match["indent"]))
                shown += ["", f"**{match['title'] or ''}**", ""]
                continue
            text = text[min(4 * len(containers), indent) :]
        text = inline(text, page.path, number, cite=lambda key: references.label(key))
        text = re.sub(r"\$`([^`]+)`\$", r"$\1$", text)
        shown.append(_ATTRIBUTES.sub("", text))
    text = _LINK.sub(r"\g<text>", "\n".join(shown).strip())
    return re.sub(r"\n{3,}", "\n\n", text)


def attach_figures(cell: Any, folder: Path, path: Path, line: int) -> None:
    """Put the figures of a text, found from ``folder``, into its cell.

    Raises:
        UnbuildablePage: there is no such figure; the text begins at ``line`` of ``path``.
    """

    def attach(match: re.Match[str]) -> str:
        file = (folder / match["target"]).resolve()
        if not file.is_file():
            number = line + cell.source.count("\n", 0, match.start())
            raise UnbuildablePage(path, number, f"no figure {file}")
        kind = "image/svg+xml" if file.suffix == ".svg" else f"image/{file.suffix[1:]}"
        encoded = base64.b64encode(file.read_bytes()).decode()
        cell.setdefault("attachments", {})[file.name] = {kind: encoded}
        return f"![{match['alt']}](attachment:{file.name})"

    cell.source = _IMAGE.sub(attach, cell.source)


def _code(block: Block) -> list[Any]:
    """The cells of a block: one; of a ``>>>`` session one up to each output."""
    if block.kind == "pycon":
        cells = _session(block)
    else:
        shown = [_printed("\n".join(block.output.lines) + "\n")] if block.output else []
        cells = [new_code_cell(program(block), outputs=shown)]
    if block.skip is not None:
        for cell in cells:
            cell.metadata["tags"] = ["skip-execution"]
    return cells


def _session(block: Block) -> list[Any]:
    cells, sources = [], []
    for example in doctest.DocTestParser().get_examples(block.source):
        sources.append(example.source)
        if example.want:
            shown = [] if example.exc_msg else [_printed(example.want)]
            cells.append(new_code_cell("".join(sources).rstrip("\n"), outputs=shown))
            if example.exc_msg:
                cells[-1].metadata["tags"] = ["raises-exception"]
            sources = []
    if sources:
        cells.append(new_code_cell("".join(sources).rstrip("\n")))
    return cells


def _printed(text: str) -> Any:
    return new_output("stream", name="stdout", text=text)


def _setup(page: Page, repository: str) -> Any:
    if repository:
        return new_code_cell(f"%pip install -q 'wode-llms-practice[run] @ git+{repository}'")
    return new_markdown_cell(_SETUP[page.lang])


def main() -> None:
    for argument in sys.argv[1:]:
        print(nbformat.writes(build(argument)))


if __name__ == "__main__":
    main()
