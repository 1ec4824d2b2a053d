"""One output number: nine pixels times nine weights, added up."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from sklearn.datasets import load_sample_image

from wode.plotting import PALETTE, new_figure

ROW, COLUMN = 197, 108
KERNEL = np.array([[-1, 0, 1]] * 3)
TEXT = {
    "zh": ("窗口：9 个像素", "卷积核：9 个权重", "逐格相乘", "相加"),
    "en": ("window: 9 pixels", "kernel: 9 weights", "cell by cell", "add up"),
}


def draw(lang: str) -> Figure:
    total = load_sample_image("china.jpg").astype(int).sum(axis=2)
    grey = (2 * total + 3) // 6  # the mean of three, rounded
    window = grey[ROW : ROW + 3, COLUMN : COLUMN + 3]
    product = window * KERNEL
    figure, axis = new_figure(5.6, 1.95, lang=lang)
    axis.set(xlim=(-0.1, 16.3), ylim=(4.15, -1.1), aspect="equal")
    axis.axis("off")
    pixels, weights, products, added = TEXT[lang]
    _table(axis, window, 0, "0.3", shade=True)
    _table(axis, KERNEL, 4.4, PALETTE[0])
    _table(axis, product, 8.6, "0.3", cell=1.2)
    axis.add_patch(Rectangle((13.9, 0.75), 2.1, 1.5, fc="white", ec=PALETTE[1], lw=2))
    axis.text(14.95, 1.53, _number(product.sum()), ha="center", va="center", fontsize=12)
    for x, sign in ((3.7, "×"), (8.1, "="), (13.0, "→")):
        axis.text(x, 1.5, sign, ha="center", va="center", fontsize=14)
    for x, words in ((1.5, pixels), (5.9, weights), (10.4, products), (14.95, added)):
        axis.text(x, -0.55, words, ha="center", va="center", fontsize=9.5)
    axis.text(1.5, 3.65, f"[{ROW}:{ROW + 3}, {COLUMN}:{COLUMN + 3}]", ha="center", va="center")
    axis.text(14.95, 3.65, f"[{ROW}, {COLUMN}]", ha="center", va="center")
    return figure


def _table(
    axis: Axes, values: np.ndarray, left: float, colour: str, shade: bool = False, cell: float = 1.0
) -> None:
    for i in range(3):
        for j in range(3):
            level = values[i, j] / 255 if shade else 1.0
            face = (level, level, level)
            axis.add_patch(Rectangle((left + cell * j, i), cell, 1, fc=face, ec=colour, lw=0.8))
            ink = "black" if level > 0.5 else "white"
            number = _number(values[i, j])
            axis.text(
                left + cell * (j + 0.5),
                i + 0.53,
                number,
                ha="center",
                va="center",
                color=ink,
                fontsize=9,
            )


def _number(value: int) -> str:
    return str(int(value)).replace("-", "\N{MINUS SIGN}")
