"""Test images with their ten probabilities: six that are right, the six surest wrong ones."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    pictures = results.read("training")["numbers"]["pictures"]
    figure, panels = new_figure(5.6, 3.2, nrows=4, ncols=6, lang=lang, height_ratios=[2, 1, 2, 1])
    for place, one in enumerate(pictures):
        row, column = divmod(place, 6)
        image, bars = panels[2 * row, column], panels[2 * row + 1, column]
        heat(image, np.array(one["image"]), cmap="gray_r", vmax=255)
        image.set_xticks([])
        image.set_yticks([])
        image.spines[["top", "right"]].set_visible(True)
        sure = one["p"][one["answer"]]
        image.set_title(f"{one['label']} → {one['answer']}\n{sure:.2f}", fontsize=9.5)
        colours = [PALETTE[0]] * 10
        if one["answer"] != one["label"]:
            colours[one["answer"]] = PALETTE[1]
        drawn = bars.bar(range(10), one["p"], color=colours, width=0.8)
        if one["answer"] != one["label"]:
            drawn[one["answer"]].set_hatch("////")
        bars.set_ylim(0, 1)
        bars.set_xlim(-0.7, 9.7)
        bars.set_yticks([])
        bars.set_xticks([0, 5, 9])
        bars.tick_params(labelsize=9, length=2, pad=1)
    panels[0, 0].set_ylabel("认对的" if zh else "right")
    panels[2, 0].set_ylabel("认错的" if zh else "wrong")
    for row in (1, 3):
        panels[row, 0].set_ylabel("概率" if zh else "prob.", fontsize=9)
    return figure
