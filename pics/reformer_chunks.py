"""From buckets to chunks: sort by bucket, cut, look into the own chunk and the one before."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("按位置", "按桶排", "看哪里", "前一块", "自己这块"),
    "en": ("by place", "by bucket", "who sees", "the one before", "own chunk"),
}
BUCKETS = [0, 2, 1, 0, 2, 0, 1, 2, 0, 1, 2, 0]
CHUNK = 4
HATCH = ["", "///", "..."]


def draw(lang: str) -> Figure:
    by_place, by_bucket, who, before, own = TEXT[lang]
    figure, axes = new_figure(5.6, 2.5, lang=lang)
    axes.axis("off")
    order = sorted(range(12), key=lambda n: BUCKETS[n])

    def row(y: float, tokens: list[int]) -> None:
        for x, token in enumerate(tokens):
            mine = BUCKETS[token]
            axes.add_patch(
                Rectangle((x, y), 0.86, 0.8, facecolor=PALETTE[mine] + "40",
                          edgecolor=PALETTE[mine], hatch=HATCH[mine], linewidth=1)
            )  # fmt: skip
            axes.text(
                x + 0.43, y + 0.4, str(token), ha="center", va="center", fontsize=10,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
            )  # fmt: skip

    row(3.2, list(range(12)))
    row(1.2, order)
    for x, token in enumerate(order):
        axes.plot([token + 0.43, x + 0.43], [3.15, 2.05], color=PALETTE[BUCKETS[token]], lw=0.8)
    for cut in (CHUNK, 2 * CHUNK):
        axes.plot([cut - 0.07] * 2, [0.95, 2.15], color="black", linewidth=1.6)
    for x, y, name in ((-0.3, 3.6, by_place), (-0.3, 1.6, by_bucket), (-0.3, 0.2, who)):
        axes.text(x, y, name, ha="right", va="center", fontsize=10)
    middle = CHUNK * 1.5 - 0.07
    for target, word in ((CHUNK * 0.5 - 0.07, before), (middle, own)):
        axes.text(target, -0.1, word, ha="center", va="top", fontsize=9)
    axes.add_patch(
        FancyArrowPatch((middle + 0.4, 1.1), (CHUNK * 0.5, 1.1), arrowstyle="-|>",
                        connectionstyle="arc3,rad=-0.35", mutation_scale=10, linewidth=1.2)
    )  # fmt: skip
    axes.add_patch(
        FancyArrowPatch((middle + 0.9, 1.1), (middle - 0.5, 1.1), arrowstyle="-|>",
                        connectionstyle="arc3,rad=-0.9", mutation_scale=10, linewidth=1.2)
    )  # fmt: skip
    axes.set_xlim(-2.2, 12)
    axes.set_ylim(-0.6, 4.1)
    return figure
