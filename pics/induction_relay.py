"""The relay: layer 1 notes at each word the one before, layer 2 looks for its own word there."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "words": "词",
        "notes": "第一层\n之后",
        "answer": "第二层\n之后",
        "before": "前一个：",
        "one": "① 每个词看前一个词，把它记下来",
        "two": "② 最后的 A 找“前一个：A”，抄下那里的 B",
    },
    "en": {
        "words": "words",
        "notes": "after\nlayer 1",
        "answer": "after\nlayer 2",
        "before": "before: ",
        "one": "① each word looks at the one before, and notes it",
        "two": "② the last A looks for “before: A” and copies the B there",
    },
}
ROW = ["A", "B", "C", "D", "A"]


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, axes = new_figure(5.6, 3.6, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-0.9, 5.1)
    axes.set_ylim(-0.5, 5.6)
    heights = (0, 2, 4)
    for height, name in zip(heights, ("words", "notes", "answer"), strict=True):
        axes.text(-0.85, height, text[name], va="center", fontsize=9)
    arrow: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 11, "linewidth": 1.3}
    for place, word in enumerate(ROW):
        for height in heights[:2]:
            last = place == len(ROW) - 1
            axes.add_patch(
                FancyBboxPatch(
                    (place + 0.08, height - 0.36),
                    0.84,
                    0.72,
                    boxstyle="round,pad=0.02",
                    facecolor="none",
                    edgecolor=PALETTE[1] if last or (place == 1 and height) else "0.5",
                )
            )
        axes.text(place + 0.5, 0, word, ha="center", va="center", fontsize=13)
        axes.text(place + 0.5, 2.13, word, ha="center", va="center", fontsize=13)
        if place:
            axes.text(
                place + 0.5,
                1.81,
                text["before"] + ROW[place - 1],
                ha="center",
                va="center",
                fontsize=9,
                color=PALETTE[0],
            )
            axes.add_patch(
                FancyArrowPatch((place - 0.4, 0.4), (place + 0.4, 1.58), color=PALETTE[0], **arrow)
            )
    axes.add_patch(
        FancyArrowPatch(
            (4.5, 2.42),
            (1.5, 2.42),
            connectionstyle="arc3,rad=0.28",
            color=PALETTE[1],
            linestyle="--",
            **arrow,
        )
    )
    axes.add_patch(
        FancyArrowPatch(
            (1.6, 2.5), (4.35, 4), connectionstyle="arc3,rad=-0.2", color=PALETTE[1], **arrow
        )
    )
    axes.text(4.55, 4.05, "B", ha="center", va="center", fontsize=15, color=PALETTE[1])
    axes.text(-0.85, 1.0, "①", fontsize=11, color=PALETTE[0], va="center")
    axes.text(0.0, 5.35, text["one"], fontsize=10, color=PALETTE[0], va="center")
    axes.text(0.0, 4.9, text["two"], fontsize=10, color=PALETTE[1], va="center")
    axes.text(3.4, 3.35, "②", fontsize=11, color=PALETTE[1], va="center")
    return figure
