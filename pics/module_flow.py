"""One digit on its way through two layers: the values and their shapes at each stop."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {"legend": ("负", "零", "正"), "image": "图片"},
    "en": {"legend": ("negative", "zero", "positive"), "image": "image"},
}


def draw(lang: str) -> Figure:
    numbers, text = results.read("module")["numbers"]["digit"], TEXT[lang]
    hidden = np.array(numbers["hidden"])
    figure, axes = new_figure(5.6, 3.0, lang=lang)
    axes.set(xlim=(-0.3, 10.9), ylim=(-4.1, 4.3), aspect="auto")
    axes.axis("off")
    stops = [
        (0.8, np.array(numbers["image"]), f"{text['image']}\n(1, 8, 8)"),
        (3.3, np.array(numbers["image"]).reshape(-1, 1), "(64)"),
        (5.7, hidden.reshape(-1, 1), "(32)"),
        (7.9, hidden.clip(0).reshape(-1, 1), "(32)"),
        (10.2, np.array(numbers["scores"]).reshape(-1, 1), "(10)"),
    ]
    for x, values, shape in stops:
        _cells(axes, x, values)
        axes.text(x, -3.75, shape, ha="center", va="center", linespacing=1.3)
    parts = ["flatten", "hidden", "relu", "output"]
    for part, (before, *_), (after, *_) in zip(parts, stops, stops[1:], strict=False):
        start = before + (0.95 if part == "flatten" else 0.3)
        arrow = FancyArrowPatch(
            (start, 0), (after - 0.3, 0), arrowstyle="-|>", mutation_scale=11, color="0.3"
        )
        axes.add_patch(arrow)
        trained = part in ("hidden", "output")
        axes.text(
            (start + after - 0.3) / 2, 0.3, part, ha="center", va="bottom",
            color=PALETTE[1] if trained else "0.25",
        )  # fmt: skip
    for place, name in enumerate(text["legend"]):
        x = 2.6 + 2.2 * place
        axes.add_patch(_cell(x, 3.75, 0.3, 0.3, (-1, 0, 1)[place]))
        axes.text(x + 0.45, 3.9, name, va="center")
    return figure


def _cells(axes: Axes, x: float, values: np.ndarray) -> None:
    """A table of values as cells: white is 0, darker is further from it, hatched is negative."""
    rows, columns = values.shape
    height = {8: 0.24, 64: 0.1, 32: 0.2, 10: 0.5}[rows]
    width = 0.19 if columns > 1 else 0.4
    largest = np.abs(values).max()
    for row in range(rows):
        for column in range(columns):
            left = x + (column - columns / 2) * width
            bottom = (rows / 2 - row - 1) * height
            axes.add_patch(_cell(left, bottom, width, height, values[row, column] / largest))


def _cell(left: float, bottom: float, width: float, height: float, value: float) -> Rectangle:
    strength = float(abs(value))
    # Mixed with white: matplotlib takes an alpha of 1 for one of 1.0 that another figure used, and
    # writes it into a hatch's id.
    colour = tuple(1 - strength * (1 - part) for part in to_rgb(PALETTE[0 if value > 0 else 1]))
    return Rectangle(
        (left, bottom), width, height, lw=0.4, ec="0.5", fc=colour,
        hatch="////" if value < 0 else None,
    )  # fmt: skip
