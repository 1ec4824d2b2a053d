"""Memory for three requests: reserved for the longest answer, or given in blocks."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("按最长的预留", "一块一块地给", "请求"),
    "en": ("reserved for the longest", "given in blocks", "request"),
}
USED, LONGEST, BLOCK = (5, 9, 3), 24, 4


def draw(lang: str) -> Figure:
    reserved, blocks, request = TEXT[lang]
    figure, rows = new_figure(5.6, 2.6, nrows=2, lang=lang, sharex=True)
    for axes, title, whole in zip(rows, (reserved, blocks), (True, False), strict=True):
        for row, tokens in enumerate(USED):
            taken = LONGEST if whole else -(-tokens // BLOCK) * BLOCK
            for k in range(taken):
                axes.add_patch(
                    Rectangle(
                        (k, -row), 0.92, 0.8, edgecolor="black", linewidth=0.6,
                        facecolor=PALETTE[row] if k < tokens else "none",
                        alpha=0.6 if k < tokens else 1,
                    )
                )  # fmt: skip
            if not whole:
                for k in range(0, taken, BLOCK):
                    axes.add_patch(
                        Rectangle(
                            (k - 0.04, -row - 0.08), BLOCK, 0.96, facecolor="none",
                            edgecolor="black", linewidth=1.6,
                        )
                    )  # fmt: skip
            axes.text(-0.4, -row + 0.4, f"{request} {row + 1}", ha="right", va="center", fontsize=9)
        axes.set_title(title, fontsize=10)
        axes.set_xlim(-5, LONGEST + 0.5)
        axes.set_ylim(-2.3, 1.0)
        axes.axis("off")
    return figure
