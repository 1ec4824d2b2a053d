"""How many words each word sees: all of them without a mask, ever more with a causal one."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": (["老师", "看见", "学生", "？"], "没有掩码", "因果掩码", "看见 {} 个"),
    "en": (["teacher", "sees", "student", "?"], "no mask", "causal mask", "sees {}"),
}


def draw(lang: str) -> Figure:
    words, full, causal, sees = TEXT[lang]
    figure, panels = new_figure(5.6, 2.5, ncols=2, lang=lang)
    masks = (np.ones((4, 4)), np.tril(np.ones((4, 4))))
    for panel, title, mask in zip(panels, (full, causal), masks, strict=True):
        heat(panel, mask, vmax=3)
        panel.set_title(title, fontsize=10)
        panel.set_xticks(range(4), words, fontsize=9)
        panel.set_yticks(range(4), words if title == full else [""] * 4, fontsize=9)
        for row in range(4):
            for column in range(4):
                if mask[row, column]:
                    panel.plot([column], [row], "o", color=PALETTE[0], markersize=5)
            panel.text(3.7, row, sees.format(int(mask[row].sum())), va="center", fontsize=9)
        panel.set_xticks(np.arange(-0.5, 4), minor=True)
        panel.set_yticks(np.arange(-0.5, 4), minor=True)
        panel.grid(which="minor", color="0.6", linewidth=0.5)
        panel.grid(visible=False, which="major")
        panel.tick_params(which="both", length=0)
    return figure
