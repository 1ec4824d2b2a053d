"""Padding, stride and dilation: what each does to a kernel of 3 × 3 on 5 × 5 pixels."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": (
        "padding=1\n四周补一圈 0",
        "stride=2\n一次走两格",
        "dilation=2\n隔一格取一个",
        "5×5 → {0}×{0}",
    ),
    "en": (
        "padding=1\na ring of zeros",
        "stride=2\nsteps of two",
        "dilation=2\nevery second cell",
        "5×5 → {0}×{0}",
    ),
}
SIZE = 5


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 2.15, ncols=3, lang=lang)
    *titles, size = TEXT[lang]
    outputs = []
    for axis, title, (stride, padding, dilation) in zip(
        axes, titles, ((1, 1, 1), (2, 0, 1), (1, 0, 2)), strict=True
    ):
        axis.set(xlim=(-1.3, 6.3), ylim=(6.3, -1.3), aspect="equal")
        axis.axis("off")
        axis.set_title(title, fontsize=10)
        if padding:
            for i in range(-1, 6):
                for j in range(-1, 6):
                    if not (0 <= i < SIZE and 0 <= j < SIZE):
                        _cell(axis, i, j, "white", "0.6", "0")
        for i in range(SIZE):
            for j in range(SIZE):
                _cell(axis, i, j, "0.9", "0.5")
        reach = 2 * dilation
        for i in range(0, reach + 1, dilation):
            for j in range(0, reach + 1, dilation):
                _cell(axis, i - padding, j - padding, PALETTE[4], PALETTE[0], weight=True)
        corner = (-padding, -padding)
        axis.add_patch(Rectangle(corner, reach + 1, reach + 1, fill=False, ec=PALETTE[0], lw=2.2))
        if stride == 2:
            second = Rectangle((2, 0), 3, 3, fill=False, ec=PALETTE[1], lw=2.2, ls="--")
            axis.add_patch(second)
        outputs.append((SIZE + 2 * padding - reach - 1) // stride + 1)
        axis.text(2.5, 6.1, size.format(outputs[-1]), ha="center", va="center", fontsize=10)
        if padding:
            axis.texts[-1].set_y(6.75)
            axis.set_ylim(7.1, -1.3)
        else:
            axis.set_ylim(7.1, -1.3)
            axis.texts[-1].set_y(6.75)
    return figure


def _cell(
    axis: Axes, i: int, j: int, face: str, edge: str, text: str = "", weight: bool = False
) -> None:
    axis.add_patch(Rectangle((j, i), 1, 1, fc=face, ec=edge, lw=0.7))
    if weight:  # told apart without colour
        axis.plot(j + 0.5, i + 0.5, "o", color="black", ms=3.5)
    elif text:
        axis.text(j + 0.5, i + 0.53, text, ha="center", va="center", fontsize=9, color="0.45")
