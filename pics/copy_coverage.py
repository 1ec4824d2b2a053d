"""How much a summary repeats itself: pairs of neighbours written again, each way, every seed."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

WAYS = ("plain", "pointer", "coverage", "copynet")
TEXT = {
    "zh": (("不抄", "指针–生成器", "同上，带覆盖", "CopyNet"),
           "每句里重复的相邻两词", "每句重复看的注意力"),
    "en": (("no copying", "pointer–generator", "with coverage", "CopyNet"),
           "pairs written again", "attention given again"),
}  # fmt: skip


def draw(lang: str) -> Figure:
    ways, (names, *labels) = results.read("copying")["numbers"]["ways"], TEXT[lang]
    figure, panels = new_figure(5.6, 1.9, ncols=2, lang=lang, sharey=True)
    for n, (axes, kind) in enumerate(zip(panels, ("repeated", "again"), strict=True)):
        for row, way in enumerate(WAYS):
            values = ways[way][kind]["seeds"]
            axes.scatter(values, [len(WAYS) - row] * len(values), s=26, color=PALETTE[n],
                         marker=MARKERS[n], alpha=0.8)  # fmt: skip
        axes.set_xlabel(labels[n])
        axes.set_xlim(left=0)
        axes.set_ylim(0.5, len(WAYS) + 0.5)
        axes.grid(visible=True)
    panels[0].set_yticks([len(WAYS) - row for row in range(len(WAYS))], names)
    return figure
