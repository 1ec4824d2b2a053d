"""The two models and what flows between them; where no gradient goes back."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("生成器\n（小 BERT）", "判别器（BERT）", "抽词", "梯度\n过不去", "原文", "留空", "填上",
           "真", "换", "共用的嵌入"),
    "en": ("generator\n(small BERT)", "discriminator (BERT)", "draw", "no\ngradient", "text",
           "gaps", "filled", "real", "fake", "shared embeddings"),
}  # fmt: skip
TEXTS = (
    ("she", "drew", "two", "red", "books"),
    ("[MASK]", "drew", "two", "[MASK]", "books"),
    ("she", "drew", "two", "five", "books"),
)
GAPS, FAKE = (0, 3), 3
BLUE, ORANGE, GREEN = PALETTE[:3]
LEFT, STEP = 1.15, 1.0


def arrow(axes: Axes, begin: tuple, end: tuple, color: str = "black", **style: Any) -> None:
    axes.add_patch(
        FancyArrowPatch(begin, end, arrowstyle="-|>", mutation_scale=9, color=color,
                        shrinkA=0, shrinkB=0, linewidth=1.2, **style)
    )  # fmt: skip


def words(axes: Axes, y: float, name: str, row: tuple[str, ...], marked: tuple, color: str) -> None:
    axes.text(LEFT - 0.7, y, name, ha="right", va="center", fontsize=9)
    for place, word in enumerate(row):
        mine = color if place in marked else "black"
        axes.text(LEFT + STEP * place, y, word, ha="center", va="center", fontsize=9, color=mine)
        if place in marked:
            axes.plot(
                [LEFT + STEP * place - 0.3, LEFT + STEP * place + 0.3], [y - 0.22] * 2, color=mine
            )


def box(axes: Axes, x: float, y: float, w: float, h: float, text: str, color: str) -> None:
    axes.add_patch(Rectangle((x, y), w, h, facecolor="none", edgecolor=color, linewidth=1.5))
    axes.text(x + w / 2, y + h / 2, text, ha="center", va="center", fontsize=10)


def draw(lang: str) -> Figure:
    generator, discriminator, drawn, no, *rows, real, fake, shared = TEXT[lang]
    figure, axes = new_figure(5.6, 3.6, lang=lang)
    axes.axis("off")
    words(axes, 0, rows[0], TEXTS[0], (), "black")
    words(axes, 1, rows[1], TEXTS[1], GAPS, BLUE)
    words(axes, 4, rows[2], TEXTS[2], GAPS, BLUE)
    middle = LEFT + STEP * 2
    arrow(axes, (middle, 0.25), (middle, 0.75))
    arrow(axes, (middle, 1.25), (middle, 1.8))
    box(axes, middle - 1.0, 1.8, 2.0, 1.0, generator, BLUE)
    arrow(axes, (middle, 2.8), (middle, 3.75), linestyle="--")
    axes.text(middle + 0.12, 3.25, drawn, ha="left", va="center", fontsize=9)
    arrow(axes, (middle, 4.25), (middle, 4.75))
    box(axes, LEFT - 0.5, 4.75, STEP * 4 + 1.0, 1.1, discriminator, ORANGE)
    for place in range(5):
        x = LEFT + STEP * place
        arrow(axes, (x, 5.85), (x, 6.3))
        text, color = (fake, ORANGE) if place == FAKE else (real, "black")
        axes.text(x, 6.52, text, ha="center", va="center", fontsize=9, color=color)
    right = LEFT + STEP * 4 + 0.75
    axes.text(right + 0.85, 6.5, r"$L_{\mathrm{Disc}}$", ha="center", va="center", fontsize=11)
    arrow(axes, (right + 0.85, 6.2), (right - 0.2, 5.5), ORANGE, connectionstyle="arc3,rad=-0.3")
    axes.text(right + 0.85, 1.0, r"$L_{\mathrm{MLM}}$", ha="center", va="center", fontsize=11)
    arrow(axes, (right + 0.6, 1.3), (middle + 1.05, 2.3), BLUE, connectionstyle="arc3,rad=0.25")
    x = right - 0.28
    axes.plot([x, x], [4.65, 3.25], color="grey", linewidth=1.2, linestyle=":")
    axes.plot([x - 0.16, x + 0.16], [3.07, 3.43], color="#c00000", linewidth=2)
    axes.plot([x - 0.16, x + 0.16], [3.43, 3.07], color="#c00000", linewidth=2)
    axes.text(x + 0.35, 3.25, no, ha="left", va="center", fontsize=9)
    side = LEFT - 1.75
    axes.plot([LEFT - 0.5, side, side], [5.3, 5.3, 2.3], color=GREEN, linewidth=1.4)
    axes.plot([side, middle - 1.0], [2.3, 2.3], color=GREEN, linewidth=1.4)
    axes.text(side - 0.2, 3.8, shared, ha="center", va="center", fontsize=9, rotation=90)
    axes.set_xlim(side - 0.4, right + 1.5)
    axes.set_ylim(-0.3, 6.8)
    return figure
