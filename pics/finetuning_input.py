"""A pair of questions as one input: pieces, token types, BERT, the new head."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from wode.plotting import PALETTE, new_figure

PIECES = ["[CLS]", "can", "i", "pay", "later", "[SEP]", "is", "credit", "ok", "[SEP]"]
TYPES = [0] * 6 + [1] * 4
WORDS = {
    "zh": ("片", "词元类型", "预训练的 BERT", "新的分类头", "意思不同", "意思相同"),
    "en": ("pieces", "types", "pretrained BERT", "new head", "other meaning", "same meaning"),
}


def draw(lang: str) -> Figure:
    pieces, types, bert, head, other, same = WORDS[lang]
    figure, axes = new_figure(5.4, 3.6, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-1.35, 10.1)
    axes.set_ylim(-0.2, 6.4)

    def box(x: float, y: float, width: float, height: float, colour: str, style: str) -> None:
        axes.add_patch(
            Rectangle(
                (x, y), width, height, fill=False, edgecolor=colour, linewidth=1.6, linestyle=style
            )
        )

    def arrow(start: tuple[float, float], end: tuple[float, float]) -> None:
        axes.add_patch(
            FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=11, color="black")
        )

    axes.text(-0.1, 0.95, pieces, ha="right", va="center", fontsize=9)
    axes.text(-0.1, 0.25, types, ha="right", va="center", fontsize=9)
    for place, (piece, kind) in enumerate(zip(PIECES, TYPES, strict=True)):
        colour, style = (PALETTE[0], "-") if kind == 0 else (PALETTE[1], "--")
        box(place + 0.04, 0.65, 0.92, 0.6, colour, style)
        axes.text(place + 0.5, 0.95, piece, ha="center", va="center", fontsize=8)
        axes.text(place + 0.5, 0.25, str(kind), ha="center", va="center", color=colour)
    box(0.04, 1.9, 9.92, 1.0, "black", "-")
    axes.text(5, 2.4, bert, ha="center", va="center", fontsize=10)
    for place in range(10):
        arrow((place + 0.5, 1.3), (place + 0.5, 1.9))
    arrow((0.5, 2.95), (0.5, 3.7))
    box(0.04, 3.7, 3.4, 0.9, PALETTE[2], "-")
    axes.text(1.74, 4.15, head, ha="center", va="center", fontsize=10)
    for x, label in ((0.9, other), (2.6, same)):
        arrow((x, 4.65), (x, 5.3))
        side = "right" if x < 1 else "left"
        axes.text(1.5 if x < 1 else 2.0, 5.65, label, ha=side, va="center", fontsize=9)
    return figure
