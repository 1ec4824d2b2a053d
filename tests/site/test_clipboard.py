"""The copy buttons: sessions without their prompts, and pages that run as they are pasted. That the
clipboard holds the tested program, page by page: ``test_reading.py``."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from built_site import address
from lightest import CHAPTERS, lightest
from playwright.sync_api import Browser
from reader import Visit, copied, visit

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


@pytest.fixture(scope="module")
def tab(browser: Browser, served: str) -> Iterator[Visit]:
    with visit(browser, served) as tab:
        yield tab


_SESSION = """&gt;&gt;&gt; for i in range(2):  # (1)!
...     print(i)
...
0
1
&gt;&gt;&gt; print("a &gt;&gt;&gt; b")  # a comment (1) stays
a &gt;&gt;&gt; b
"""


def test_session_is_copied_without_prompts_and_output(tab: Visit, site: Path) -> None:
    text = (site / "notation.html").read_text(encoding="utf-8")
    block = f'<div class="language-pycon highlight"><pre><code>{_SESSION}</code></pre></div>'
    text = text.replace("</h1>", f"</h1>{block}", 1)
    tab.page.route("**/probe.html", lambda r: r.fulfill(body=text, content_type="text/html"))
    tab.open("probe.html")
    assert (copied(tab)[0] or "").splitlines() == [
        "for i in range(2):",
        "    print(i)",
        "",
        'print("a >>> b")  # a comment (1) stays',
    ]


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
    page, tab = load(path), request.getfixturevalue("tab")
    page = page if lang == page.lang else load(page.twin)
    tab.open(address(page.name, lang))
    pasted = [
        (block.kind, text, _expected(block))
        for block, text in zip(page.blocks, copied(tab), strict=True)
        if block.skip is None
    ]
    folder, script, data = tmp_path / "empty", tmp_path / "paste.py", tmp_path / "blocks.json"
    folder.mkdir()
    script.write_text(_PASTE, encoding="utf-8")
    data.write_text(json.dumps(pasted), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script), str(data)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
