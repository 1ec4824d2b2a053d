"""Four heads on one encoder: a class, a class a token, a span, a text written word by word."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("BERT", "一个类别", "每词一类", "从原文抄", "接着写", "配送", "起", "止"),
    "en": ("BERT", "one class", "a class each", "copy", "write", "delivery", "start", "end"),
}
ROWS = [
    ["[CLS]", "my", "box", "is", "late", "[SEP]"],
    ["[CLS]", "Tom", "Baker", "left", "Paris", "[SEP]"],
    ["[CLS]", "who", "?", "[SEP]", "Tom", "Baker", "left", "[SEP]"],
    ["[CLS]", "7", "May", "1954", "[SEP]", "1954", "5", "7"],
]


def draw(lang: str) -> Figure:
    encoder, *titles, delivery, start, end = TEXT[lang]
    outputs = [
        {0: delivery},
        {1: "B-person", 2: "I-person", 3: "O", 4: "B-place"},
        {4: start, 5: end},
        {4: "1954", 5: "5", 6: "7", 7: "[SEP]"},
    ]
    figure, axes = new_figure(5.6, 4.9, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-0.05, 8.05)
    axes.set_ylim(-0.4, 11.6)
    for row, (tokens, above, title) in enumerate(zip(ROWS, outputs, titles, strict=True)):
        y = 9 - 3 * row
        axes.text(0, y + 2.3, title, ha="left", va="center", fontsize=10.5)
        width = len(tokens)
        axes.add_patch(Rectangle((0, y + 0.6), width, 0.5, facecolor="none", edgecolor="black"))
        axes.text(width / 2, y + 0.85, encoder, ha="center", va="center", fontsize=10)
        for place, token in enumerate(tokens):
            x = place + 0.5
            new = row == 3 and place > 4
            axes.add_patch(
                FancyBboxPatch(
                    (x - 0.42, y - 0.25),
                    0.84,
                    0.5,
                    boxstyle="round,pad=0.02,rounding_size=0.08",
                    facecolor="none",
                    edgecolor=PALETTE[1] if new else PALETTE[0],
                    linestyle="--" if new else "-",
                    linewidth=1.4,
                )
            )
            axes.text(x, y, token, ha="center", va="center", fontsize=10)
            axes.plot([x, x], [y + 0.29, y + 0.6], color="black", linewidth=0.8)
        for place, text in above.items():
            x = place + 0.5
            arrow: Any = {"arrowstyle": "-|>", "mutation_scale": 8, "linewidth": 0.9}
            axes.add_patch(FancyArrowPatch((x, y + 1.1), (x, y + 1.5), color="black", **arrow))
            axes.text(x, y + 1.68, text, ha="center", va="center", fontsize=10, color=PALETTE[1])
            if row == 3 and place < 7:  # what was written is the next input
                path = "arc3,rad=-0.15"
                begin, stop = (x + 0.3, y + 1.62), (x + 0.93, y + 0.26)
                axes.add_patch(
                    FancyArrowPatch(
                        begin, stop, color=PALETTE[1], connectionstyle=path, linestyle=":", **arrow
                    )
                )
    return figure
