"""How long the pages are: screens, shown lines, pictures, in a table that ``make check`` prints.

``python tools/counts.py 0_Pytorch_basics`` shows one part, in both languages; ``--site FOLDER``
reads a site that is built already. A screen is 1400 × 1000. A shown line is a non-blank line of an
executed block, includes resolved, folded blocks and outputs left out. ``first`` is how many screens
from the top the first output or picture that follows code ends; ``bare`` is the longest way down
without a picture, from the title to the exercises. Too much is marked ``*``, and fails nothing.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from browser import find
from playwright.sync_api import Browser, sync_playwright

from wode.book import LANGUAGES, ROOT

WIDTH, HEIGHT = 1400, 1000
#: What a page should not exceed; DESIGN's section on a chapter. Part 0 shows less code.
LIMITS = {"screens": 10.0, "lines": 160.0, "first": 2.0, "bare": 2.0}
BEGINNERS = {"lines": 120.0}
MEASURE = """() => {
  const article = document.querySelector('article');
  const top = article.querySelector('h1').getBoundingClientRect().top;
  const open = all => [...article.querySelectorAll(all)].filter(e => !e.closest('details'));
  const box = e => e.getBoundingClientRect();
  const code = open(['python', 'pycon', 'ipython'].map(k => `.language-${k}.highlight`).join());
  const lines = code.flatMap(e => e.querySelector('code').textContent.split('\\n'));
  const pictures = open('img, svg.figure, .js-plotly-plot').filter(e => box(e).width > 150);
  const answers = open('.language-output.highlight, .language-pycon.highlight');
  const shown = [...answers, ...pictures].filter(
    e => code.length && box(e).bottom > box(code[0]).top);
  const end = article.querySelector('#exercises') || article.lastElementChild;
  const edges = pictures.map(e => [box(e).top, box(e).bottom]).filter(e => e[0] < box(end).top);
  const bare = [...edges, [box(end).top, 0]].map(([from], i) => from - (i ? edges[i - 1][1] : top));
  return {
    screens: document.documentElement.scrollHeight,
    lines: lines.filter(line => line.trim()).length,
    first: Math.min(...shown.map(e => box(e).bottom)) - top,
    bare: Math.max(...bare),
    pictures: pictures.length,
  };
}"""


def built(target: Path) -> dict[str, Path]:
    """Build each language with the writers' setting, both at once; where its pages are."""
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "-f", "mkdocs.fast.yml", "-d"]
    with contextlib.ExitStack() as running:
        builds = [
            running.enter_context(
                subprocess.Popen(
                    [*command, str(target / lang)],
                    cwd=ROOT,
                    env={**os.environ, "BOOK_LANG": lang, "NO_MKDOCS_2_WARNING": "1"},
                )
            )
            for lang in LANGUAGES
        ]
    if any(build.returncode for build in builds):
        sys.exit("counts: the site does not build")
    return {lang: pages(target / lang, lang) for lang in LANGUAGES}


def pages(site: Path, lang: str) -> Path:
    """The folder of one language's pages in a built site."""
    return site / lang if (site / lang / "index.html").is_file() else site


def measured(browser: Browser, page: Path) -> dict[str, float]:
    """One page's counts, its figures and formulas drawn; screens for heights."""
    view = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    view.goto(page.as_uri(), wait_until="load")
    view.wait_for_timeout(400)
    counts = view.evaluate(MEASURE)
    view.close()
    for name in ("screens", "first", "bare"):
        counts[name] = (counts[name] or 0) / HEIGHT
    return counts


def row(name: str, lang: str, counts: dict[str, float]) -> str:
    limits = LIMITS | (BEGINNERS if name.startswith("0_") else {})
    cells = [
        f"{value:7.{0 if column in ('lines', 'pictures') else 1}f}"
        + ("*" if round(value, 1) > limits.get(column, float("inf")) else " ")
        for column, value in counts.items()
    ]
    return f"{name:42} {lang} {''.join(cells)}".rstrip()


def main() -> None:
    parser = argparse.ArgumentParser(description="How long the pages are.")
    parser.add_argument("names", nargs="*", help="parts or pages, as 0_Pytorch_basics/training")
    parser.add_argument("--site", type=Path, help="a built site, instead of building one")
    options = parser.parse_args()
    chapters = [
        path.relative_to(ROOT / "docs" / LANGUAGES[0]).with_suffix("").as_posix()
        for path in sorted((ROOT / "docs" / LANGUAGES[0]).glob("[0-9]_*/*.md"))
    ]
    chosen = [
        name
        for name in chapters
        if not options.names or any(name.startswith(asked) for asked in options.names)
    ]
    try:
        chromium = find()
    except FileNotFoundError as error:
        print(f"counts: not counted, {error}")
        return
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        site = (
            {lang: pages(options.site.resolve(), lang) for lang in LANGUAGES}
            if options.site
            else built(Path(scratch))
        )
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        print(f"{'page':42}    screens   lines   first    bare  pictures")
        for name in chosen:
            for lang in LANGUAGES:
                print(row(name, lang, measured(browser, site[lang] / f"{name}.html")))
        browser.close()


if __name__ == "__main__":
    main()
