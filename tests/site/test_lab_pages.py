"""The labs' pages hold what their notebooks hold: sections, code, outputs, description."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from built_site import PAGES, address

from wode.book import LANGUAGES, ROOT

LABS = [(name, lang) for name, lang in PAGES if name.startswith("labs/")]


def notebook(name: str, lang: str) -> dict[str, Any]:
    return json.loads((ROOT / "docs" / lang / f"{name}.ipynb").read_text(encoding="utf-8"))


def anchors(name: str, lang: str) -> list[str]:
    """The ids that the notebook's headings ask for."""
    texts = ["".join(c["source"]) for c in notebook(name, lang)["cells"]]
    return re.findall(r'^##+ .* <a id="([\w-]+)"></a>$', "\n".join(texts), re.M)


@pytest.mark.parametrize(("name", "lang"), LABS)
def test_sections_are_on_the_page_in_its_contents_and_in_the_search(
    site: Path, name: str, lang: str
) -> None:
    wanted = anchors(name, lang)
    assert len(wanted) > 5
    page = (site / address(name, lang)).read_text(encoding="utf-8")
    assert re.findall(r'<h[2-6] id="([\w-]+)"', page) == wanted
    listed = re.findall(r'href="#([\w-]+)" class="md-nav__link"', page)
    assert [anchor for anchor in wanted if anchor not in listed] == []
    folder = site / ("" if lang == LANGUAGES[0] else lang)
    index = json.loads((folder / "search" / "search_index.json").read_text(encoding="utf-8"))
    texts = {entry["location"]: entry["text"] for entry in index["docs"]}
    for anchor in wanted:
        assert texts[f"{name}.html#{anchor}"] or anchor == "exercises"


@pytest.mark.parametrize(("name", "lang"), LABS)
def test_code_and_outputs_are_the_notebooks(site: Path, name: str, lang: str) -> None:
    page = (site / address(name, lang)).read_text(encoding="utf-8")
    blocks = re.findall(r'<div class="language-(\w+) highlight">.*?<code>(.*?)</code>', page, re.S)
    shown = [(kind, html.unescape(re.sub(r"<[^>]+>", "", text))) for kind, text in blocks]
    stored = []
    for cell in notebook(name, lang)["cells"]:
        if cell["cell_type"] == "code":
            stored.append(("python", "".join(cell["source"]) + "\n"))
            stored += [("output", "".join(output["text"])) for output in cell["outputs"]]
    assert shown == stored


@pytest.mark.parametrize(("name", "lang"), LABS)
def test_description_stands_in_the_head_alone(site: Path, name: str, lang: str) -> None:
    description = notebook(name, lang)["metadata"]["description"]
    head, _, article = (site / address(name, lang)).read_text("utf-8").partition("<article")
    assert f'<meta name="description" content="{description}">' in html.unescape(head)
    assert description not in html.unescape(article)
