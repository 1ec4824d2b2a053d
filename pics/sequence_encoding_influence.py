"""Which input each output sees: the norm of dy_t/dx_s for eight encoders, as grey grids."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TITLES = {
    "zh": {
        "rnn": "RNN",
        "cnn1": "CNN，1 层",
        "cnn3": "CNN，3 层",
        "attention": "注意力",
        "birnn": "双向 RNN",
        "causal_cnn": "只看左边，3 层",
        "dilated": "膨胀率 1、2、4",
        "causal_attention": "注意力，只看左边",
    },
    "en": {
        "rnn": "RNN",
        "cnn1": "CNN, 1 layer",
        "cnn3": "CNN, 3 layers",
        "attention": "attention",
        "birnn": "two-way RNN",
        "causal_cnn": "left only, 3 layers",
        "dilated": "dilations 1, 2, 4",
        "causal_attention": "attention, left only",
    },
}
SHADES = LinearSegmentedColormap.from_list("shades", ["#ffffff", PALETTE[0], "#00243a"])


def draw(lang: str) -> Figure:
    table = results.read("sequence_encoding")["numbers"]["influence"]
    figure, panels = new_figure(5.8, 4.2, nrows=2, ncols=4, lang=lang)
    for axes, (name, title) in zip(panels.flat, TITLES[lang].items(), strict=True):
        grid = np.array(table[name])  # (T, T)
        grid = grid / grid.max(axis=1, keepdims=True)  # each output by what moves it most
        shown = np.where(grid > 0, 0.12 + 0.88 * grid, 0.0)  # what is seen at all is never white
        axes.pcolormesh(shown, cmap=SHADES, vmin=0, vmax=1, edgecolors="#c8c8c8", linewidth=0.3)
        axes.invert_yaxis()
        axes.set_aspect("equal")
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_visible(True)
        axes.set_title(title, fontsize=10)
    for axes in panels[-1]:
        axes.set_xlabel("输入 s →" if lang == "zh" else "input s →")
    for axes in panels[:, 0]:
        axes.set_ylabel("← 输出 t" if lang == "zh" else "← output t")
    return figure
