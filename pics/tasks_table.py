"""One real table of scores: the probability of each tag, word by word, and the one chosen."""

from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    table = results.read("tasks")["numbers"]["table"]
    words, tags, p = table["words"], table["tags"], table["p"]
    figure, axes = new_figure(5.6, 2.5, lang=lang)
    shades = LinearSegmentedColormap.from_list("shades", ["white", PALETTE[1]])
    axes.set_xlim(-0.5, len(words) - 0.5)
    axes.set_ylim(len(tags) - 0.5, -0.5)
    for column in range(len(words)):
        chosen = max(range(len(tags)), key=lambda row: p[row][column])
        for row in range(len(tags)):
            value, picked = p[row][column], row == chosen
            axes.add_patch(
                Rectangle(
                    (column - 0.46, row - 0.44), 0.92, 0.88, facecolor=shades(0.8 * value),
                    edgecolor="black", linewidth=1.6 if picked else 0.3,
                )
            )  # fmt: skip
            if value >= 0.05:
                axes.text(
                    column, row, f"{value:.2f}", ha="center", va="center", fontsize=8.5,
                    color="black",
                )  # fmt: skip
    axes.set_xticks(range(len(words)), words)
    axes.set_yticks(range(len(tags)), tags)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, labelsize=9)
    for side in axes.spines.values():
        side.set_visible(False)
    return figure
