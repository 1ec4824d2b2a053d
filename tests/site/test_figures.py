"""Every interactive figure as its reader has it: on a phone in the dark, wide in the light, by
keyboard alone, and back to the picture."""

import io
import json
import re
import runpy
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from built_site import PAGES, address, sources
from matplotlib.text import Text
from PIL import Image
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect
from reader import Visit, faults, visit

from wode.book import LANGUAGES, ROOT
from wode.book.figures import INTERACTIVE
from wode.plotting import use_style

FIGURES = sorted(tuple(path.stem.split(".")) for path in INTERACTIVE.glob("*.json"))
_HAN = re.compile(r"[\u4e00-\u9fff]")
# How a surface is drawn where there is no GPU: what Chromium says of it, and no fault.
_SLOW = re.compile(r"Canvas2D: Multiple readback|GPU stall due to ReadPixels")
_WORD = re.compile(r"[A-Za-z\u4e00-\u9fff]{2}")
_LOOK = """(box) => {
  const rect = (e) => e.getBoundingClientRect();
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const image = box.previousElementSibling, plot = box.querySelector(".book-figure__plot");
  const texts = [...plot.querySelectorAll("svg text")].filter((t) => rect(t).width);
  const parts = [...texts, ...box.querySelectorAll("button, label, select, output, p")]
    .filter((e) => rect(e).width);
  const blocks = [...document.querySelectorAll("article p, article pre, article h2, article table")]
    .filter((e) => box.compareDocumentPosition(e) === Node.DOCUMENT_POSITION_FOLLOWING)
    .filter((e) => !e.closest("details:not([open])"));  // what is folded has no place
  const screen = document.documentElement.clientWidth;
  return {
    picture: image.getClientRects().length,
    covered: blocks.filter((e) => rect(e).top < rect(box).bottom)
      .length,
    outside: parts.filter((e) => rect(e).left < 0 || rect(e).right > screen
      || rect(e).top < rect(box).top - 1 || rect(e).bottom > rect(box).bottom + 1)
      .map((e) => e.outerHTML.slice(0, 200)),
    wide: document.documentElement.scrollWidth - screen,
    small: parts.filter((e) => parseFloat(getComputedStyle(e).fontSize) < 11)
      .map((e) => e.outerHTML.slice(0, 200)),
    over: texts.flatMap((a, k) => texts.slice(k + 1).filter((b) => meet(rect(a), rect(b)))
      .map((b) => `${a.textContent} / ${b.textContent}`)),
    legend: [...box.querySelectorAll("button, label, .book-figure__note")]
      .filter((e) => meet(rect(e), rect(plot))).map((e) => e.textContent),
  };
}"""
_FINE = {
    "picture": 0, "covered": 0, "outside": [], "wide": 0, "small": [], "over": [], "legend": [],
}  # fmt: skip


def rect(part: Locator) -> FloatRect:
    """Where a part stands on the screen."""
    place = part.bounding_box()
    assert place is not None, part
    return place


def is_solid(box: Locator) -> bool:
    """Whether it is a surface, which is drawn on a canvas and not as SVG."""
    return "book-figure--solid" in (box.get_attribute("class") or "")


def drawn(box: Locator) -> str | bytes:
    """The marks of the plot, as drawn."""
    if is_solid(box):
        return box.locator(".book-figure__plot").screenshot()
    return box.locator(".cartesianlayer .scatterlayer").first.inner_html()


def redrawn(box: Locator, before: str | bytes) -> bool:
    """Whether the plot comes to differ; a surface is drawn a frame or two later."""
    for _ in range(50 if is_solid(box) else 1):
        if drawn(box) != before:
            return True
        box.page.wait_for_timeout(100)
    return False


def words(box: Locator, selector: str) -> list[str]:
    found = box.locator(selector).evaluate_all("(all) => all.map((e) => e.textContent.trim())")
    return [text for text in found if _WORD.search(text)]


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """The contrast of two colours as WCAG 2 defines it."""

    def light(colour: Sequence[float]) -> float:
        parts = [value / 255 for value in colour[:3]]
        r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def looks(box: Locator) -> tuple[float, float]:
    """Against the page's colour: the strongest pixel of a title, and the line of the grid."""
    plot = box.locator(".book-figure__plot")
    picture = np.array(Image.open(io.BytesIO(plot.screenshot())).convert("RGB"))
    corner, ground = rect(plot), picture[-2, 1].tolist()
    if is_solid(box):  # its titles and grid are pixels of the canvas
        apart = np.abs(picture.astype(int) - ground).sum(axis=2) > 24
        assert apart.mean() > 0.05, "an empty canvas"
        # Titles are the outermost: what is left of the surface and its box.
        columns = np.flatnonzero(apart.any(axis=0))
        edge = picture[:, columns[0] : columns[0] + 40].reshape(-1, 3).tolist()
        return max(contrast(pixel, ground) for pixel in edge), 1.5
    found = []
    for part in (".ytitle", ".gridlayer .x path"):
        place = rect(box.locator(part).last)
        left, top = int(place["x"] - corner["x"]), int(place["y"] - corner["y"])
        right, bottom = left + int(place["width"]) + 2, top + int(place["height"]) + 2
        pixels = picture[top:bottom, max(left - 1, 0) : right].astype(int)
        if part != ".ytitle":  # marks cross the line, most of it is free
            pixels = np.median(pixels, axis=0, keepdims=True)
        found.append(max(contrast(pixel, ground) for pixel in pixels.reshape(-1, 3).tolist()))
    return found[0], found[1]


