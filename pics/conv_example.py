"""Multi-channel convolution: three input channels, two output channels, six 2-D kernels.

The author's picture, redrawn: every number in it is computed by ``wode.vision``.
"""

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle
from torch import Tensor

from wode.plotting import PALETTE, new_figure
from wode.vision import conv2d_loops

IMAGE = torch.tensor(
    [
        [[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 1], [0, 1, 2, 0]],
        [[0, 1, 1, 2], [2, 0, 1, 0], [1, 3, 0, 1], [0, 0, 1, 2]],
        [[2, 1, 0, 0], [1, 0, 2, 1], [0, 2, 1, 3], [1, 0, 0, 1]],
    ]
)  # (3, 4, 4): one image of three channels
WEIGHT = torch.tensor(
    [
        [[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[1, -1], [-1, 1]]],
        [[[1, 1], [0, 0]], [[-1, 0], [0, 2]], [[0, 1], [1, 0]]],
    ]
)  # (2, 3, 2, 2): two filters of three 2 × 2 kernels

ROW, COLUMN = 0, 1  # the window that is followed, and its cell in the outputs
PITCH = 5.2  # from one channel's left edge to the next one's, in cells
OUTPUT_X = 16.0
MIDDLE = [7.6, 12.2]  # height of each filter's row; y grows downwards

TEXT = {
    "zh": {
        "input": "输入通道 {}",
        "output": "输出通道 {}",
        "filter": "weight[{}]：3 个卷积核",
        "count": "2 × 3 = {}\n个卷积核",
    },
    "en": {
        "input": "input channel {}",
        "output": "output {}",
        "filter": "weight[{}]: 3 kernels",
        "count": "2 × 3 = {}\nkernels",
    },
}


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    output = conv2d_loops(IMAGE[None], WEIGHT)[0]  # (2, 3, 3)
    window = IMAGE[:, ROW : ROW + 2, COLUMN : COLUMN + 2]  # (3, 2, 2)
    parts = (WEIGHT * window).sum(dim=(2, 3))  # (2, 3): what each kernel contributes

    figure, axes = new_figure(6.4, 4.9, lang=lang)
    count = WEIGHT.shape[0] * WEIGHT.shape[1]
    axes.set(xlim=(-0.4, 19.4), ylim=(14, -1.1), aspect="equal")
    axes.axis("off")
    axes.text(OUTPUT_X + 1.5, 2, text["count"].format(count), ha="center", va="center", fontsize=11)
    for channel in range(3):
        left = channel * PITCH
        axes.text(left + 2, -0.6, text["input"].format(channel), ha="center", va="center")
        axes.plot([left + 1.2, left + 1.2], [4.2, 13], ":", color="0.5", lw=1, zorder=0)
        _grid(axes, IMAGE[channel], left, 0.0, "0.35", (ROW, COLUMN, 2))
    for filter_, (middle, colour) in enumerate(zip(MIDDLE, PALETTE, strict=False)):
        band = FancyBboxPatch(
            (0, middle - 1.3),
            2 * PITCH + 4,
            2.6,
            "round,pad=0.15",
            fc=colour,
            ec="none",
            alpha=0.13,
        )
        axes.add_patch(band)
        axes.text(1.6, middle - 1.85, text["filter"].format(filter_), color=colour, va="center")
        for channel in range(3):
            left = channel * PITCH
            _grid(axes, WEIGHT[filter_, channel], left + 0.2, middle - 1, colour)
            part = _number(parts[filter_, channel])
            axes.text(left + 3.2, middle, f"→ {part}", ha="center", va="center", color=colour)
            sign = "+" if channel < 2 else "="
            x = left + 4.6 if channel < 2 else (left + 4.15 + OUTPUT_X) / 2
            axes.text(x, middle, sign, ha="center", va="center", fontsize=13)
        label = text["output"].format(filter_)
        axes.text(OUTPUT_X + 1.5, middle - 2.1, label, ha="center", va="center", color=colour)
        _grid(axes, output[filter_], OUTPUT_X, middle - 1.5, colour, (ROW, COLUMN, 1))
    return figure


def _grid(
    axes: Axes,
    values: Tensor,
    left: float,
    top: float,
    colour: str,
    marked: tuple[int, int, int] | None = None,
) -> None:
    """A table of numbers; ``marked`` is (row, column, size) of the square that is outlined."""
    height, width = values.shape
    axes.add_patch(Rectangle((left, top), width, height, fc="white", ec="none"))
    if marked:
        row, column, size = marked
        corner = (left + column, top + row)
        axes.add_patch(Rectangle(corner, size, size, fc=colour, ec="none", alpha=0.25))
    for i in range(height):
        for j in range(width):
            axes.add_patch(Rectangle((left + j, top + i), 1, 1, fc="none", ec=colour, lw=0.6))
            number = _number(values[i, j])
            axes.text(left + j + 0.5, top + i + 0.53, number, ha="center", va="center")
    if marked:
        axes.add_patch(Rectangle(corner, size, size, fc="none", ec="black", lw=2))


def _number(value: Tensor) -> str:
    return str(int(value)).replace("-", "\N{MINUS SIGN}")
