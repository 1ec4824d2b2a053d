"""What a place sees: all before it, or only the last three of them."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("因果：看到此为止的全部", "带状：只看最近三个", "谁在看", "看谁"),
    "en": ("causal: all so far", "banded: the last three", "who looks", "at whom"),
}


def draw(lang: str) -> Figure:
    causal, banded, who, whom = TEXT[lang]
    figure, panels = new_figure(5.6, 1.7, ncols=2, lang=lang)
    full = np.tril(np.ones((6, 6)))
    for panel, title, mask in zip(
        panels, (causal, banded), (full, full - np.tril(full, -3)), strict=True
    ):
        heat(panel, mask, vmax=3)
        for row, column in np.argwhere(mask):
            panel.plot([column], [row], "o", color=PALETTE[0], ms=4)
        panel.set_title(title, fontsize=10)
        panel.set_xlabel(whom, fontsize=9)
        panel.set_xticks([])
        panel.set_yticks([])
    panels[0].set_ylabel(who, fontsize=9)
    return figure