def opened(tab: Visit, button: Locator) -> Locator:
    """Open a figure with the keyboard alone, its button in the middle of the screen."""
    button.evaluate("(button) => button.scrollIntoView({ block: 'center' })")
    button.focus()
    tab.page.keyboard.press("Shift+Tab")
    tab.page.keyboard.press("Tab")
    expect(button).to_be_focused()
    tab.page.keyboard.press("Enter")
    box = tab.page.locator(".book-figure")
    expect(
        box.locator(".cartesianlayer .scatterlayer, .gl-container canvas").first
    ).to_be_attached()
    expect(button).to_have_attribute("aria-expanded", "true")
    control, header = rect(box.locator(":focus")), rect(tab.page.locator(".md-header"))
    assert control["y"] >= header["y"] + header["height"], "what has the focus is under the header"
    expect(tab.page.locator(".md-top")).to_be_hidden()
    return box


@pytest.mark.parametrize(("name", "lang"), FIGURES)
def test_figure_is_read_everywhere(
    browser: Browser, served: str, site: Path, name: str, lang: str, exhaustive: bool
) -> None:
    """One figure in Chinese, the next in English; with ``--exhaustive`` all in both."""
    if LANGUAGES[sum(name.encode()) % 2] != lang and not exhaustive:
        pytest.skip("in the other language; in both under make check-all (--exhaustive)")
    offer = f'data-plotly="{name}.{lang}.json"'
    pages = (address(page, lang) for page in sources(lang))
    path = next((p for p in pages if offer in (site / p).read_text(encoding="utf-8")), None)
    assert path, f"{name}.{lang}.json: no page offers it"
    with visit(browser, served, theme="dark", width=360) as tab:
        tab.open(path)
        image = tab.page.locator(f"img[{offer}]")
        button = image.locator("xpath=following-sibling::button")
        assert not [url for url in tab.asked if "plotly" in url]
        box = opened(tab, button)
        assert box.evaluate(_LOOK) == _FINE
        title, grid = looks(box)
        assert title > 4.5 and 1.05 < grid < 2, (title, grid)
        assert faults(tab.page, within=".book-figure") == []
        speaks(box, lang)
        chosen_by_keyboard(tab.page, box)
        walked_by_keyboard(tab.page, box, lang)
        tab.page.set_viewport_size({"width": 1280, "height": 800})
        tab.page.emulate_media(color_scheme="light")
        tab.page.locator("label[for=__palette_0]").evaluate("(label) => label.click()")
        expect(tab.page.locator("body")).to_have_attribute("data-md-color-scheme", "default")
        wide = box.locator(".gl-container canvas" if is_solid(box) else ".main-svg").first
        expect(wide).not_to_have_attribute("width", re.compile("^3"))
        assert box.evaluate(_LOOK) == _FINE
        title, grid = looks(box)
        assert title > 4.5 and 1.05 < grid < 2, (title, grid)
        assert faults(tab.page, within=".book-figure") == []
        box.locator("select, input").first.press("Escape")
        expect(box).not_to_be_attached()
        expect(image).to_be_visible()
        expect(button).to_be_focused()
        tab.page.keyboard.press("Enter")
        expect(image).to_be_hidden()
        button.press("Enter")
        expect(image).to_be_visible()
        assert [told for told in tab.wrong if not _SLOW.search(told)] == []
        assert tab.elsewhere == []


def speaks(box: Locator, lang: str) -> None:
    """Titles, names, choices and notes are in the page's language."""
    said = words(box, ".xtitle, .ytitle, label > span, option, output, button, p")
    assert said
    foreign = [text for text in said if bool(_HAN.search(text)) != (lang == "zh")]
    assert [text for text in foreign if text != "log 2"] == []
    assert bool(_HAN.search(box.get_attribute("aria-label") or "")) == (lang == "zh")


def chosen_by_keyboard(page: Page, box: Locator) -> None:
    """Each choice and each name of the legend changes what is drawn, in its place."""
    controls = box.locator("select, input").all()
    assert controls, "what does it teach beyond the picture?"
    for control in controls:
        control.focus()
        page.keyboard.press("Home")
        slides = control.get_attribute("type") == "range"
        steps = control.locator("option").count() - 1
        for key in ["ArrowRight", "End"] if slides else ["ArrowDown"] * steps:
            before = drawn(box)
            page.keyboard.press(key)
            expect(control).to_be_focused()
            assert redrawn(box, before), key
            assert box.evaluate(_LOOK) == _FINE
    for name in box.locator(".book-figure__legend button").all():
        before = drawn(box)
        name.press("Enter")
        expect(name).to_have_attribute("aria-pressed", "false")
        assert drawn(box) != before
        name.press("Enter")
        expect(name).to_have_attribute("aria-pressed", "true")


