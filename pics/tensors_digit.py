"""One digit twice: its 64 numbers, and what imshow draws of them (results/tensors.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    image = results.read("tensors")["numbers"]["figure"]["zero"]
    figure, (numbers, picture) = new_figure(5.6, 2.25, ncols=2, lang=lang)
    for i, row in enumerate(image):
        for j, value in enumerate(row):
            numbers.text(j + 0.5, i + 0.5, value, ha="center", va="center", fontsize=9.5)
    for place in range(9):
        numbers.axhline(place, color="black", linewidth=0.5)
        numbers.axvline(place, color="black", linewidth=0.5)
    drawn = picture.pcolormesh(image, cmap="gray_r", edgecolors="face", linewidth=0.3)
    bar = figure.colorbar(drawn, ax=picture, ticks=[0, 4, 8, 12], shrink=0.86)
    if bar.solids is not None:
        bar.solids.set(rasterized=False, edgecolor="face")
    for axes in (numbers, picture):
        axes.set(xlim=(0, 8), ylim=(8, 0), aspect="equal")
        axes.set_xticks([k + 0.5 for k in range(8)], range(8), fontsize=9)
        axes.set_yticks([k + 0.5 for k in range(8)], range(8), fontsize=9)
        axes.tick_params(length=0)
        axes.set_xlabel("列" if zh else "column")
    numbers.set_ylabel("行" if zh else "row")
    return figure
