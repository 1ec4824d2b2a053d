"""Repeated words right after 400 steps, by width and learning rate, three seeds: one layer, two."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("一层", "两层", "宽", "学习率", "答对"),
    "en": ("one layer", "two layers", "width", "learning rate", "right"),
}


def draw(lang: str) -> Figure:
    table = results.read("induction_heads_controls")["numbers"]
    one, two, width, rate, right = TEXT[lang]
    figure, panels = new_figure(5.6, 2.9, ncols=2, lang=lang, sharey=True)
    for axes, key, title in zip(panels, ("grid_1", "grid_2"), (one, two), strict=True):
        for number, (size, row) in enumerate(zip(table["sizes"], table[key]["each"], strict=True)):
            axes.plot(
                table[key]["mean"][number],
                linestyle=LINESTYLES[number],
                marker=MARKERS[number],
                color=PALETTE[number],
                label=f"{width} {size}",
            )
            for place, cell in enumerate(row):
                axes.plot([place] * len(cell), cell, "_", color=PALETTE[number], markersize=9)
        axes.set_title(title, fontsize=10)
        axes.set_xticks(range(len(table["rates"])), [str(value) for value in table["rates"]])
        axes.set_xlabel(rate)
        axes.set_ylim(0, 1.05)
        axes.grid(visible=True, axis="y")
    panels[0].set_ylabel(right)
    panels[0].legend(loc="upper right", fontsize=9)
    return figure
