"""One input of BERT's pretraining: what it reads, what it must answer, and who sees whom."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure

SHOWN: dict[str, dict[str, Any]] = {
    "zh": {
        "tokens": ["[CLS]", "她", "[MASK]", "了", "书", "[SEP]", "书", "猫", "旧", "[SEP]"],
        "answers": {2: "买", 6: "书", 7: "很"},
        "how": {2: "80 %", 6: "10 %\n不变", 7: "10 %\n换词"},
        "next": "B 接着 A 吗？",
        "rows": ["读到的", "句子", "位置"],
        "bert": "BERT：每个位置看得到所有位置",
    },
    "en": {
        "tokens": [
            "[CLS]", "she", "[MASK]", "books", "[SEP]",
            "the", "books", "cat", "old", "[SEP]",
        ],
        "answers": {2: "bought", 6: "books", 7: "are"},
        "how": {2: "80 %", 6: "10 %\nstay", 7: "10 %\nother"},
        "next": "B after A?",
        "rows": ["reads", "sentence", "position"],
        "bert": "BERT: every position sees every position",
    },
}  # fmt: skip


def box(axes: Axes, x: float, y: float, text: str, color: str, filled: bool) -> None:
    patch = FancyBboxPatch(
        (x - 0.42, y - 0.3),
        0.84,
        0.6,
        boxstyle="round,pad=0.02",
        facecolor=color if filled else "none",
        edgecolor=color,
        linewidth=1.4,
        alpha=0.25 if filled else 1,
    )
    axes.add_patch(patch)
    axes.text(x, y, text, ha="center", va="center", fontsize=8.6)


def draw(lang: str) -> Figure:
    shown = SHOWN[lang]
    tokens, answers = shown["tokens"], shown["answers"]
    figure, axes = new_figure(7.4, 3.5, lang=lang)
    border = tokens.index("[SEP]")
    for x, token in enumerate(tokens):
        asked = x in answers
        box(axes, x, 2.0, token, PALETTE[1] if asked else "#808080", asked)
        for y, text in ((1.0, "A" if x <= border else "B"), (0.3, str(x))):
            axes.text(x, y, text, ha="center", va="center", fontsize=9, color=PALETTE[0])
        axes.annotate(
            "", (x, 2.9), (x, 2.36), arrowprops={"arrowstyle": "-", "color": "#808080", "lw": 0.8}
        )
        if asked:
            axes.annotate(
                "", (x, 4.05), (x, 3.65), arrowprops={"arrowstyle": "->", "color": PALETTE[1]}
            )
            axes.text(x, 4.32, answers[x], ha="center", va="center", fontsize=10)
            axes.text(x, 4.6, shown["how"][x], ha="center", va="bottom", fontsize=7.6)
    axes.annotate("", (0, 4.05), (0, 3.65), arrowprops={"arrowstyle": "->", "color": PALETTE[2]})
    axes.text(0, 4.32, shown["next"], ha="center", va="center", fontsize=9, color=PALETTE[2])
    axes.add_patch(
        FancyBboxPatch(
            (-0.45, 2.9), len(tokens) - 0.1, 0.7,
            boxstyle="round,pad=0.02", facecolor="none", edgecolor=PALETTE[0], linewidth=1.6,
        )
    )  # fmt: skip
    axes.text((len(tokens) - 1) / 2, 3.25, shown["bert"], ha="center", va="center", fontsize=10)
    for name, y in zip(shown["rows"], (2.0, 1.0, 0.3), strict=True):
        axes.text(-0.75, y, name, ha="right", va="center", fontsize=9)
    axes.set_xlim(-1.9, len(tokens) - 0.4)
    axes.set_ylim(0, 5.3)
    axes.axis("off")
    return figure
