"""Pages that run as they are pasted, block after block. That a copy button gives what `pasted` says
is held against a browser, page by page: ``tests/site/test_reading.py``."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from clipboard import pasted
from lightest import CHAPTERS, lightest

from wode.book import LANGUAGES
from wode.book.pages import Block, load

# What a reader does: paste block after block into one interpreter. A block may raise the errors
# that it shows on the page.
_PASTE = """
import json, sys
blocks = json.load(open(sys.argv[1], encoding="utf-8"))
shell = None
if any(kind == "ipython" for kind, _, _ in blocks):
    from IPython.core.interactiveshell import InteractiveShell
    shell = InteractiveShell.instance()
for number, (kind, text, raises) in enumerate(blocks):
    try:
        if shell:
            shell.run_cell(text).raise_error()
        else:
            exec(compile(text, f"<block {number}>", "exec"), globals())
    except Exception as error:
        if type(error).__name__ not in raises:
            raise
"""


def _expected(block: Block) -> list[str]:
    """The errors that the block shows: its doctests end in them."""
    return re.findall(r"^(\w+(?:Error|Exception|Interrupt|Iteration))\b", block.source, re.M)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_pasted_page_runs(
    tmp_path: Path, request: pytest.FixtureRequest, path: Path, lang: str
) -> None:
    """From the top in a fresh interpreter in an empty folder; one page a part, with
    ``--exhaustive`` all of them, in both languages."""
    chosen = lightest(request.config, 2) if lang == LANGUAGES[0] else ()
    if path not in chosen and not request.config.getoption("--exhaustive"):
        pytest.skip("one page a part; all of them under make check-all (--exhaustive)")
    page = load(path) if lang == LANGUAGES[0] else load(load(path).twin)
    blocks = [
        (block.kind, pasted(block), _expected(block)) for block in page.blocks if block.skip is None
    ]
    folder, script, data = tmp_path / "empty", tmp_path / "paste.py", tmp_path / "blocks.json"
    folder.mkdir()
    script.write_text(_PASTE, encoding="utf-8")
    data.write_text(json.dumps(blocks), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script), str(data)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_first_page_runs_at_the_prompt(tmp_path: Path) -> None:
    """Python's own ``>>>`` ends a loop at an empty line only: what a newcomer pastes first must
    have one after each."""
    page = load(next(path for path in CHAPTERS if path.stem == "first-model"))
    text = "".join(f"{pasted(block)}\n\n" for block in page.blocks)
    done = subprocess.run(
        [sys.executable, "-i", "-q"],
        input=text,
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    assert "SyntaxError" not in done.stderr, done.stderr[-2000:]
    assert "2 km: 17.9 minutes" in done.stdout
    assert (tmp_path / "line.pth").is_file()
