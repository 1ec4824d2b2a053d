"""Where the words stand for one that asks: counted anew, counted on, or as distances from it."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

T, ASKS = 4, 6
TEXT = {
    "zh": {"rows": ("每段从 0 数起", "一直数下去", "离它多远"), "parts": ("记忆", "这一段"),
           "far": "第 100 段"},
    "en": {"rows": ("from 0 each time", "counting on", "how far away"),
           "parts": ("memory", "segment"), "far": "segment 100"},
}  # fmt: skip


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 2.5, lang=lang)
    text = TEXT[lang]
    rows = (
        [place % T for place in range(2 * T)],
        [98 * T + place for place in range(2 * T)],
        [ASKS - place for place in range(2 * T)],
    )
    for row, (name, numbers) in enumerate(zip(text["rows"], rows, strict=True)):
        axes.text(-0.65, -row, name, ha="right", va="center", fontsize=10)
        for place, number in enumerate(numbers):
            x = place + (0.4 if place >= T else 0)
            future = place > ASKS
            clash = row == 0 and numbers.count(number) > 1 and not future
            color = PALETTE[1] if clash and number == ASKS % T else "black"
            axes.add_patch(
                Rectangle(
                    (x - 0.45, -row - 0.38), 0.9, 0.76, facecolor="none", edgecolor=color,
                    linewidth=2.2 if color != "black" or place == ASKS else 0.8,
                    linestyle=":" if future else "-",
                )
            )  # fmt: skip
            shown = "" if future else f"{number}"
            axes.text(x, -row, shown, ha="center", va="center", fontsize=10, color=color)
    for n, name in enumerate(text["parts"]):
        axes.text(n * (T + 0.4) + 1.5, 0.75, name, ha="center", fontsize=10)
    axes.set_xlim(-3.9, 2 * T + 0.2)
    axes.set_ylim(-2.6, 1.1)
    axes.set_axis_off()
    return figure
