"""The table that `make check` prints: how long the pages are."""

import importlib
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from wode.book import ROOT

PAGE = """<html><style>pre { margin: 0 }</style><body style="margin: 0"><article>
<h1 style="margin: 0; height: 100px">A page</h1>
<div class="language-python highlight" style="height: 400px"><pre><code>import torch

torch.ones(2)
</code></pre></div>
<div class="language-output highlight" style="height: 1000px"><pre><code>tensor</code></pre></div>
<img src="" width="300" height="500" style="display: block">
<details><div class="language-python highlight"><pre><code>x = 1
</code></pre></div><img src="" width="300" height="10"></details>
<div style="height: 2600px"></div>
<h2 id="exercises" style="margin: 0; height: 400px">Exercises</h2>
</article></body></html>"""


def test_pages_are_counted(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folded code and pictures are not counted; the first answer and the longest way without a
    picture are measured in screens of 1000 pixels."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    counts = importlib.import_module("counts").measured
    (tmp_path / "page.html").write_text(PAGE)
    seen = counts(browser, tmp_path / "page.html")
    assert (seen["lines"], seen["pictures"]) == (2, 1)
    assert seen["first"] == pytest.approx(1.5)  # 100 + 400 + 1000 pixels
    assert seen["bare"] == pytest.approx(2.6, abs=0.1)  # from the picture to the exercises
    assert seen["screens"] == pytest.approx(5.0, abs=0.1)
