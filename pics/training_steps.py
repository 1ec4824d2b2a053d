"""The seven steps as a loop, and what each one changes: nothing, the gradients, the weights."""

import itertools

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from wode.plotting import PALETTE, new_figure

STEPS = {
    "zh": ["1 数据", "2 前向", "3 损失", "4 zero_grad", "5 backward", "6 step", "7 保存"],
    "en": ["1 data", "2 forward", "3 loss", "4 zero_grad", "5 backward", "6 step", "7 save"],
}
CHANGES = {
    "zh": ["", "", "", ".grad 清空", ".grad 写入", "权重改变", ""],
    "en": ["", "", "", ".grad emptied", ".grad written", "weights change", ""],
}
# Where each box's centre stands: the first three above, from left to right; then back below.
PLACES = [(1.6, 2.4), (4.0, 2.4), (6.4, 2.4), (6.4, 0.75), (4.0, 0.75), (1.6, 0.75), (-0.75, 0.75)]


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    figure, axes = new_figure(5.6, 2.0, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-1.7, 7.5)
    axes.set_ylim(-0.15, 3.3)
    for number, (title, change, (x, y)) in enumerate(
        zip(STEPS[lang], CHANGES[lang], PLACES, strict=True)
    ):
        kind = 0 if number < 3 else 1 if number < 6 else 2
        half = 0.82 if number == 6 else 0.97
        axes.add_patch(
            FancyBboxPatch(
                (x - half, y - 0.32),
                2 * half,
                0.64,
                boxstyle="round,pad=0.02,rounding_size=0.12",
                facecolor="none",
                edgecolor=PALETTE[kind],
                linewidth=1.6,
                linestyle=["-", "--", ":"][kind],
            )
        )
        axes.text(x, y, title, ha="center", va="center", fontsize=10.5)
        axes.text(x, y - 0.6, change, ha="center", va="center", fontsize=9.5, color=PALETTE[1])
    above = "只算，什么也不改" if zh else "they compute and change nothing"
    axes.text(4.0, 3.05, above, ha="center", va="center", fontsize=9.5, color=PALETTE[0])

    def arrow(start: tuple[float, float], end: tuple[float, float]) -> None:
        axes.add_patch(
            FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=12, color="black")
        )

    for (x, y), (u, v) in itertools.pairwise(PLACES[:6]):
        side = (u > x) - (u < x)
        if side:
            arrow((x + 1.0 * side, y), (u - 1.0 * side, v))
        else:
            arrow((x, y - 0.34), (u, v + 0.34))
    arrow((1.6, 1.09), (1.6, 2.06))  # the next batch
    axes.text(1.75, 1.57, "下一批" if zh else "next batch", va="center", fontsize=9.5)
    arrow((0.6, 0.75), (0.09, 0.75))
    return figure
