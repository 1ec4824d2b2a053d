"""A pair as BERT reads it: [CLS] A [SEP] B [SEP], each token with its sentence and its position."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure

SHOWN: dict[str, dict[str, Any]] = {
    "zh": {
        "tokens": ["[CLS]", "她", "买", "书", "[SEP]", "书", "很", "旧", "[SEP]"],
        "rows": ["词", "句子", "位置"],
        "cls": "两个得分：接得上 / 接不上",
        "bert": "BERT",
    },
    "en": {
        "tokens": ["[CLS]", "she", "reads", "[SEP]", "the", "book", "is", "old", "[SEP]"],
        "rows": ["word", "sentence", "position"],
        "cls": "two scores: follows / does not",
        "bert": "BERT",
    },
}


def box(axes: Axes, x: float, y: float, text: str, color: str) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (x - 0.42, y - 0.24), 0.84, 0.48, boxstyle="round,pad=0.02", facecolor="none",
            edgecolor=color, linewidth=1.3,
        )
    )  # fmt: skip
    axes.text(x, y, text, ha="center", va="center", fontsize=9)


def draw(lang: str) -> Figure:
    shown = SHOWN[lang]
    tokens = shown["tokens"]
    figure, axes = new_figure(5.6, 2.9, lang=lang)
    border = tokens.index("[SEP]")
    for x, token in enumerate(tokens):
        second = x > border
        box(axes, x, 1.6, token, "#808080")
        box(axes, x, 0.9, "B" if second else "A", PALETTE[1] if second else PALETTE[0])
        box(axes, x, 0.2, str(x), "#808080")
        arrow = {"arrowstyle": "->", "color": "#808080", "lw": 0.9}
        axes.annotate("", (x, 2.35), (x, 1.9), arrowprops=arrow)
        if x < len(tokens) and x > 0:
            continue
        axes.annotate("", (x, 3.6), (x, 3.05), arrowprops={"arrowstyle": "->", "color": PALETTE[2]})
    axes.text(-0.42, 3.85, shown["cls"], ha="left", va="center", fontsize=9.5, color=PALETTE[2])
    axes.add_patch(
        FancyBboxPatch(
            (-0.42, 2.38), len(tokens) - 0.16, 0.6,
            boxstyle="round,pad=0.02", facecolor="none", edgecolor=PALETTE[0], linewidth=1.6,
        )
    )  # fmt: skip
    axes.text((len(tokens) - 1) / 2, 2.68, shown["bert"], ha="center", va="center", fontsize=10)
    for name, y in zip(shown["rows"], (1.6, 0.9, 0.2), strict=True):
        axes.text(-0.6, y, name, ha="right", va="center", fontsize=9)
    axes.set_xlim(-1.75, len(tokens) - 0.5)
    axes.set_ylim(-0.1, 4.1)
    axes.axis("off")
    return figure
