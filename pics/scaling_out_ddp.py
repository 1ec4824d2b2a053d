"""One step of two ranks in time: forward, backward with all-reduce, the same step."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

TEXTS = {
    "zh": ("{} 号进程", "前向\n16 张", "反向", "全归约\n平均梯度", "同样的\n一步", "时间"),
    "en": (
        "rank {}",
        "forward\n16 images",
        "backward",
        "all-reduce:\nmean",
        "the same\nstep",
        "time",
    ),
}


def draw(lang: str) -> Figure:
    rank, forward, backward, reduce, step, time = TEXTS[lang]
    figure, axes = new_figure(5.6, 2.2, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-1.5, 10)
    axes.set_ylim(-0.5, 4.6)

    def box(x: float, y: float, width: float, height: float, text: str, k: int) -> None:
        style = ("-", "--", ":")[k]
        axes.add_patch(
            Rectangle(
                (x, y),
                width,
                height,
                fill=False,
                edgecolor=PALETTE[k],
                linewidth=1.7,
                linestyle=style,
            )
        )
        axes.text(x + width / 2, y + height / 2, text, ha="center", va="center", fontsize=9)

    for number, y in enumerate((3.2, 0.4)):
        axes.text(-0.2, y + 0.5, rank.format(number), ha="right", va="center", fontsize=10)
        box(0, y, 2.2, 1, forward, 0)
        box(2.3, y, 3.6, 1, backward, 0)
        box(7.6, y, 2.2, 1, step, 0)
    box(3.4, 1.7, 4.1, 1.2, reduce, 1)
    for x, colour in ((3.9, "black"), (4.9, "black"), (5.8, "black")):
        for start, end in (((x, 3.15), (x, 2.95)), ((x, 1.45), (x, 1.65))):
            arrow = {"arrowstyle": "-|>", "color": colour}
            axes.annotate("", xy=end, xytext=start, arrowprops=arrow)
    axes.annotate("", xy=(9.9, -0.1), xytext=(0, -0.1), arrowprops={"arrowstyle": "-|>"})
    axes.text(5, -0.4, time, ha="center", va="center", fontsize=9)
    return figure
