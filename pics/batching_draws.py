"""How many more steps batches take that wait for their last, over many draws of the lengths."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("等齐了换一批的步数 ÷ 连续批处理的步数", "一样长", "均匀分布", "指数分布"),
    "en": (
        "steps of waiting batches ÷ steps of continuous ones",
        "equal",
        "uniform",
        "exponential",
    ),
}


def draw(lang: str) -> Figure:
    table = results.read("batching")["numbers"]["waiting"]
    label, *names = TEXT[lang]
    figure, axes = new_figure(5.6, 1.9, lang=lang)
    for row, kind in enumerate(("equal", "uniform", "exponential")):
        draws = sorted(table[kind]["draws"])
        height = [-row + 0.25 * ((k * 7) % 11 - 5) / 5 for k in range(len(draws))]
        axes.plot(
            draws, height, MARKERS[row], markersize=4, alpha=0.4, color=PALETTE[row],
            markeredgewidth=0,
        )  # fmt: skip
        axes.plot([table[kind]["median"]] * 2, [-row - 0.36, -row + 0.36], color="black")
    axes.set_yticks([0, -1, -2], names)
    axes.set_xlim(0.9, None)
    axes.set_xlabel(label)
    return figure
