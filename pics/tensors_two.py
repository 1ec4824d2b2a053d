"""One mean of a digit, and the means of two groups of it that look alike (results/tensors.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    found = results.read("tensors")["numbers"]["figure"]
    figure, axes = new_figure(5.6, 1.0, lang=lang)
    for left, digit, groups in ((0, 1, found["two"][0]), (39, 9, found["two"][1])):
        for shift, picture in zip((0, 14, 23), (found["means"][digit], *groups), strict=True):
            x, y = [left + shift + k for k in range(9)], [-k for k in range(9)]
            axes.pcolormesh(
                x, y, picture, cmap="gray_r", edgecolors="face", linewidth=0.2, vmin=0, vmax=16
            )
        axes.text(left + 4, 0.8, f"{digit}", ha="center", fontsize=10)
        axes.text(left + 22.5, 0.8, "两组" if zh else "two groups", ha="center", fontsize=10)
        axes.annotate(
            "", xy=(left + 13, -4), xytext=(left + 9, -4), arrowprops={"arrowstyle": "-|>"}
        )
    axes.set(xlim=(-1, 71), ylim=(-8.2, 3.6), aspect="equal")
    axes.axis("off")
    return figure
