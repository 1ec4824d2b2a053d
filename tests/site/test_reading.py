"""A reader's browser: every page, both themes, a phone, the switcher, figures, 404, file://."""

import gzip
import json
import re
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from typing import cast, get_args
from urllib.parse import unquote, urlsplit

import pytest
from built_site import MODULES, PAGES, address, sources
from clipboard import pasted
from playwright.sync_api import Browser, expect
from reader import NOTHING, THEMES, Seen, Theme, faults, out_of_place, reading, visit

from wode.book import LANGUAGES, ROOT
from wode.book.pages import load

Place = tuple[str, str]  # a page's name, its language
CHAPTERS = [(name, lang) for name, lang in PAGES if "/" in name]
WRITTEN = [(n, lang) for n, lang in PAGES if (ROOT / "docs" / lang / f"{n}.md").exists()]


def on(*places: Place) -> pytest.MarkDecorator:
    """One visit of each page answers all the tests that ask what it has ``seen``."""
    ids = [address(*place) for place in places]
    return pytest.mark.parametrize("seen", places, indirect=True, ids=ids)


@pytest.fixture(scope="module")
def ahead(
    request: pytest.FixtureRequest, chromium: str, served: str, exhaustive: bool
) -> Iterator[dict[Place, Future[Seen]]]:
    """The visits of the pages that are asked for: a browser for each language reads ahead."""
    tests = [test for test in request.session.items if isinstance(test, pytest.Function)]
    pages = [test.callspec.params["seen"] for test in tests if "seen" in test.fixturenames]
    asked = cast("list[Place]", pages)
    with ExitStack() as readers:
        read = {
            lang: readers.enter_context(reading(chromium, served, theme, exhaustive))
            for lang, theme in THEMES.items()
        }
        yield {(name, lang): read[lang](name, lang) for name, lang in dict.fromkeys(asked)}


@pytest.fixture
def seen(request: pytest.FixtureRequest, ahead: dict[Place, Future[Seen]]) -> Seen:
    return ahead[request.param].result()


@on(*PAGES, *MODULES[::9])
def test_page_is_whole(seen: Seen) -> None:
    """No error, nothing asked of another host, formulas drawn, no fault for assistive technology in
    either theme, nothing wider than a phone."""
    assert {*seen.schemes} == {"default", "slate"}
    assert seen.out_of_place == NOTHING
    assert seen.faults == []
    assert seen.dim == []
    assert seen.wide == []
    assert seen.wrong == []
    assert seen.elsewhere == []


@on(*WRITTEN)
def test_clipboard_holds_the_tested_blocks(seen: Seen, request: pytest.FixtureRequest) -> None:
    name, lang = request.node.callspec.params["seen"]
    blocks = load(ROOT / "docs" / lang / f"{name}.md").blocks
    assert len(seen.copied) == len(blocks)
    for block, text in zip(blocks, seen.copied, strict=True):
        assert (text or "").splitlines() == pasted(block).splitlines(), f"line {block.line}"
    assert seen.copied_outputs == 0


@on(*CHAPTERS)
def test_a_chapter_is_light(seen: Seen, served: str, site: Path) -> None:
    """A first visit weighs less than 450 KB compressed, and less than 30 KB once the book's shared
    files are there. Figures further down and the search's index, which come when the reader does,
    are not counted, and a figure with photographs in it only with the first visit."""
    paths = {urlsplit(url).path[1:] for url in seen.asked if url.startswith(served)}
    assert not [path for path in paths if "search_index" in path]
    sizes = {path: weight(site, path) for path in sorted(paths)}
    own = {
        path: size
        for path, size in sizes.items()
        if path.endswith(".html")
        or ("/pics/" in path and b"<image " not in (site / unquote(path)).read_bytes())
    }
    assert sum(sizes.values()) < 450 * 1024, json.dumps(sizes, indent=1)
    assert sum(own.values()) < 30 * 1024, json.dumps(own, indent=1)


def weight(site: Path, path: str) -> int:
    """Bytes as a host sends them: text compressed, fonts and pictures as they are."""
    data = (site / unquote(path)).read_bytes()
    packed = path.endswith((".woff2", ".png"))
    return len(data) if packed else len(gzip.compress(data, 6))


def test_theme_is_kept_across_pages_and_languages(browser: Browser, served: str) -> None:
    with visit(browser, served, theme="light") as tab:
        tab.open(address("notation", "zh"))
        tab.page.locator("label[for=__palette_1]").click()
        assert tab.scheme == "slate"
        tab.open(address("notation", "en"))
        assert tab.scheme == "slate"


