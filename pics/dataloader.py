"""From a data set to batches: the order of the indices, the cut into batches, the padding."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": (
        "数据集的下标",
        "打乱（shuffle）",
        "切批（batch_size=4，最后一批不满）",
        "取数、补齐（collate_fn）",
    ),
    "en": (
        "indices",
        "shuffle",
        "batches (batch_size=4, the last one short)",
        "fetch, pad (collate_fn)",
    ),
}
ORDER = [7, 2, 9, 4, 0, 5, 8, 1, 3, 6]
LENGTHS = [3, 5, 2, 4]


def _cell(axes: Axes, x: float, y: float, text: str, colour: str, alpha: float = 0.25) -> None:
    axes.add_patch(Rectangle((x, y), 0.9, 0.8, fc=(colour, alpha), ec=colour, lw=1.2))
    axes.text(x + 0.45, y + 0.38, text, ha="center", va="center", fontsize=10)


def draw(lang: str) -> Figure:
    indices, shuffle, cut, collate = TEXT[lang]
    figure, axes = new_figure(6.4, 4.6, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-0.2, 13)
    axes.set_ylim(-5.6, 6.6)
    for position, index in enumerate(ORDER):
        _cell(axes, position, 5, str(position), "#666666", 0.08)
        _cell(axes, position, 3, str(index), PALETTE[position // 4])
        _cell(axes, position + 0.8 * (position // 4), 1, str(index), PALETTE[position // 4])
    for y, label in ((5.95, indices), (3.95, shuffle), (1.95, cut), (-0.2, collate)):
        axes.text(0, y, label, fontsize=10.5, va="bottom")
    for row, (index, length) in enumerate(zip(ORDER[:4], LENGTHS, strict=True)):
        y = -1.3 - row
        axes.text(0.75, y + 0.38, str(index), ha="center", va="center", fontsize=10)
        for column in range(5):
            real = column < length
            colour = PALETTE[0] if real else "#999999"
            _cell(
                axes, 1.5 + column, y, f"$w_{{{column + 1}}}$" if real else "0", colour, 0.25 * real
            )
            _cell(axes, 7.8 + column, y, "1" if real else "0", colour, 0.25 * real)
    axes.text(4.0, -4.5, "input_ids  (4, 5)", ha="center", va="top", fontsize=10)
    axes.text(10.3, -4.5, "attention_mask  (4, 5)", ha="center", va="top", fontsize=10)
    for start, end in ((4.95, 3.95), (2.95, 1.95), (0.95, -0.15)):
        arrow = {"arrowstyle": "->", "color": "0.4", "lw": 1.2}
        axes.annotate("", (12.2, end), (12.2, start), arrowprops=arrow)
    return figure
