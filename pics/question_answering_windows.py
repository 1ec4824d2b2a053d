"""Three windows on a long text, each with the question before it, each overlapping the next."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("长文", "问题", "答案", "窗 1：切断了", "窗 2：完整", "窗 3：又切断", "stride"),
    "en": ("long text", "question", "answer", "window 1: cut", "window 2: whole",
           "window 3: cut", "stride"),
}  # fmt: skip
ROOM, STRIDE, BEGIN, END = 4.0, 2.0, 3.5, 4.4


def draw(lang: str) -> Figure:
    long, question, answer, *names, stride = TEXT[lang]
    figure, axes = new_figure(5.6, 1.9, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-1.9, 10.6)
    axes.set_ylim(-0.4, 4.6)
    axes.add_patch(Rectangle((0, 3.8), 8, 0.5, facecolor="none", edgecolor="black"))
    axes.add_patch(Rectangle((BEGIN, 3.8), END - BEGIN, 0.5, facecolor=PALETTE[1], alpha=0.7))
    axes.text(-0.1, 4.05, long, ha="right", va="center", fontsize=10)
    axes.text((BEGIN + END) / 2, 4.4, answer, ha="center", va="bottom", fontsize=9)
    for n, name in enumerate(names):
        x, y = n * STRIDE, 2.6 - 1.1 * n
        axes.add_patch(
            Rectangle((x - 1.5, y), 1.5, 0.5, facecolor="none", edgecolor=PALETTE[0], hatch="//")
        )
        axes.add_patch(Rectangle((x, y), ROOM, 0.5, facecolor="none", edgecolor=PALETTE[0]))
        begin, end = max(BEGIN, x), min(END, x + ROOM)
        if begin < end:
            axes.add_patch(Rectangle((begin, y), end - begin, 0.5, facecolor=PALETTE[1], alpha=0.7))
        axes.text(x + ROOM + 0.15, y + 0.25, name, va="center", fontsize=9)
    axes.text(-0.75, 3.2, question, ha="center", va="bottom", fontsize=9)
    axes.annotate("", (STRIDE, 2.3), (0, 2.3), arrowprops={"arrowstyle": "<->", "linewidth": 0.9})
    axes.text(STRIDE / 2 - 0.9, 2.2, stride, ha="center", va="top", fontsize=9)
    return figure
