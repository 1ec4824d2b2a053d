"""The home page's picture: what three models of the book answer, as their run wrote it down."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from wode.book import results
from wode.plotting import PALETTE, chinese_font, new_figure

TEXT = {
    "zh": (
        ("卷积网络", "训练 {cpu_seconds:.0f} 秒，没见过的 {of} 个数字认对 {right:.1%}"),
        ("Transformer", "训练 {cpu_seconds:.0f} 秒，译一个新句子；线越粗，看得越多"),
        ("语言模型", "{hundred_millions:.2f} 亿个参数，预测下一个词"),
    ),
    "en": (
        ("Convolution", "{cpu_seconds:.0f} s of training, {right:.1%} of {of} new digits"),
        ("Transformer", "{cpu_seconds:.0f} s of training; lines show where it looks"),
        ("Language model", "{millions:.0f} million parameters, the next word"),
    ),
}
WIDTH, HEIGHT = 54, 36  # tenths of an inch
INK, GREY = "#000000", "#555555"


def digit(axes: Axes, left: float, low: float, rows: list[list[int]], size: float) -> None:
    """An image as squares, one path a level of grey: a bitmap could not turn light in the dark."""
    step = size / len(rows)
    for level in range(1, 17):
        corners = [
            (left + step * column, low + size - step * (row + 1))
            for row, column in np.argwhere(np.array(rows) == level)
        ]
        if corners:
            squares = [
                Path([(x, y), (x + step, y), (x + step, y + step), (x, y + step), (x, y)])
                for x, y in corners
            ]
            patch = PathPatch(Path.make_compound_path(*squares), fc=str(1 - level / 16), ec="none")
            axes.add_patch(patch)
    axes.add_patch(Rectangle((left, low), size, size, fill=False, ec=GREY, lw=0.6))


def digits(axes: Axes, numbers: dict, top: float) -> None:
    step = WIDTH / len(numbers["images"])
    for place, (rows, answer) in enumerate(zip(numbers["images"], numbers["answers"], strict=True)):
        digit(axes, place * step, top - 4.2, rows, 4.2)
        axes.text(
            place * step + 4.75, top - 2.2, str(answer), va="center", color=PALETTE[1], size=14
        )


def translation(axes: Axes, numbers: dict, top: float, low: float) -> None:
    source, said = numbers["source"], numbers["said"]
    above = np.linspace(3, WIDTH - 3, len(source))
    lengths = np.array([len(word) + 1.6 for word in said])
    middles = (np.cumsum(lengths) - lengths / 2) * WIDTH / lengths.sum()
    for x, sign in zip(above, source, strict=True):
        axes.text(x, top, sign, ha="center", va="center", size=12, family=chinese_font())
    for x, word, row in zip(middles, said, numbers["weights"], strict=True):
        axes.text(x, low, word, ha="center", va="center", size=10.5, color=PALETTE[1])
        for start, weight in zip(above, row, strict=True):
            if weight > 0.1:
                ends = [start, x], [top - 1.4, low + 1.4]
                axes.plot(*ends, color=PALETTE[0], lw=4 * weight, alpha=0.35 + 0.6 * weight)


def next_word(axes: Axes, numbers: dict, top: float) -> None:
    axes.text(0, top - 3, f"{numbers['text']} …", va="center", size=11, family="DejaVu Sans")
    for place, (word, chance) in enumerate(zip(numbers["words"], numbers["chances"], strict=True)):
        y = top - 0.7 - 2.3 * place
        colour = PALETTE[1] if place == 0 else INK
        axes.text(30.5, y, word, ha="right", va="center", size=10.5, color=colour)
        axes.add_patch(Rectangle((31.3, y - 0.7), 18 * chance, 1.4, color=PALETTE[2]))
        axes.text(32 + 18 * chance, y, f"{chance:.0%}", va="center", size=10)


def draw(lang: str) -> Figure:
    numbers = results.read("home")["numbers"]
    parameters = numbers["next"]["parameters"]
    size = {"hundred_millions": parameters / 1e8, "millions": parameters / 1e6}
    figure, axes = new_figure(WIDTH / 10, HEIGHT / 10, lang=lang)
    figure.set_layout_engine("none")
    axes.set_position((0, 0, 1, 1))
    axes.set(xlim=(-0.5, WIDTH + 0.5), ylim=(0, HEIGHT))
    axes.set_axis_off()
    parts = [numbers["digits"], numbers["translation"], size]
    for top, (name, note), values in zip((34.7, 24.9, 9.2), TEXT[lang], parts, strict=True):
        axes.text(0, top, name, va="center", size=11.5)
        note = note.format(**values)
        axes.text(WIDTH, top, note, ha="right", va="center", size=10, color=GREY)
        axes.plot([0, WIDTH], [top - 1.5] * 2, color="#999999", lw=0.6)
    digits(axes, numbers["digits"], 32.3)
    translation(axes, numbers["translation"], 21.4, 12.8)
    next_word(axes, numbers["next"], 6.6)
    return figure