def test_switcher_stays_on_the_page_in_both_directions(browser: Browser, served: str) -> None:
    """From every depth; where the switchers of all pages lead: ``test_files.py``."""
    depths = {name.partition("/")[0] if "/" in name else "": name for name, _ in MODULES + PAGES}
    with visit(browser, served) as tab:
        for name in depths.values():
            tab.open(address(name, "zh"))
            for lang in ("en", "zh"):
                tab.page.locator(".book-switch").click(no_wait_after=True)
                tab.page.wait_for_url(served + address(name, lang), wait_until="domcontentloaded")
                assert tab.page.locator("html").get_attribute("lang") == lang


@pytest.mark.parametrize("lang", LANGUAGES)
def test_opens_from_a_file(browser: Browser, site: Path, lang: str) -> None:
    root = site.as_uri() + "/"
    name = next(name for name in sources(lang) if "/" in name)
    with visit(browser, root) as tab:
        for page in ("index", name, "notation"):
            tab.open(address(page, lang))
            assert out_of_place(tab.page) == NOTHING
        tab.page.locator(".book-switch").click()
        other = LANGUAGES[1 - LANGUAGES.index(lang)]
        tab.page.wait_for_url(root + address("notation", other))
        assert tab.wrong == []
        assert tab.elsewhere == []


@pytest.mark.parametrize(
    ("path", "words"), [("no/such/page.html", "这里没有这一页"), ("en/404.html", "no page here")]
)
def test_lost_reader_finds_the_way(browser: Browser, served: str, path: str, words: str) -> None:
    with visit(browser, served) as tab:
        tab.open(path)
        assert words in tab.page.locator("article").inner_text()
        tab.wrong[:] = [w for w in tab.wrong if path not in w and "status of 404" not in w]
        assert tab.wrong == []
        assert faults(tab.page) == []
        tab.page.locator("article a").first.click()
        tab.page.wait_for_url(served + address("index", "en" if path.startswith("en/") else "zh"))


@pytest.mark.parametrize("theme", get_args(Theme))
def test_what_has_the_focus_keeps_its_name_and_contrast(
    browser: Browser, served: str, theme: Theme
) -> None:
    with visit(browser, served, theme=theme) as tab:
        button = tab.page.locator("button[data-md-type=copy]").last
        for meet in (button.hover, button.focus):
            tab.open(address("notation", "zh"))
            tab.page.add_style_tag(content="* { transition: none !important }")
            tab.page.mouse.move(0, 0)
            button.scroll_into_view_if_needed()
            meet()
            expect(button).not_to_have_attribute("title", re.compile("."))  # the tip has it now
            assert faults(tab.page, ".highlight") == []
        links = tab.page.locator(".md-footer__link").all()
        assert links
        for link in links:
            for meet in (link.hover, link.focus):
                meet()
                assert faults(tab.page, ".md-footer") == []


def test_prints_without_the_furniture(browser: Browser, served: str) -> None:
    """Black on white, also for a reader who reads in the dark."""
    with visit(browser, served, theme="dark") as tab:
        tab.open(address("0_Pytorch_basics/convolution", "zh"))
        tab.page.emulate_media(media="print")
        for hidden in (".md-header", ".md-sidebar--primary", ".book-actions", ".md-footer"):
            expect(tab.page.locator(hidden)).to_be_hidden()
        expect(tab.page.locator("h1")).to_be_visible()
        colours = tab.page.evaluate(
            "['backgroundColor', 'color'].map((c) => getComputedStyle(document.body)[c])"
            ".map((c) => c.match(/[0-9.]+/g).slice(0, 3).reduce((sum, v) => sum + Number(v), 0))"
        )
        assert colours[0] > 700 > 200 > colours[1]  # the sums of red, green and blue
        assert (
            tab.page.locator("img[src*='/pics/']").first.evaluate(
                "(image) => getComputedStyle(image).filter"
            )
            == "none"
        )


def test_switcher_keeps_the_section(browser: Browser, served: str) -> None:
    """The two languages share their anchors; a reader in the middle of a page stays there."""
    with visit(browser, served) as tab:
        tab.open(address("how-this-book-runs", "zh") + "#two-languages")
        tab.page.locator(".book-switch").click(no_wait_after=True)
        tab.page.wait_for_url(
            served + address("how-this-book-runs", "en") + "#two-languages",
            wait_until="domcontentloaded",
        )
        expect(tab.page.locator("#two-languages")).to_be_in_viewport()
