"""Draw the book's figures: ``python -m wode.book.figures [NAME ...]``.

A figure is ``pics/NAME.py`` with ``draw(lang) -> Figure``; it is drawn once a language into
``pics/NAME.zh.svg`` and ``pics/NAME.en.svg``. Drawing again changes no byte. A figure that readers
may open as an interactive one also has ``plotly(lang) -> dict``, written beside the site's assets.
"""

import json
import os
import runpy
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wode.book import LANGUAGES, ROOT
from wode.files.atomic import write_text

INTERACTIVE = ROOT / "docs" / "assets" / "figures"

# One thread: a figure's numbers must not depend on how a sum was split.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def names(folder: Path = ROOT / "pics") -> list[str]:
    """The figures there are: the files ``pics/*.py`` that do not begin with an underscore."""
    return sorted(p.stem for p in folder.glob("*.py") if not p.name.startswith("_"))


def draw(name: str, target: Path | None = None, folder: Path = ROOT / "pics") -> list[Path]:
    """Draw one figure in both languages into ``target`` (default: beside its source).

    Raises:
        FileNotFoundError: there is no such figure.
        AttributeError: its file does not define ``draw``.
    """
    from wode.plotting import save_svg, use_style

    module = _module(name, folder)
    if "draw" not in module:
        source = folder / f"{name}.py"
        raise AttributeError(f"{source}: expected a function draw(lang) -> Figure, found none")
    drawn = []
    for lang in LANGUAGES:
        with use_style(lang):
            figure = module["draw"](lang)
        figure.set_label(lang)
        drawn.append(save_svg(figure, (target or folder) / f"{name}.{lang}.svg"))
    return drawn


def interactive(name: str, target: Path = INTERACTIVE) -> list[Path]:
    """Write ``plotly(lang)`` of a figure as ``NAME.LANG.json``; nothing if its file has none."""
    module = _module(name, ROOT / "pics")
    written = []
    for lang in LANGUAGES if "plotly" in module else ():
        text = json.dumps(module["plotly"](lang), ensure_ascii=False, allow_nan=False)
        written.append(write_text(target / f"{name}.{lang}.json", text + "\n"))
    return written


def _module(name: str, folder: Path) -> dict[str, Any]:
    """What a figure's file defines."""
    source = folder / f"{name}.py"
    if not source.is_file():
        raise FileNotFoundError(f"no figure {name!r}: expected {source}; there are {names(folder)}")
    sys.path.insert(0, str(folder))
    try:
        return runpy.run_path(str(source), run_name=f"pics.{name}")
    finally:
        sys.path.remove(str(folder))


def main(arguments: Iterable[str]) -> None:
    for name in list(arguments) or names():
        for path in (*draw(name), *interactive(name)):
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])
