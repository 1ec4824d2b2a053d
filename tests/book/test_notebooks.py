"""A page's notebook: valid, the tested blocks, the tested outputs; and it runs."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lightest import CHAPTERS, lightest
from nbclient import NotebookClient

from wode.book import ROOT
from wode.book.notebooks import build, program
from wode.book.outputs import cleaned, matches
from wode.book.pages import load

from .conftest import SmallBook

PAGE = """
---
description: d
---

# 标题

## 一节 {#one}

行内 $`x^2`$，链接到 [别的页](other.md#a) 与 [外面](https://example.org)。

<!-- mutation: snippets/s.py | 1 | 2 -->

!!! note "注意"

    里面的话。

    ```{.python .annotate title="t"}
    --8<-- "snippets/s.py:f"
    x = f()  # (1)!
    x
    ```

    ```output
    1
    ```

    1. 说明

```pycon
>>> y = x + 1
>>> y
2
>>> y + 1
3
>>> 1 / 0
Traceback (most recent call last):
ZeroDivisionError: division by zero
```

```console
$ make test
```

![图](f.svg){ width=3 }
"""


def cells(notebook: Any, kind: str) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def test_a_notebook_holds_the_page(book: SmallBook) -> None:
    book.snippet("def f():\n    return 1\n")
    path = book.page(PAGE, name="part/p")
    (path.parent / "f.svg").write_text("<svg/>")
    notebook = build(path, book.root)
    nbformat.validate(notebook)
    code = cells(notebook, "code")
    assert [cell.source for cell in code] == [
        "def f():\n    return 1\nx = f()  # (1)!\nx",
        "y = x + 1\ny",
        "y + 1",
        "1 / 0",
    ]
    assert [cell.outputs[0].text for cell in code[:3]] == ["1\n", "2\n", "3\n"]
    assert code[3].metadata["tags"] == ["raises-exception"]
    prose = "\n".join(cell.source for cell in cells(notebook, "markdown"))
    assert "行内 $x^2$，链接到 别的页 与 [外面](https://example.org)。" in prose
    assert "**注意**\n\n里面的话。" in prose
    assert "```console\n$ make test\n```" in prose
    assert "![图](attachment:f.svg)" in prose
    for gone in ("{#one}", "description:", "mutation", "width", "!!!"):
        assert gone not in prose
    assert build(path, book.root) == notebook


def test_with_an_address_the_first_cell_installs(book: SmallBook) -> None:
    path = book.page("# T\n\n```python\n1\n```\n")
    first = cells(build(path, book.root, "https://example.org/b"), "code")[0]
    assert first.source == "%pip install -q 'wode-llms-practice[run] @ git+https://example.org/b'"


def test_a_program_has_no_prompts(book: SmallBook) -> None:
    page = load(book.page("```pycon\n>>> def f():\n...     return 1\n>>> f()\n1\n```\n"), book.root)
    assert program(page.blocks[0]) == "def f():\n    return 1\nf()"


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda p: p.stem)
def test_every_chapter_is_a_valid_notebook(chapter: Path) -> None:
    for path in (chapter, load(chapter).twin):
        page, notebook = load(path), build(path)
        nbformat.validate(notebook)
        code = "\n".join(cell.source for cell in cells(notebook, "code"))
        assert code == "\n".join(program(block) for block in page.blocks)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_a_notebook_runs_and_prints_what_it_stores(
    path: Path, request: pytest.FixtureRequest, tmp_path
) -> None:
    """In a real kernel in an empty folder; one a part, with ``--exhaustive`` all of them."""
    if path not in lightest(request.config, 1) and not request.config.getoption("--exhaustive"):
        pytest.skip("one notebook a part; all of them under make check-all (--exhaustive)")
    stored, run = build(path), build(path)
    for cell in run.cells:
        cell.pop("outputs", None)
        if cell.cell_type == "code":
            cell.outputs = []
    paged: dict[int, str] = {}  # what Jupyter shows in a pane of its own, for `name?`

    def keep(cell: Any, cell_index: int, execute_reply: Any) -> None:
        pages = [part for part in execute_reply["content"]["payload"] if part["source"] == "page"]
        paged[id(cell)] = "".join(part["data"]["text/plain"] for part in pages)

    client = NotebookClient(
        run, timeout=300, resources={"metadata": {"path": str(tmp_path)}}, on_cell_executed=keep
    )
    client.execute()
    for before, after in zip(cells(stored, "code"), cells(run, "code"), strict=True):
        if before.outputs:
            printed = cleaned(text_of(after) + paged.get(id(after), ""))
            shown = cleaned(before.outputs[0].text)
            assert matches(shown, printed), (
                f"{before.source}\n--- shown\n{shown}--- printed\n{printed}"
            )


def text_of(cell: Any) -> str:
    """What a cell printed, and its echo; a figure that the kernel shows of itself is no text."""
    parts = []
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stdout":
            parts.append(output.text)
        elif output.output_type == "display_data" and "image/png" in output.data:
            continue
        elif output.output_type in ("execute_result", "display_data"):
            parts.append(output.data.get("text/plain", "") + "\n")
    return "".join(parts)


def test_the_command_prints_a_notebook() -> None:
    command = [sys.executable, "-m", "wode.book.notebooks", str(CHAPTERS[0])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    nbformat.validate(nbformat.reads(done.stdout, as_version=4))
