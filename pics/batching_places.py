"""Eight answers on four places: batches that wait for their last, and continuous ones."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

LENGTHS, PLACES = (10, 3, 5, 2, 6, 9, 3, 4), 4
TEXT = {
    "zh": ("等齐了换一批", "连续批处理", "步", "位置"),
    "en": ("waiting for the last", "continuous", "step", "place"),
}


def draw(lang: str) -> Figure:
    waiting, continuous, step, place = TEXT[lang]
    figure, rows = new_figure(5.6, 3.3, nrows=2, lang=lang, sharex=True)
    for axes, wait, title in zip(rows, (True, False), (waiting, continuous), strict=True):
        free = [0] * PLACES  # when a place is free again
        for number, length in enumerate(LENGTHS):
            if wait and number % PLACES == 0:
                free = [max(free)] * PLACES
            row = number % PLACES if wait else free.index(min(free))
            axes.add_patch(
                Rectangle(
                    (free[row], PLACES - row - 0.9), length, 0.8,
                    facecolor=PALETTE[number % 6], alpha=0.45, edgecolor="black",
                )
            )  # fmt: skip
            axes.text(
                free[row] + length / 2, PLACES - row - 0.5, str(number + 1),
                ha="center", va="center", fontsize=9,
            )  # fmt: skip
            free[row] += length
        axes.axvline(max(free), linestyle="--", color="black")
        axes.set_xlim(0, 21)
        axes.set_ylim(0, PLACES + 0.1)
        axes.set_xticks(range(0, 21, 5))
        axes.set_yticks([])
        axes.set_ylabel(place)
        axes.set_title(
            f"{title}: {max(free)} steps" if lang == "en" else f"{title}：{max(free)} 步"
        )
    rows[1].set_xlabel(step)
    return figure
