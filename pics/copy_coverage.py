"""What coverage and the selective read do: pairs written again, rare words, every seed."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

WAYS = ("pointer", "unpaid", "coverage", "copynet", "unread")
TEXT = {
    "zh": (("指针–生成器", "读覆盖，不加损失", "读覆盖，加损失", "CopyNet",
            "CopyNet，无选择性读取"),
           "每句里重复的相邻两词", "写对的生僻词"),
    "en": (("pointer–generator", "coverage, no loss", "coverage and loss", "CopyNet",
            "no selective read"),
           "pairs written again", "rare words found"),
}  # fmt: skip


def draw(lang: str) -> Figure:
    ways, (names, *labels) = results.read("copying")["numbers"]["ways"], TEXT[lang]
    figure, panels = new_figure(5.6, 1.8, ncols=2, lang=lang, sharey=True)
    for n, (axes, kind) in enumerate(zip(panels, ("repeated", "there"), strict=True)):
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
