"""Figures that are the same bytes on every machine, in both languages.

Text is drawn as paths in a font that comes from a pinned package (``mplfonts``: Noto Sans CJK SC),
so a reader without a Chinese font sees the same figure, and drawing a figure again changes no byte.
Nothing here touches pyplot's global state.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib
from cycler import cycler
from matplotlib import font_manager
from matplotlib.figure import Figure

from wode.files.atomic import PathLike, write_atomically

#: Six colours told apart by lightness too, so that they survive grey print and a dark page's
#: inversion (Okabe and Ito 2008, without the yellow that paper swallows).
PALETTE = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#7a5200"]
MARKERS = ["o", "s", "^", "D", "v", "P"]
LINESTYLES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1))]

_STYLE: dict[str, Any] = {
    "svg.fonttype": "path",
    "svg.hashsalt": "wode",
    "axes.unicode_minus": False,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "font.size": 10,
    "legend.frameon": False,
    "figure.dpi": 100,
    "savefig.transparent": True,
    "grid.alpha": 0.3,
}


@cache
def chinese_font() -> str:
    """Register the pinned Chinese font with matplotlib and return its family name.

    Raises:
        ModuleNotFoundError: the package that carries the font is not installed.
    """
    spec = find_spec("mplfonts")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            "figures need the font in the package mplfonts: pip install mplfonts"
        )
    path = Path(spec.origin).parent / "fonts" / "NotoSansCJKsc-Regular.otf"
    fonts = font_manager.fontManager
    fonts.addfont(path)
    # Under a name of its own: of two fonts with one name matplotlib may take the machine's.
    fonts.ttflist[-1] = replace(fonts.ttflist[-1], name="wode Noto Sans CJK SC")
    return fonts.ttflist[-1].name


@contextmanager
def use_style(lang: str = "zh") -> Iterator[None]:
    """Draw and save under the book's style; ``lang`` is "zh" or "en" and decides the font."""
    if lang not in ("zh", "en"):
        raise ValueError(f'lang: expected "zh" or "en", got {lang!r}')
    families = [chinese_font()] if lang == "zh" else ["DejaVu Sans", chinese_font()]
    style: dict[Any, Any] = {**_STYLE, "font.family": "sans-serif", "font.sans-serif": families}
    with matplotlib.rc_context(style):
        yield


def new_figure(
    width: float = 6.4,
    height: float = 3.2,
    *,
    nrows: int = 1,
    ncols: int = 1,
    lang: str = "zh",
    **subplots: Any,
) -> tuple[Figure, Any]:
    """A figure, ``width`` × ``height`` inches, and its axes (one, or ``Figure.subplots``'s array).

    The language is kept on the figure: ``save_svg`` saves under the style it was drawn with.
    """
    with use_style(lang):
        figure = Figure(figsize=(width, height), layout="constrained")
        figure.set_label(lang)
        axes = figure.subplots(nrows, ncols, **subplots)
    return figure, axes


def save_svg(figure: Figure, path: PathLike) -> Path:
    """Save ``figure`` as an SVG whose bytes depend on nothing but the figure; return the path."""
    unchanging: dict[str, Any] = {"format": "svg", "metadata": {"Date": None, "Creator": None}}
    with use_style(str(figure.get_label()) or "zh"):
        return write_atomically(path, lambda file: figure.savefig(file, **unchanging))
