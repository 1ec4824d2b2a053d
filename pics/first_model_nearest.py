"""The line against who copies the nearest: through every training point, beside the new ones."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    n = results.read("first_model")["numbers"]
    km, minutes = np.array(n["km"]), np.array(n["minutes"])
    asked = np.linspace(1, 2, 1000)
    copied = minutes[:160][np.abs(asked[:, None] - km[None, :160]).argmin(1)]
    figure, axes = new_figure(5.6, 2.6, ncols=2, lang=lang, sharey=True)
    titles = ("照抄最近的一单", "模型") if zh else ("copy the nearest", "the model")
    lines = (copied, n["b"] + n["w"] * asked)
    for ax, title, line in zip(axes, titles, lines, strict=True):
        for part, marker, color, label in (
            (slice(0, 160), "o", PALETTE[0], "训练" if zh else "train"),
            (slice(160, 200), "x", PALETTE[5], "测试" if zh else "test"),
        ):
            inside = (km[part] > 1) & (km[part] < 2)
            ax.scatter(
                km[part][inside],
                minutes[part][inside],
                s=18,
                marker=marker,
                color=color,
                label=label,
            )
        ax.plot(asked, line, color=PALETTE[1], linewidth=1.2)
        ax.set_title(title)
        ax.set_xlabel("路程（公里）" if zh else "distance (km)")
    axes[0].set_ylabel("用时（分钟）" if zh else "time (minutes)")
    axes[1].legend()
    return figure
