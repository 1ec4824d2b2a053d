"""The surest wrong answer: p, y and p − y, the gradient of the cross-entropy by the scores."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    one = results.read("training")["numbers"]["pictures"][6]
    p = np.array(one["p"])
    y = np.eye(10)[one["label"]]
    figure, panels = new_figure(5.6, 1.8, ncols=4, lang=lang, width_ratios=[0.8, 1, 1, 1])
    heat(panels[0], np.array(one["image"]), cmap="gray_r", vmax=255)
    panels[0].set_xticks([])
    panels[0].set_yticks([])
    said = (
        f"真 {one['label']}，答 {one['answer']}"
        if zh
        else f"is {one['label']}, said {one['answer']}"
    )
    panels[0].set_title(said, fontsize=10)
    titles = (
        ["概率 p", "目标 y", "梯度 p − y"]
        if zh
        else ["probability p", "target y", "gradient p − y"]
    )
    for axes, title, values in zip(panels[1:], titles, (p, y, p - y), strict=True):
        bars = axes.bar(
            range(10), values, color=[PALETTE[0] if v >= 0 else PALETTE[1] for v in values]
        )
        for bar, value in zip(bars, values, strict=True):
            if value < 0:
                bar.set_hatch("////")
        axes.axhline(0, color="black", linewidth=0.8)
        axes.set_title(title, fontsize=10)
        axes.set_ylim(-1.08, 1.08)
        axes.set_yticks([-1, 0, 1])
        axes.set_xticks([0, 2, 4, 6, 8])
        axes.tick_params(labelsize=9)
        if axes is not panels[1]:
            axes.set_yticklabels([])
    # By hand: the solver's last bit depends on what was drawn before.
    figure.set_layout_engine("none")
    panels[0].set_position((0.02, 0.13, 0.16, 0.7))
    for place, axes in enumerate(panels[1:]):
        axes.set_position((0.24 + 0.255 * place, 0.13, 0.24, 0.73))
    return figure
