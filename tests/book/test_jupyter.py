"""A notebook with stored outputs as a page of the site, with the book's own mkdocs.yml."""

import html
import json
import re
from pathlib import Path

import nbformat
import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from nbformat.v4 import new_output

from wode.book import LANGUAGES, ROOT
from wode.book.percent import notebook

DESCRIPTION = "One question: what does a *page* need? “Its cells” & more"
FIGURE = "cifar10_lab.en.svg"
SOURCE = rf'''# %% [markdown] lang="en" tags=["description"]
# {DESCRIPTION}

# %% [markdown] lang="en"
# # A lab

# %% [markdown] lang="en"
# ## Costs $`x^2`$ {{#costs}}
#
# A $`a_1 < b_1`$ and $`c_1`$, `$x$` in code, 5$ or 6$, [the home page](../index.md), gradient.
#
# $$
# y = \sum_i x_i
# $$
#
# ![What was measured](../../../pics/{FIGURE})
#
# ```python
# "$x$ and $y$"
# ```

# %%
print("a < b", """
```
""")

# %%
fails()

# %%
table

# %%
picture

# %% [markdown] lang="en"
# ### A part {{#part}}

# %% [markdown] lang="en" tags=["exercise"]
# **Exercise 1: predict `x`**
#
# What?

# %% [markdown] lang="en" tags=["solution"]
# **Solution**
#
# This.

# %% tags=["solution"]
1 + 1

# %% [markdown] lang="en"
# After.
'''
OUTPUTS = [
    new_output("stream", text="a < b \n```\n"),
    new_output("error", ename="E", evalue="v", traceback=["\x1b[31mE\x1b[0m: v"]),
    new_output(
        "display_data", {"text/plain": "T", "text/html": "<table><tr><td>7</td></tr></table>"}
    ),
    new_output("display_data", {"text/plain": "<F>", "image/png": "iVBORw0KGgo="}),
    new_output("execute_result", {"text/plain": "2"}, execution_count=5),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a book that is one lab, the same in both languages."""
    folder = tmp_path_factory.mktemp("book")
    source = folder / "made.py"
    source.write_text(SOURCE, encoding="utf-8")
    made = notebook(source, "en")
    for cell, output in zip([c for c in made.cells if c.cell_type == "code"], OUTPUTS, strict=True):
        cell.outputs = [output]
    for lang in LANGUAGES:
        (folder / "docs" / lang / "labs").mkdir(parents=True)
        (folder / "docs" / lang / "index.md").write_text("# Home\n", encoding="utf-8")
        nbformat.write(made, folder / "docs" / lang / "labs" / "made.ipynb")
    config = load_config(
        str(ROOT / "mkdocs.yml"),
        docs_dir=str(folder / "docs"),
        site_dir=str(folder / "site"),
        nav=["index.md", {"labs": ["labs/made.ipynb"]}],
        strict=True,
    )
    config.plugins.on_startup(command="build", dirty=False)
    build(config)
    return folder / "site"


@pytest.fixture(scope="module")
def page(site: Path) -> str:
    return (site / "en" / "labs" / "made.html").read_text(encoding="utf-8")


def code(page: str) -> list[tuple[str, str]]:
    found = re.findall(
        r'<div class="language-(\w+) highlight"><pre><code>(.*?)</code></pre>', page, re.S
    )
    return [(kind, re.sub(r"<[^>]+>", "", text).strip()) for kind, text in found]


def test_code_stands_above_what_it_showed(page: str) -> None:
    assert code(page) == [
        ("python", 'print("a &lt; b", """\n```\n""")'),
        ("output", "a &lt; b \n```"),
        ("python", "fails()"),
        ("output", "E: v"),
        ("python", "table"),
        ("python", "picture"),
        ("python", "1 + 1"),
        ("output", "2"),
    ]
    assert "<td>7</td>" in page and "<p>T</p>" not in page
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in page


def test_formulas_are_what_the_pages_script_reads(page: str) -> None:
    formulas = re.findall(r'<span class="arithmatex">(.*?)</span>', page, re.S)
    assert formulas == [r"\(x^2\)", r"\(a_1 &lt; b_1\)", r"\(c_1\)", "\\[\ny = \\sum_i x_i\n\\]"]
    assert "<code>$x$</code> in code, 5$ or 6$, " in page
    assert "math.js" in page


def test_headings_have_their_ids_and_are_listed(page: str, site: Path) -> None:
    article = page.partition("<article")[2]
    assert re.findall(r'<h(\d) id="([\w-]+)"', article) == [
        ("1", "a-lab"),
        ("2", "costs"),
        ("3", "part"),
    ]
    assert 'id="costs">Costs <span class="arithmatex">' in article
    assert 'href="#part" class="md-nav__link"' in page
    index = json.loads((site / "en" / "search" / "search_index.json").read_text(encoding="utf-8"))
    titles = {entry["location"]: entry["title"] for entry in index["docs"]}
    assert titles["labs/made.html"] == "A lab" and titles["labs/made.html#part"] == "A part"
    assert page.count("¶") == 3


def test_what_stands_on_the_page_is_its_description(page: str) -> None:
    """A colon in it, quotes or marks: none of it becomes a heading."""
    assert f'<meta name="description" content="{DESCRIPTION}">' in html.unescape(page)
    assert "One question" not in page.partition("<article")[2]


def test_links_figures_and_hovers_are_those_of_any_page(page: str) -> None:
    assert '<a href="../index.html">the home page</a>' in page
    picture = re.search(r"<img [^>]*cifar10_lab[^>]*>", page)
    assert picture and f'src="../../assets/pics/{FIGURE}"' in picture[0]
    assert 'data-plotly="cifar10_lab.en.json"' in picture[0] and 'loading="lazy"' in picture[0]
    assert re.search(r'<abbr title="梯度[^"]*">gradient</abbr>', page)


def test_exercises_are_framed_and_solutions_folded(page: str) -> None:
    framed = page.partition('<div class="admonition question">')[2].partition("After.")[0]
    text = re.sub(r"\s*\n\s*", "", re.sub(r"<span[^>]*>|</span>", "", framed))
    assert text.startswith(
        '<p class="admonition-title"><strong>Exercise 1: predict <code>x</code></strong></p>'
        '<p>What?</p><details class="success"><summary><strong>Solution</strong></summary>'
        '<p>This.</p><div class="language-python highlight"><pre><code>1 + 1</code></pre></div>'
        '<div class="language-output highlight"><pre><code>2</code></pre></div>'
    )
    assert text.endswith("</details></div><p>")


def test_nothing_of_jupyters_own_page_is_left(page: str, site: Path) -> None:
    for foreign in ("jp-", "jupyter", "mermaid", "MathJax", "require", "clipboard-copy", "<style>"):
        assert foreign not in page.partition("<article")[2], foreign
    assert not re.search(r'(?:src|href)="https?://', page)
    assert json.loads((site / "en" / "labs" / "made.ipynb").read_text("utf-8"))["cells"]
