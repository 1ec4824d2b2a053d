"""A digit and the ten scores that the untrained network gives it."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("输入：8 × 8 个数", "输出：十个得分", "数字"),
    "en": ("input: 8 × 8 numbers", "output: ten scores", "digit"),
}


def draw(lang: str) -> Figure:
    numbers, (left, right, digit) = results.read("module")["numbers"]["digit"], TEXT[lang]
    figure, (image, bars) = new_figure(5.6, 2.1, ncols=2, lang=lang, width_ratios=(2, 3))
    image.imshow(numbers["image"], cmap="gray", vmin=0, vmax=1)
    image.set(title=left, xticks=[], yticks=[])
    scores = numbers["scores"]
    best = scores.index(max(scores))
    colours = [PALETTE[1] if place == best else PALETTE[0] for place in range(10)]
    bars.bar(range(10), scores, color=colours)
    bars.patches[best].set_hatch("//")
    bars.axhline(0, color="0.4", lw=0.8)
    bars.set(title=right, xlabel=digit, xticks=range(10))
    return figure
