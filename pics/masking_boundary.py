"""The span boundary objective: a hidden character from the two tokens beside the span."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, chinese_font, new_figure

TOKENS = ("冬", "天", "从", "哈", "尔", "滨", "寄", "来")
TEXT: dict[str, dict[str, Any]] = {
    "zh": {"asked": "尔？", "place": "第 2 个", "head": "两层 f", "mlm": "MLM：尔？"},
    "en": {"asked": "尔?", "place": "2nd", "head": "f, two layers", "mlm": "MLM: 尔?"},
}


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, axes = new_figure(5.6, 2.1, lang=lang)
    axes.axis("off")
    for place, token in enumerate(TOKENS):
        hidden, beside = 3 <= place <= 5, place in (2, 6)
        color = PALETTE[1] if hidden else PALETTE[0] if beside else "#808080"
        axes.add_patch(
            Rectangle(
                (place - 0.42, -0.35), 0.84, 0.7, edgecolor=color, linewidth=1.5,
                facecolor=color if beside else "none", alpha=0.35 if beside else 1,
                linestyle="--" if hidden else "-",
            )
        )  # fmt: skip
        axes.text(
            place, 0, "[MASK]" if hidden else token, ha="center", va="center", fontsize=9,
            family=chinese_font(),
        )  # fmt: skip
    names = ("$x_{s-1}$", "$x_s$", "", "$x_e$", "$x_{e+1}$")
    for place, name in enumerate(names, start=2):
        axes.text(place, -0.62, name, ha="center", va="center", fontsize=10)
    axes.text(4, 2.1, f"{text['head']} → {text['asked']}", ha="center", va="center", fontsize=10,
              family=chinese_font(),
              bbox={"boxstyle": "round", "facecolor": "none", "edgecolor": PALETTE[0]})  # fmt: skip
    arrow = {"arrowstyle": "->", "color": PALETTE[0], "linewidth": 1.5}
    for start, end in ((2, 3.2), (6, 4.8)):
        axes.annotate("", (end, 1.75), (start, 0.4), arrowprops=arrow)
    axes.annotate("", (5.3, 2.1), (6.5, 2.1), arrowprops=arrow)
    axes.text(6.55, 2.1, f"$p_2$: {text['place']}", va="center", fontsize=9)
    axes.annotate("", (4, 1.0), (4, 0.4), arrowprops=arrow | {"color": PALETTE[1]})
    axes.text(4, 1.15, text["mlm"], ha="center", va="center", fontsize=9, family=chinese_font())
    axes.set_xlim(-0.6, 8.1)
    axes.set_ylim(-0.85, 2.5)
    return figure
