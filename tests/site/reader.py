"""A reader's browser: what goes wrong in a tab, and all that one visit of a page can tell."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from built_site import address
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

from wode.book import LANGUAGES

Theme = Literal["light", "dark"]
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
_AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
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
NOTHING = {"raw": [], "wrong": [], "undrawn": 0, "images": [], "wide": 0}
_LOADED = "() => performance.getEntriesByType('resource').map((entry) => entry.name)"
_WIDEST = """() => [...document.querySelectorAll("article *")]
  .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1
    && !e.closest("pre, .md-typeset__scrollwrap, .arithmatex"))
  .slice(0, 5).map((e) => e.outerHTML.slice(0, 120))"""
# A copy event tells at once what goes to the clipboard; reading that back takes far longer, and is
# done for the last block.
_PRESS_ALL = """async () => {
  const copied = [];
  const hear = ({ target }) => { copied[copied.length - 1] = target.value; };
  document.addEventListener("copy", hear, true);
  await navigator.clipboard.writeText("");
  for (const block of document.querySelectorAll(
    ".language-python > pre, .language-pycon > pre, .language-ipython > pre")) {
    copied.push(null);
    block.querySelector("button[data-md-type=copy]")?.click();
  }
  document.removeEventListener("copy", hear, true);
  if (copied.length) copied[copied.length - 1] = await navigator.clipboard.readText();
  return copied;
}"""
# By the button in the header; what the theme remembers of it is forgotten before the next page.
_SWITCH = """() => {
  document.head.insertAdjacentHTML("beforeend", "<style>* { transition: none !important }</style>");
  document.querySelector("[data-md-component=palette] label:not([hidden])").click();
  localStorage.clear();
}"""
# WCAG 2's contrast of every text with the backgrounds of what it stands in; a tenth of axe's time.
_DIM = """() => {
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
    .getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const colour = (text) => {
    if (!known.has(text)) {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = text;
      context.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
      known.set(text, [r, g, b, a / 255]);
    }
    return known.get(text);
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((v, k) => v * a + below[k] * (1 - a));
  const grounds = new Map([[null, [255, 255, 255]]]);
  const ground = (e) => {
    if (!grounds.has(e)) {
      grounds.set(e, over(colour(getComputedStyle(e).backgroundColor), ground(e.parentElement)));
    }
    return grounds.get(e);
  };
  const shown = (e) => e ? getComputedStyle(e).opacity * shown(e.parentElement) : 1;
  const light = (rgb) => rgb.map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const owners = new Set();
  while (texts.nextNode()) {
    if (texts.currentNode.data.trim()) owners.add(texts.currentNode.parentElement);
  }
  return [...owners].flatMap((e) => {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (!e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || box.width < 2
      || box.height < 2 || e.closest(".katex-mathml, script, style, noscript, svg")) return [];
    const [r, g, b, a] = colour(style.color), behind = ground(e);
    const ink = over([r, g, b, a * shown(e)], behind);
    const [low, high] = [light(ink), light(behind)].sort((x, y) => x - y);
    const size = parseFloat(style.fontSize);
    const enough = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const ratio = (high + 0.05) / (low + 0.05);
    return ratio < enough ? [`${ratio.toFixed(2)}: ${e.outerHTML.slice(0, 120)}`] : [];
  });
}"""


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
    def scheme(self) -> str:
        """The theme that is shown: default is the light one, slate the dark one."""
        return self.page.evaluate("document.body.dataset.mdColorScheme")

    @property
    def elsewhere(self) -> list[str]:
        return [
            url for url in self.asked if not url.startswith((self.root, "data:", "blob:", "about:"))
        ]


@contextmanager
def launched(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield browser
        browser.close()


@contextmanager
def visit(
    browser: Browser, root: str, *, theme: Theme = "light", width: int = 1280
) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)
    if root.startswith("http"):
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=root.rstrip("/"))
    try:
        yield Visit(context.new_page(), root)
    finally:
        context.close()


def faults(page: Page, within: str = "html") -> list[str]:
    """What axe calls serious or critical."""
    page.evaluate(_AXE)
    return page.evaluate(
        f"axe.run('{within}', {{ resultTypes: ['violations'] }})"
        ".then((r) => r.violations.filter((v) => ['serious', 'critical'].includes(v.impact))"
        ".flatMap((v) => v.nodes.slice(0, 3)"
        ".map((n) => `${v.id}: ${n.target} ${n.failureSummary}`)))"
    )


def out_of_place(page: Page) -> dict[str, Any]:
    """Formulas that are not drawn, pictures that did not come, how far the page is too wide."""
    return page.evaluate(_OUT_OF_PLACE)


def copied(tab: Visit) -> list[str | None]:
    """What the copy buttons put on the clipboard, None where a block has no button."""
    tab.page.bring_to_front()
    return tab.page.evaluate(_PRESS_ALL)


@dataclass(frozen=True)
class Seen:
    """What one visit of a page found."""

    schemes: tuple[str, str]  # the theme it was opened in, the other
    out_of_place: dict[str, Any]
    asked: list[str]  # by the page itself, before anything was done on it
    faults: list[str]
    dim: list[str]  # texts without contrast, in both themes
    copied: list[str | None]
    copied_outputs: int
    wide: list[str]  # on a phone
    wrong: list[str]
    elsewhere: list[str]


def look(tab: Visit, name: str, lang: str, thorough: bool) -> Seen:
    """Read a page. Axe judges it in one of its languages, one page in Chinese, the next in English;
    ``thorough`` has it judge both, in both themes."""
    page = tab.page
    tab.wrong.clear()
    tab.asked.clear()
    page.set_viewport_size({"width": 1280, "height": 800})
    tab.open(address(name, lang))
    page.evaluate("document.fonts.ready.then(() => null)")
    opened, shown = tab.scheme, out_of_place(page)
    judged = thorough or LANGUAGES[sum(name.encode()) % 2] == lang
    found = faults(page) if judged else []
    # What a script asks for a little later, too; the browser asks for no font that it still holds.
    asked = [*tab.asked, *page.evaluate(_LOADED)]
    dim = page.evaluate(_DIM)
    texts = copied(tab)
    outputs = page.locator(".language-output button[data-md-type=copy]").count()
    page.evaluate(_SWITCH)
    schemes = opened, tab.scheme
    dim += page.evaluate(_DIM)
    if thorough:
        found += faults(page)
    page.set_viewport_size({"width": 360, "height": 740})
    wide = out_of_place(page)["wide"]
    widest = [f"{wide} pixels too wide", *page.evaluate(_WIDEST)] if wide else []
    return Seen(
        schemes, shown, asked, found, dim, texts, outputs, widest, list(tab.wrong), tab.elsewhere
    )


@contextmanager
def reading(
    chromium: str, root: str, theme: Theme, thorough: bool
) -> Iterator[Callable[[str, str], Future[Seen]]]:
    """Read page after page in a browser and a thread of its own: Playwright needs its thread."""
    with ThreadPoolExecutor(1) as thread, ExitStack() as opened:
        ahead: list[Future[Seen]] = []

        def begin() -> Visit:
            browser = opened.enter_context(launched(chromium))
            return opened.enter_context(visit(browser, root, theme=theme))

        def read(name: str, lang: str) -> Future[Seen]:
            ahead.append(thread.submit(look, tab, name, lang, thorough))
            return ahead[-1]

        try:
            tab = thread.submit(begin).result()
            yield read
        finally:
            for page in ahead:
                page.cancel()
            thread.submit(opened.close).result()


#: In which theme a reader opens the pages of each language; every page is then seen in the other.
THEMES: dict[str, Theme] = dict(zip(LANGUAGES, ("light", "dark"), strict=True))
