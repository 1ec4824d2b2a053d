"""A cloze test: what BERT reads, what it must answer and where, and who sees whom."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure

SHOWN: dict[str, dict[str, Any]] = {
    "zh": {
        "tokens": ["[CLS]", "她", "[MASK]", "了", "三", "猫", "旧", "书", "[SEP]"],
        "answers": {2: "买", 5: "本", 7: "书"},
        "how": {2: "盖住", 5: "换了词", 7: "没变"},
        "rows": ["答案", "读到的"],
        "bert": "BERT：每个位置看得到所有位置",
    },
    "en": {
        "tokens": ["[CLS]", "she", "[MASK]", "three", "cat", "books", "at", "noon", "[SEP]"],
        "answers": {2: "bought", 4: "old", 7: "noon"},
        "how": {2: "hidden", 4: "exchanged", 7: "as it was"},
        "rows": ["answers", "reads"],
        "bert": "BERT: every position sees every position",
    },
}


def box(axes: Axes, x: float, y: float, text: str, color: str, filled: bool) -> None:
    patch = FancyBboxPatch(
        (x - 0.43, y - 0.3),
        0.86,
        0.6,
        boxstyle="round,pad=0.02",
        facecolor=color if filled else "none",
        edgecolor=color,
        linewidth=1.4,
        alpha=0.3 if filled else 1,
    )
    axes.add_patch(patch)
    axes.text(x, y, text, ha="center", va="center", fontsize=9)


def draw(lang: str) -> Figure:
    shown = SHOWN[lang]
    tokens, answers = shown["tokens"], shown["answers"]
    figure, axes = new_figure(5.6, 2.2, lang=lang)
    for x, token in enumerate(tokens):
        box(axes, x, 0.0, token, PALETTE[1] if x in answers else "#808080", x in answers)
        arrow = {"arrowstyle": "->", "color": "#808080", "lw": 0.9}
        axes.annotate("", (x, 1.0), (x, 0.36), arrowprops=arrow)
        if x in answers:
            arrow = {"arrowstyle": "->", "color": PALETTE[1]}
            axes.annotate("", (x, 2.3), (x, 1.72), arrowprops=arrow)
            axes.text(x, 2.55, answers[x], ha="center", va="center", fontsize=10)
            axes.text(x, -0.72, shown["how"][x], ha="center", va="center", fontsize=9)
    axes.add_patch(
        FancyBboxPatch(
            (-0.43, 1.02), len(tokens) - 0.14, 0.66,
            boxstyle="round,pad=0.02", facecolor="none", edgecolor=PALETTE[0], linewidth=1.6,
        )
    )  # fmt: skip
    axes.text((len(tokens) - 1) / 2, 1.35, shown["bert"], ha="center", va="center", fontsize=10)
    for name, y in zip(shown["rows"], (2.55, 0.0), strict=True):
        axes.text(-0.6, y, name, ha="right", va="center", fontsize=9)
    axes.set_xlim(-1.75, len(tokens) - 0.5)
    axes.set_ylim(-1.0, 2.9)
    axes.axis("off")
    return figure
