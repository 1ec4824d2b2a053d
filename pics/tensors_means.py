"""Ten digits, and under each the mean of all training pictures of it (results/tensors.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    found = results.read("tensors")["numbers"]["figure"]
    rows = {
        "一张" if zh else "one": found["first"],
        "平均" if zh else "mean": found["means"],
    }
    figure, axes = new_figure(5.6, 1.45, lang=lang)
    for down, (name, pictures) in enumerate(rows.items()):
        for k, picture in enumerate(pictures):
            x, y = [9 * k + j for j in range(9)], [-9 * down - j for j in range(9)]
            axes.pcolormesh(
                x, y, picture, cmap="gray_r", edgecolors="face", linewidth=0.2, vmin=0, vmax=16
            )
        axes.text(-1, -9 * down - 4, name, ha="right", va="center", fontsize=10)
    axes.set(xlim=(-7, 90), ylim=(-17.5, 0.5), aspect="equal")
    axes.axis("off")
    return figure
