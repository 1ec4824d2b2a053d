"""From a data set to batches: the order of the indices, the cut, the fetching and stacking."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": (
        "数据集的下标",
        "1. 排顺序（shuffle=True）",
        "2. 切批（batch_size=4，最后一批不满）",
        "3. 取出样本，拼成张量",
    ),
    "en": (
        "indices of the dataset",
        "1. order (shuffle=True)",
        "2. cut (batch_size=4, the last batch is short)",
        "3. fetch the examples, collate them",
    ),
}
ORDER = [7, 2, 9, 4, 0, 5, 8, 1, 3, 6]


def _cell(axes: Axes, x: float, y: float, text: str, colour: str, alpha: float = 0.25) -> None:
    axes.add_patch(Rectangle((x, y), 0.9, 0.8, fc=(colour, alpha), ec=colour, lw=1.2))
    axes.text(x + 0.45, y + 0.38, text, ha="center", va="center", fontsize=10)


def draw(lang: str) -> Figure:
    labels = TEXT[lang]
    figure, axes = new_figure(5.6, 3.0, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-0.2, 12.4)
    axes.set_ylim(-1.3, 6.7)
    for position, index in enumerate(ORDER):
        _cell(axes, position, 5, str(position), "#666666", 0.08)
        _cell(axes, position, 3, str(index), PALETTE[position // 4])
        _cell(axes, position + 0.8 * (position // 4), 1, str(index), PALETTE[position // 4])
    for y, label in zip((5.95, 3.95, 1.95, -0.05), labels, strict=True):
        axes.text(0, y, label, fontsize=10, va="bottom")
    for batch, (start, count) in enumerate(((0, 4), (4.8, 4), (9.6, 2))):
        width = count - 0.1
        colour = PALETTE[batch]
        axes.add_patch(Rectangle((start, -1.1), width, 0.8, fc=(colour, 0.25), ec=colour, lw=1.6))
        text = f"({count}, 1, 8, 8)"
        axes.text(start + width / 2, -0.72, text, ha="center", va="center", fontsize=9)
    for start, end in ((4.95, 3.95), (2.95, 1.95), (0.95, -0.05)):
        arrow = {"arrowstyle": "->", "color": "0.4", "lw": 1.2}
        axes.annotate("", (12.2, end), (12.2, start), arrowprops=arrow)
    return figure
