"""The tree of names in TwoLayers, with each tensor's shape and how many numbers it holds."""

import math

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.book import results
from wode.plotting import PALETTE, new_figure

WORDS = {"zh": "个数", "en": "numbers"}


def draw(lang: str) -> Figure:
    shapes = results.read("module")["numbers"]["shapes"]
    figure, axes = new_figure(5.6, 2.0, lang=lang)
    axes.set(xlim=(0, 10), ylim=(0.05, 3.5))
    axes.axis("off")

    def box(x: float, y: float, text: str, colour: str, width: float) -> None:
        axes.add_patch(
            FancyBboxPatch(
                (x - width / 2, y - 0.3), width, 0.6,
                boxstyle="round,pad=0.02,rounding_size=0.1", fc="white", ec=colour, lw=1.4,
            )
        )  # fmt: skip
        axes.text(x, y, text, ha="center", va="center")

    def line(start: tuple[float, float], end: tuple[float, float]) -> None:
        axes.plot(*zip(start, end, strict=True), color="0.5", lw=1, zorder=0)

    places = {"hidden": 2.6, "output": 7.4}
    for name, x in places.items():
        line((5, 3.1), (x, 2.1))
        box(x, 2.1, name, PALETTE[0], 1.6)
    box(5, 3.1, "TwoLayers", "0.3", 2.2)
    for name, shape in shapes.items():
        part, tensor = name.split(".")
        x = places[part] + (-1.2 if tensor == "weight" else 1.2)
        line((places[part], 2.1), (x, 1.1))
        box(x, 1.1, tensor, PALETTE[1], 1.5)
        label = f"{tuple(shape)}".replace(",)", ")")
        count = math.prod(shape)
        axes.text(x, 0.4, f"{label}\n{count} {WORDS[lang]}", ha="center", va="center", fontsize=9)
    return figure
