"""The prefix mask: who sees whom in [CLS] x [SEP] y [SEP], and what each place of y is to say."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {"zh": ("看谁（键）", "谁在看", "预测"), "en": ("is seen (key)", "who sees", "says next")}
PIECES = ["[CLS]", "7", "May", "1954", "[SEP]", "1954", "5", "7"]
SOURCE = 5


def draw(lang: str) -> Figure:
    keys, queries, says = TEXT[lang]
    figure, axes = new_figure(5.6, 3.4, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-2.6, 11.2)
    axes.set_ylim(8.3, -2.2)
    for q, piece in enumerate(PIECES):
        axes.text(-0.2, q + 0.5, piece, ha="right", va="center", fontsize=9)
        axes.text(q + 0.5, -0.2, piece, ha="center", va="bottom", fontsize=9, rotation=45)
        for k in range(len(PIECES)):
            seen = k < SOURCE or k <= q
            color = PALETTE[0] if k < SOURCE else PALETTE[1]
            axes.add_patch(
                Rectangle(
                    (k + 0.06, q + 0.06),
                    0.88,
                    0.88,
                    facecolor=color if seen else "none",
                    edgecolor=color if seen else "lightgray",
                    hatch="//" if seen and k >= SOURCE else None,
                    alpha=0.75 if seen else 1,
                )
            )
        if q >= SOURCE - 1:
            after = (*PIECES, "[SEP]")[q + 1]
            axes.text(8.25, q + 0.5, f"→ {after}", va="center", fontsize=10, color=PALETTE[1])
    axes.text(8.25, SOURCE - 1.7, says, va="center", fontsize=9)
    axes.text(4, -1.7, keys, ha="center", va="center", fontsize=9)
    axes.text(-2.4, 4, queries, ha="center", va="center", fontsize=9, rotation=90)
    return figure
