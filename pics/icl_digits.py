"""Two prompts of four handwritten digits, one example each, and what the fifth is taken for."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("例子", "问题", "模型的回答"),
    "en": ("examples", "question", "the model's answer"),
}
NAMES = "ABCD"


def draw(lang: str) -> Figure:
    prompts = results.read("in_context_learning")["numbers"]["demo"]["shown"][:2]
    examples, question, answer = TEXT[lang]
    figure, grid = new_figure(
        5.6, 2.7, nrows=len(prompts), ncols=6, lang=lang, width_ratios=[1, 1, 1, 1, 1, 1.9]
    )
    for row, prompt in zip(grid, prompts, strict=True):
        for place, (axes, image) in enumerate(zip(row[:5], prompt["images"], strict=True)):
            pixels = np.array(image).reshape(4, 4)
            heat(axes, pixels, cmap="gray_r", vmin=pixels.min(), vmax=pixels.max())
            axes.set_xticks([])
            axes.set_yticks([])
            for side in axes.spines.values():
                side.set_visible(True)
                side.set_color(PALETTE[1] if place == 4 else "0.6")
                side.set_linewidth(2 if place == 4 else 0.8)
            axes.set_xlabel("?" if place == 4 else NAMES[prompt["name"][place]])
        bars = row[5]
        right = prompt["name"][4]
        bars.bar(
            range(4), prompt["p"], color=[PALETTE[1] if k == right else "0.7" for k in range(4)]
        )
        bars.set_xticks(range(4), list(NAMES))
        bars.set_ylim(0, 1)
        bars.set_yticks([0, 1])
    grid[0, 1].set_title(examples, fontsize=10)
    grid[0, 4].set_title(question, fontsize=10)
    grid[0, 5].set_title(answer, fontsize=10)
    return figure
