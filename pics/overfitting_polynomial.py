"""Ten points with noise and without: a line, and a curve of degree 9 through every point."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    n = results.read("overfitting")["numbers"]["picture"]
    figure, axes = new_figure(5.6, 2.7, ncols=2, lang=lang, sharey=True)
    titles = ("点有噪声", "点没有噪声") if zh else ("points with noise", "points without noise")
    for ax, name, title in zip(axes, ("noisy", "exact"), titles, strict=True):
        ax.plot(
            n["asked"],
            n[name]["degree_9"],
            color=PALETTE[1],
            label="九次" if zh else "degree 9",
        )
        ax.plot(
            n["asked"],
            n[name]["degree_1"],
            "--",
            color=PALETTE[0],
            label="直线" if zh else "line",
        )
        ax.plot(n["km"], n[name]["minutes"], "o", color="black", markersize=5)
        ax.set_ylim(4, 28)
        ax.set_title(title)
        ax.set_xlabel("路程（公里）" if zh else "distance (km)")
    axes[0].set_ylabel("用时（分钟）" if zh else "time (minutes)")
    axes[1].legend(loc="upper left")
    return figure
