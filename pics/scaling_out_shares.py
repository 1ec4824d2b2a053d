"""A global batch of five samples on two ranks: weights 3/5 and 2/5, one gradient."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from wode.plotting import PALETTE, new_figure

TEXTS = {
    "zh": (
        "全局批：5 个样本",
        "{} 号进程：损失 × {}",
        "反向：梯度 {}",
        "全归约求和",
        "同样的一步",
    ),
    "en": (
        "global batch: 5 samples",
        "rank {}: loss × {}",
        "backward: gradient {}",
        "all-reduce: sum",
        "the same step",
    ),
}
GRADIENTS = (r"$\frac{3}{5}\,g_0$", r"$\frac{2}{5}\,g_1$")


def draw(lang: str) -> Figure:
    whole, loss, backward, reduce, step = TEXTS[lang]
    figure, axes = new_figure(5.6, 2.4, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(0, 10)
    axes.set_ylim(0, 6)
    axes.text(5, 5.75, whole, ha="center", va="center", fontsize=10)

    def arrow(start: tuple[float, float], end: tuple[float, float]) -> None:
        axes.add_patch(
            FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=12, color="black")
        )

    def square(x: float, y: float, number: int) -> None:
        colour = PALETTE[0 if number < 3 else 1]
        line = "-" if number < 3 else "--"
        axes.add_patch(
            Rectangle((x, y), 0.6, 0.6, fill=False, edgecolor=colour, linewidth=1.8, linestyle=line)
        )
        axes.text(x + 0.3, y + 0.3, str(number + 1), ha="center", va="center", fontsize=9)

    for number in range(5):
        square(3.3 + 0.7 * number, 4.75, number)
    for rank, (centre, members) in enumerate(((2.3, (0, 1, 2)), (7.7, (3, 4)))):
        for place, number in enumerate(members):
            square(centre - 0.35 * len(members) + 0.7 * place, 3.35, number)
        arrow((4.3 if rank == 0 else 6.3, 4.6), (centre, 4.1))
        weight = f"{len(members)}/5"
        axes.text(centre, 2.95, loss.format(rank, weight), ha="center", va="center", fontsize=10)
        gradient = backward.format(GRADIENTS[rank])
        axes.text(centre, 2.25, gradient, ha="center", va="center", fontsize=10)
        arrow((centre, 1.95), (3.9 if rank == 0 else 6.1, 1.3))
    axes.text(5, 1.05, reduce, ha="center", va="center", fontsize=10)
    axes.text(5, 0.35, step, ha="center", va="center", fontsize=10)
    return figure