def walked_by_keyboard(page: Page, box: Locator, lang: str) -> None:
    """Arrow keys read out the values that a mouse would find, each in its place on the screen."""
    plot, value = box.locator(".book-figure__plot"), box.locator(".book-figure__value")
    plot.focus()
    if is_solid(box):  # the frame of what has the focus lies in the picture, too
        page.wait_for_timeout(500)
    before = drawn(box)
    heard = set()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
        expect(value).to_have_text(re.compile(r"\d"))
        page.wait_for_timeout(120)
        heard.add(value.inner_text())
    assert len(heard) > 1
    if lang == "en":
        assert not any(map(_HAN.search, heard))
    if is_solid(box):
        assert redrawn(box, before), "no pin at the point that is read out"
    label = rect(value if is_solid(box) else box.locator(".hovertext").first)
    assert label["x"] >= 0 and label["x"] + label["width"] <= 360


@pytest.mark.parametrize(("name", "lang"), FIGURES)
def test_figure_says_what_its_picture_says(
    name: str, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every word that is drawn in the picture is in the interactive version, and spelt so."""
    monkeypatch.syspath_prepend(ROOT / "pics")
    with use_style(lang):
        figure = runpy.run_path(str(ROOT / "pics" / f"{name}.py"))["draw"](lang)
    texts = {text.get_text() for text in figure.findobj(Text)}
    pieces = {piece.strip() for text in texts for piece in re.split(r"[\d，；,;%]+", text)}
    interactive = (INTERACTIVE / f"{name}.{lang}.json").read_text(encoding="utf-8")
    assert [piece for piece in sorted(pieces) if piece not in interactive] == []


def test_every_offer_is_kept(site: Path) -> None:
    for name, lang in PAGES:
        text = (site / address(name, lang)).read_text(encoding="utf-8")
        for figure in re.findall(r'data-plotly="([^"]+)"', text):
            assert (site / "assets" / "figures" / f"{figure}.js").is_file(), (name, figure)
            assert figure.endswith(f".{lang}.json"), (name, figure)


@pytest.mark.parametrize("name", ["0_Pytorch_basics/training", "1_NLP_basics/loss-landscape"])
def test_a_finger_on_the_plot_scrolls_the_page(browser: Browser, served: str, name: str) -> None:
    lang = LANGUAGES[0]
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(served + address(name, lang))
    page.locator(".book-figure__open").tap()
    plot = page.locator(".book-figure__plot")
    expect(plot.locator(".main-svg, canvas").first).to_be_attached()
    plot.scroll_into_view_if_needed()
    place, before = rect(plot), page.evaluate("scrollY")
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    touch = context.new_cdp_session(page)
    for step in range(11):
        kind = "touchMove" if step else "touchStart"
        points = [{"x": x, "y": y - 15 * step}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(16)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("(before) => scrollY > before + 50", arg=before, timeout=60_000)
    context.close()


@pytest.mark.parametrize(("trace", "bundle"), [("scatter", "basic"), ("surface", "gl3d")])
def test_the_script_is_loaded_when_asked_for(
    browser: Browser, served: str, site: Path, trace: str, bundle: str
) -> None:
    """On a page of its own, beside a copy of a chapter's: the site is left as it is."""
    data = (
        {"type": "surface", "z": [[1, 2], [3, 4]]}
        if trace == "surface"
        else {"x": [1, 2], "y": [3, 4]}
    )
    figure = json.dumps({"data": [data], "layout": {}})
    text = (site / "notation.html").read_text(encoding="utf-8")
    image = '<img alt="x" src="assets/logo.svg" data-plotly="probe.json">'
    text = text.replace("</h1>", f"</h1>{image}", 1)
    text = text.replace("</body>", '<script src="assets/js/figures.js"></script></body>')
    with visit(browser, served) as tab:
        tab.page.route("**/probe.html", lambda r: r.fulfill(body=text, content_type="text/html"))
        script = f'(window.bookFigures ??= {{}})["probe.json"] = {figure}'
        tab.page.route(
            "**/probe.json.js", lambda r: r.fulfill(body=script, content_type="text/javascript")
        )
        tab.open("probe.html")
        assert not [url for url in tab.asked if "plotly" in url]
        tab.page.locator(".book-figure__open").click()
        expect(tab.page.locator(".book-figure .plot-container")).to_be_attached()
        assert [Path(urlsplit(url).path).name for url in tab.asked if "vendor/plotly" in url] == [
            f"plotly-{bundle}.min.js"
        ]
        assert tab.elsewhere == []
