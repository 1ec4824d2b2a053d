"""A reader's browser: every page, both themes, a phone, the switcher, figures, 404, file://."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

import pytest
from built_site import MODULES, PAGES, address, sources
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect

from wode.book import LANGUAGES

Theme = Literal["light", "dark"]
_AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
_THEMES: tuple[Theme, ...] = ("light", "dark")
_OUT_OF_PLACE = """() => ({
  raw: [...document.querySelectorAll("article *")]
    .filter((e) => !e.closest("pre, code, annotation, script"))
    .flatMap((e) => [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim()))
    .filter((text) => /\\\\[([]|\\$`|\\$\\$/.test(text)),
  wrong: [...document.querySelectorAll(".katex-error")].map((e) => e.title || e.textContent),
  undrawn: document.querySelectorAll(".arithmatex:not(:has(.katex))").length,
  images: [...document.images].filter((i) => i.complete && !i.naturalWidth).map((i) => i.src),
  wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
})"""


class Visit:
    """One browser tab, what went wrong in it and every address that it asked for."""

    def __init__(self, page: Page, root: str) -> None:
        self.page, self.root = page, root
        self.wrong: list[str] = []
        self.asked: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)
        page.on("request", lambda request: self.asked.append(request.url))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(message.text)

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left before it came
            self.wrong.append(f"failed: {request.url} ({request.failure})")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.wrong.append(f"{response.status}: {response.url}")

    def open(self, path: str) -> None:
        self.page.goto(self.root + path, wait_until="load")

    @property
    def elsewhere(self) -> list[str]:
        return [
            url for url in self.asked if not url.startswith((self.root, "data:", "blob:", "about:"))
        ]


@contextmanager
def visit(
    browser: Browser, root: str, *, theme: Theme = "light", width: int = 1280
) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)
    try:
        yield Visit(context.new_page(), root)
    finally:
        context.close()


@pytest.fixture(scope="module", params=_THEMES)
def reader(request: pytest.FixtureRequest, browser: Browser, served: str) -> Iterator[Visit]:
    """One tab for all pages in one theme, as a reader goes from page to page."""
    with visit(browser, served, theme=request.param) as tab:
        yield tab


@pytest.mark.parametrize(("name", "lang"), [*PAGES, *MODULES[::9]])
def test_page_is_whole(reader: Visit, name: str, lang: str) -> None:
    """No error, nothing asked of another host, formulas drawn, no fault for assistive technology,
    nothing wider than a phone."""
    reader.wrong.clear()
    reader.asked.clear()
    reader.page.set_viewport_size({"width": 1280, "height": 800})
    reader.open(address(name, lang))
    assert reader.page.evaluate("document.body.dataset.mdColorScheme") in ("default", "slate")
    found = reader.page.evaluate(_OUT_OF_PLACE)
    assert found == {"raw": [], "wrong": [], "undrawn": 0, "images": [], "wide": 0}
    dark = reader.page.evaluate("document.body.dataset.mdColorScheme") == "slate"
    assert faults(reader.page, "color-contrast" if dark else None) == []
    reader.page.set_viewport_size({"width": 360, "height": 740})
    assert reader.page.evaluate(_OUT_OF_PLACE)["wide"] == 0, widest(reader.page)
    assert reader.wrong == []
    assert reader.elsewhere == []


def faults(page: Page, rule: str | None = None, within: str = "html") -> list[str]:
    """What axe calls serious or critical: by all its rules, or by one."""
    page.evaluate(_AXE)
    only = f"runOnly: ['{rule}'], " if rule else ""
    found = page.evaluate(
        f"axe.run('{within}', {{ {only}resultTypes: ['violations'] }})"
        ".then((r) => r.violations.filter((v) => ['serious', 'critical'].includes(v.impact))"
        ".flatMap((v) => v.nodes.slice(0, 3)"
        ".map((n) => `${v.id}: ${n.target} ${n.failureSummary}`)))"
    )
    return list(found)


def widest(page: Page) -> list[str]:
    """The elements that reach beyond the screen, for the report."""
    return page.evaluate(
        "[...document.querySelectorAll('article *')].filter((e) => "
        "e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && "
        "!e.closest('pre, .md-typeset__scrollwrap, .arithmatex'))"
        ".slice(0, 5).map((e) => e.outerHTML.slice(0, 120))"
    )


def test_theme_is_kept_across_pages_and_languages(browser: Browser, served: str) -> None:
    with visit(browser, served, theme="light") as tab:
        tab.open(address("notation", "zh"))
        tab.page.locator("label[for=__palette_1]").click()
        assert tab.page.evaluate("document.body.dataset.mdColorScheme") == "slate"
        tab.open(address("notation", "en"))
        assert tab.page.evaluate("document.body.dataset.mdColorScheme") == "slate"


def test_switcher_stays_on_the_page_in_both_directions(browser: Browser, served: str) -> None:
    with visit(browser, served) as tab:
        for name in sources(LANGUAGES[0]):
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
            found = tab.page.evaluate(_OUT_OF_PLACE)
            assert found == {"raw": [], "wrong": [], "undrawn": 0, "images": [], "wide": 0}
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


@pytest.mark.parametrize(("name", "lang"), [page for page in PAGES if "/" in page[0]])
def test_a_chapter_is_light(
    browser: Browser, served: str, site: Path, name: str, lang: str
) -> None:
    """A first visit weighs less than 450 KB compressed, and less than 30 KB once the book's shared
    files are there. Figures further down and the search's index, which come when the reader does,
    are not counted, and a figure with photographs in it only with the first visit."""
    with visit(browser, served) as tab:
        tab.open(address(name, lang))
        tab.page.wait_for_load_state("networkidle")
        paths = {urlsplit(url).path[1:] for url in tab.asked if url.startswith(served)}
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
