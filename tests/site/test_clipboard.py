"""The copy buttons: what they put on the clipboard is the program that is tested, and it runs."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from built_site import IDS, PAGES, address
from playwright.sync_api import Browser, Page

from wode.book import LANGUAGES, ROOT
from wode.book.notebooks import program
from wode.book.pages import Block, load

_PRESS_ALL = """async () => {
  const blocks = [...document.querySelectorAll(
    ".language-python > pre, .language-pycon > pre, .language-ipython > pre")];
  const copied = [];
  for (const block of blocks) {
    const button = block.querySelector("button[data-md-type=copy]");
    if (!button) { copied.push(null); continue; }
    await navigator.clipboard.writeText("");
    button.click();
    copied.push(await navigator.clipboard.readText());
  }
  return copied;
}"""

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
def tab(browser: Browser, served: str) -> Iterator[Page]:
    context = browser.new_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=served.rstrip("/"))
    yield context.new_page()
    context.close()


def source(name: str, lang: str) -> Path:
    return ROOT / "docs" / lang / f"{name}.md"


def copied(tab: Page, served: str, name: str, lang: str) -> list[str]:
    tab.goto(served + address(name, lang))
    tab.bring_to_front()
    return tab.evaluate(_PRESS_ALL)


def without_marks(text: str) -> list[str]:
    """The lines without annotation marks: they are for the page, not for the program."""
    return [re.sub(r"\s*# \(\d+\)!?$", "", line).rstrip() for line in text.splitlines()]


@pytest.mark.parametrize(("name", "lang"), PAGES, ids=IDS)
def test_clipboard_holds_the_tested_blocks(tab: Page, served: str, name: str, lang: str) -> None:
    if not source(name, lang).exists():
        pytest.skip("a notebook: no tested blocks")
    blocks = load(source(name, lang)).blocks
    pressed = copied(tab, served, name, lang)
    assert len(pressed) == len(blocks)
    for block, text in zip(blocks, pressed, strict=True):
        assert (text or "").splitlines() == without_marks(program(block)), f"line {block.line}"
    assert tab.locator(".language-output button[data-md-type=copy]").count() == 0


_SESSION = """&gt;&gt;&gt; for i in range(2):  # (1)!
...     print(i)
...
0
1
&gt;&gt;&gt; print("a &gt;&gt;&gt; b")  # a comment (1) stays
a &gt;&gt;&gt; b
"""


def test_session_is_copied_without_prompts_and_output(tab: Page, served: str, site: Path) -> None:
    text = (site / "notation.html").read_text(encoding="utf-8")
    block = f'<div class="language-pycon highlight"><pre><code>{_SESSION}</code></pre></div>'
    text = text.replace("</h1>", f"</h1>{block}", 1)
    tab.route("**/probe.html", lambda r: r.fulfill(body=text, content_type="text/html"))
    assert copied(tab, served, "probe", LANGUAGES[0])[0].splitlines() == [
        "for i in range(2):",
        "    print(i)",
        "",
        'print("a >>> b")  # a comment (1) stays',
    ]


def _expected(block: Block) -> list[str]:
    """The errors that the block shows: its doctests end in them."""
    return re.findall(r"^(\w+(?:Error|Exception|Interrupt|Iteration))\b", block.source, re.M)


RUN = [(name, lang) for name, lang in PAGES if "/" in name and source(name, lang).exists()]
#: One page a part; with ``--exhaustive`` all of them, in both languages.
FIRST = {name.partition("/")[0]: (name, lang) for name, lang in RUN[::-1] if lang == LANGUAGES[0]}


@pytest.mark.parametrize(("name", "lang"), RUN, ids=[address(*page) for page in RUN])
def test_pasted_page_runs(
    tab: Page, served: str, tmp_path: Path, exhaustive: bool, name: str, lang: str
) -> None:
    """From the top in a fresh interpreter in an empty folder."""
    if (name, lang) not in FIRST.values() and not exhaustive:
        pytest.skip("one page a part; all of them under make check-all (--exhaustive)")
    blocks = load(source(name, lang)).blocks
    pressed = copied(tab, served, name, lang)
    pasted = [
        (block.kind, text, _expected(block))
        for block, text in zip(blocks, pressed, strict=True)
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
