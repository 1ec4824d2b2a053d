"""How UniLM writes: a [MASK] at the next place, guessed, replaced, and the next."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure

SOURCE, TARGET = "[CLS] yesterday york she sees [SEP]", ["she", "saw", "new", "york"]
TEXT = {
    "zh": ("原文：彼此都看得见", "已写的：看原文和左边"),
    "en": ("source: all see all", "written: sees source and left"),
}
WIDTH = {"[MASK]": 1.15, "she": 0.75, "saw": 0.75, "new": 0.75, "york": 0.8}


def draw(lang: str) -> Figure:
    source, written = TEXT[lang]
    figure, axes = new_figure(5.6, 2.7, lang=lang)

    def box(x: float, y: float, width: float, word: str, colour: str, fill: str = "none") -> None:
        style = FancyBboxPatch(
            (x, y), width - 0.1, 0.5, boxstyle="round,pad=0.02", edgecolor=colour, facecolor=fill
        )
        axes.add_patch(style)
        axes.text(x + width / 2 - 0.05, y + 0.24, word, ha="center", va="center", fontsize=9)

    for step in range(len(TARGET)):
        y = -step * 0.8
        box(0, y, 4.3, SOURCE, PALETTE[0])
        x = 4.4
        for word in TARGET[:step]:
            box(x, y, WIDTH[word], word, PALETTE[1])
            x += WIDTH[word]
        box(x, y, WIDTH["[MASK]"], "[MASK]", "#6b6b6b", "#e4e4e4")
        x += WIDTH["[MASK]"]
        axes.annotate(
            "", (x + 0.45, y + 0.25), (x - 0.05, y + 0.25), arrowprops={"arrowstyle": "->"}
        )
        axes.text(x + 0.5, y + 0.24, TARGET[step], va="center", fontsize=9, color=PALETTE[1])
    axes.text(2.1, 0.75, source, ha="center", fontsize=9, color=PALETTE[0])
    axes.text(6.4, 0.75, written, ha="center", fontsize=9, color=PALETTE[1])
    axes.set_xlim(-0.1, 9.2)
    axes.set_ylim(-2.6, 1.1)
    axes.axis("off")
    return figure
