"""From a text to numbers: normalised, cut into words, cut into pieces, looked up."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure

ROWS = (
    ("Unbelievably good!",),
    ("unbelievably good!",),
    ("unbelievably", "good", "!"),
    ("un", "##bel", "##ie", "##va", "##bly", "good", "!"),
    ("4895", "8671", "2666", "3567", "6321", "2204", "999"),
)
NAMES = {
    "zh": ("文本", "规范化", "断成词", "切成片", "查编号"),
    "en": ("text", "normalised", "words", "pieces", "ids"),
}


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 2.3, lang=lang)
    axes.axis("off")
    widths = [0.75 + 0.3 * len(piece) for piece in ROWS[3]]
    edges = [sum(widths[:k]) for k in range(len(widths) + 1)]
    spans = ([(0, 7)], [(0, 7)], [(0, 5), (5, 6), (6, 7)], *[[(k, k + 1) for k in range(7)]] * 2)
    for row, (boxes, places) in enumerate(zip(ROWS, spans, strict=True)):
        axes.text(-0.4, -row, NAMES[lang][row], ha="right", va="center", fontsize=9.5)
        for text, (first, last) in zip(boxes, places, strict=True):
            left, right = edges[first] + 0.08, edges[last] - 0.08
            axes.add_patch(
                FancyBboxPatch(
                    (left, -row - 0.33), right - left, 0.66,
                    boxstyle="round,pad=0,rounding_size=0.15",
                    facecolor=PALETTE[0] if row == 3 else "none", edgecolor=PALETTE[0],
                    alpha=0.35 if row == 3 else 1, linewidth=1.2,
                )
            )  # fmt: skip
            axes.text(
                (left + right) / 2, -row - 0.03, text, ha="center", va="center",
                fontsize=9.5, family="DejaVu Sans Mono",
            )  # fmt: skip
    axes.set_xlim(-3.2, edges[-1] + 0.1)
    axes.set_ylim(-4.5, 0.5)
    return figure
