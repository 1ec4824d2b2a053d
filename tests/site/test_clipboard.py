"""The copy buttons: a session comes without its prompts and output. That the clipboard holds the
tested program, page by page: ``test_reading.py``; that it runs as pasted: ``test_pasting.py``."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from reader import Visit, copied, visit


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
