"""Two words that depend on each other, and what ways of filling and scoring make of them."""

from typing import Any

from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "titles": ("说的话", "一次填完", "exp PLL", "吉布斯"),
        "verbs": ("bought", "buys"),
        "times": ("yesterday", "daily"),
        "stuck": "永远",
    },
    "en": {
        "titles": ("what is said", "all at once", "exp PLL", "Gibbs"),
        "verbs": ("bought", "buys"),
        "times": ("yesterday", "daily"),
        "stuck": "for ever",
    },
}
SHARES = (
    ((0.5, 0.0), (0.0, 0.5)),
    ((0.25, 0.25), (0.25, 0.25)),
    ((1.0, 0.0), (0.0, 1.0)),
    ((1.0, 0.0), (0.0, 0.0)),
)


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, grid = new_figure(5.6, 1.7, ncols=4, lang=lang, sharey=True)
    for number, axes in enumerate(grid):
        axes.set_title(text["titles"][number], fontsize=10)
        axes.set_xlim(-0.5, 1.5)
        axes.set_ylim(1.5, -0.5)
        axes.set_aspect("equal")
        axes.set_xticks([0, 1], text["times"], fontsize=9)
        axes.set_yticks([0, 1], text["verbs"], fontsize=9)
        axes.tick_params(length=0)
        axes.axhline(0.5, color="#808080", linewidth=0.8)
        axes.axvline(0.5, color="#808080", linewidth=0.8)
        shares = SHARES[number]
        for row in (0, 1):
            for column in (0, 1):
                share = shares[row][column]
                wrong = row != column
                if share:
                    axes.plot(
                        column, row, "X" if wrong else "o",
                        color=PALETTE[1] if wrong else PALETTE[0], markersize=34 * share**0.5,
                        alpha=0.45,
                    )  # fmt: skip
                label = f"{share:.2f}".rstrip("0").rstrip(".")
                if number == 3 and share:
                    label = text["stuck"]
                axes.text(column, row, label, ha="center", va="center", fontsize=9)
    return figure
