"""A request joins and one leaves: rows padded on the left, columns that nobody needs given back."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("第 4 个加入", "走一步", "第 1 个离开", "填充"),
    "en": ("4 joins", "one step", "1 leaves", "padding"),
}
JOINED = {1: 7, 2: 3, 3: 5, 4: 4}  # request: its tokens


def draw(lang: str) -> Figure:
    *titles, padding = TEXT[lang]
    figure, panels = new_figure(5.6, 1.9, ncols=3, lang=lang)
    stepped = {number: tokens + 1 for number, tokens in JOINED.items()}
    left = {number: tokens for number, tokens in stepped.items() if number != 1}
    for axes, rows, title in zip(panels, (JOINED, stepped, left), titles, strict=True):
        table(axes, rows, new=rows is stepped)
        axes.set_title(title, fontsize=10)
    panels[0].text(1.9, -1.5, padding, ha="center", va="center", fontsize=9)
    return figure


def table(axes: Axes, rows: dict[int, int], new: bool) -> None:
    width = max(rows.values())
    for place, (number, tokens) in enumerate(rows.items()):
        for column in range(width):
            real = column >= width - tokens
            last = new and column == width - 1
            axes.add_patch(
                Rectangle(
                    (column, -place - 0.9), 0.9, 0.8, edgecolor="black" if real else "0.6",
                    facecolor=PALETTE[number - 1] if real else "none",
                    alpha=1.0 if last else 0.5, linewidth=1.6 if last else 0.6,
                )
            )  # fmt: skip
        axes.text(-0.3, -place - 0.5, str(number), ha="right", va="center", fontsize=9)
    axes.set_xlim(-1.2, 8.2)
    axes.set_ylim(-4.1, 0.1)
    axes.axis("off")
