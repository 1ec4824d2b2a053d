"""Two texts and one class: joined and read at once, or each read alone and compared."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": (
        ("拼起来一次读完", "各读各的，再比较"),
        ("编码器", "问题", "文档", "问题 + 文档", "向量", "一个类别", "余弦"),
        "每来一个问题，\n全部文档重读一遍",
        "文档的向量\n可以事先算好",
    ),
    "en": (
        ("joined, read at once", "each read alone, then compared"),
        ("encoder", "question", "document", "question + document", "vector", "a class", "cosine"),
        "each new question:\nread all documents again",
        "the documents' vectors\ncan be computed beforehand",
    ),
}


def draw(lang: str) -> Figure:
    titles, (encoder, one, two, joined, vector, label, cosine), again, before = TEXT[lang]
    figure, axes = new_figure(5.6, 2.9, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(0, 10)
    axes.set_ylim(-1.15, 4.95)

    def box(x: float, y: float, text: str, wide: float, color: str, line: str = "-") -> None:
        axes.add_patch(
            Rectangle(
                (x - wide / 2, y - 0.27), wide, 0.54, facecolor="none", edgecolor=color,
                linewidth=1.3, linestyle=line,
            )
        )  # fmt: skip
        axes.text(x, y, text, ha="center", va="center", fontsize=9)

    def arrow(x: float, y: float, to_x: float, to_y: float) -> None:
        style: Any = {"arrowstyle": "-|>", "mutation_scale": 8, "linewidth": 0.9}
        axes.add_patch(FancyArrowPatch((x, y), (to_x, to_y), color="black", **style))

    for x, title in zip((2.2, 7.3), titles, strict=True):
        axes.text(x, 4.7, title, ha="center", va="center", fontsize=10)
    box(2.2, 0.3, joined, 3.7, "black")
    box(2.2, 1.5, encoder, 3.7, PALETTE[0])
    box(2.2, 2.7, vector, 1.3, PALETTE[0])
    axes.text(2.2, 3.9, label, ha="center", va="center", fontsize=9.5)
    for x, text, line in ((6.0, one, "-"), (8.6, two, "--")):
        box(x, 0.3, text, 2.0, "black")
        box(x, 1.5, encoder, 2.0, PALETTE[0])
        box(x, 2.7, vector, 1.3, PALETTE[0], line)
    axes.text(7.3, 3.9, cosine, ha="center", va="center", fontsize=9.5)
    for x in (2.2, 6.0, 8.6):
        arrow(x, 0.57, x, 1.23)
        arrow(x, 1.77, x, 2.43)
    arrow(2.2, 2.97, 2.2, 3.65)
    arrow(6.0, 2.97, 7.0, 3.65)
    arrow(8.6, 2.97, 7.6, 3.65)
    axes.text(2.2, -0.65, again, ha="center", va="center", fontsize=9, linespacing=1.4)
    axes.text(8.0, -0.65, before, ha="center", va="center", fontsize=9, linespacing=1.4)
    return figure
