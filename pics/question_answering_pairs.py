"""Which pairs of a start and an end are compared: in the text, the end not before, not too long."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("终点 j", "起点 i", "比较", "在问题里", "终点在起点之前", "太长"),
    "en": ("end j", "start i", "compared", "in the question", "ends before it begins", "too long"),
}
PIECES = ["[CLS]", "who", "?", "[SEP]", "zoe", "muller", "built", "it", "in", "1934", "[SEP]"]
FIRST, LAST, LONGEST = 4, 9, 4


def draw(lang: str) -> Figure:
    end, start, *kinds = TEXT[lang]
    looks = [(PALETTE[0], None), ("lightgray", None), (PALETTE[1], "///"), (PALETTE[2], "...")]
    figure, axes = new_figure(5.6, 2.2, lang=lang)
    axes.set_axis_off()
    size = len(PIECES)
    axes.set_xlim(-3.2, size + 8)
    axes.set_ylim(size + 0.2, -3.0)
    for i, piece in enumerate(PIECES):
        axes.text(-0.2, i + 0.5, piece, ha="right", va="center", fontsize=9)
        axes.text(i + 0.5, -0.2, piece, ha="center", va="bottom", fontsize=9, rotation=60)
        for j in range(size):
            if not (FIRST <= i <= LAST and FIRST <= j <= LAST):
                kind = 1
            else:
                kind = 2 if j < i else 3 if j - i >= LONGEST else 0
            color, hatch = looks[kind]
            filled = color if kind < 2 else "none"
            place = (j + 0.08, i + 0.08)
            axes.add_patch(
                Rectangle(place, 0.84, 0.84, facecolor=filled, edgecolor=color, hatch=hatch)
            )
    for row, (kind, (color, hatch)) in enumerate(zip(kinds, looks, strict=True)):
        filled, y = color if row < 2 else "none", 2 + 2 * row
        axes.add_patch(
            Rectangle((size + 0.8, y), 0.9, 0.9, facecolor=filled, edgecolor=color, hatch=hatch)
        )
        axes.text(size + 2.0, y + 0.45, kind, va="center", fontsize=9)
    axes.text(size + 0.8, -0.6, f"→ {end}", va="center", fontsize=9)
    axes.text(-3.1, -0.6, f"↓ {start}", va="center", fontsize=9)
    return figure
