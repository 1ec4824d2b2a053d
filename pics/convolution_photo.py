"""A grey photograph and what a kernel that looks for upright edges makes of it."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from sklearn.datasets import load_sample_image

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("grey：灰度照片", "edges：左右明暗之差"),
    "en": ("grey: the photograph", "edges: right minus left"),
}
ROW, COLUMN = 197, 108  # the window that `convolution_window` looks at


def grey_photo() -> np.ndarray:
    """The photograph (427, 640), grey, whole numbers from 0 to 255."""
    total = load_sample_image("china.jpg").astype(int).sum(axis=2)
    return (2 * total + 3) // 6  # the mean of three, rounded; thirds have no ties


def draw(lang: str) -> Figure:
    grey = grey_photo()
    columns = grey[:, 2:] - grey[:, :-2]
    edges = abs(columns[2:] + columns[1:-1] + columns[:-2])
    figure, axes = new_figure(5.6, 2.25, ncols=2, lang=lang)
    for axis, title, values in zip(
        axes, TEXT[lang], (grey, 255 - edges.clip(max=380) * 255 // 380), strict=True
    ):
        _show(axis, values)
        axis.set_title(title, fontsize=10, pad=5)
    axes[0].add_patch(Rectangle((COLUMN - 11, ROW - 10), 25, 23, fill=False, ec=PALETTE[1], lw=1.8))
    axes[1].add_patch(Rectangle((COLUMN - 11, ROW - 10), 25, 23, fill=False, ec=PALETTE[1], lw=1.8))
    return figure


def _show(axis: Axes, values: np.ndarray) -> None:
    """Each third pixel in 16 greys: a small file."""
    height, width = values.shape
    few = (values[::3, ::3] // 17 * 17).astype(np.uint8)
    axis.imshow(few, cmap="gray", vmin=0, vmax=255, extent=(0, width, height, 0))
    axis.set(xticks=[], yticks=[])
