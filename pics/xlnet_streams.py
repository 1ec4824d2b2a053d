"""One layer for one place: what its content reads, and what its query does."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from wode.plotting import PALETTE, new_figure

WORDS = ["she", "saw", "new", "york", "yesterday"]
SEEN = {"she", "new", "yesterday"}  # before york in the order: yesterday new she york saw
TEXT = {
    "zh": ("内容流", "查询流", "york 的内容，更新后", "第 4 处的查询，更新后", "w，在第 4 处问"),
    "en": ("content stream", "query stream", "york's content, updated",
           "the query of place 4, updated", "w, asking at place 4"),
}  # fmt: skip


def box(axes: Axes, x: float, y: float, width: float, text: str, fill: str, new: bool) -> None:
    axes.add_patch(
        Rectangle(
            (x - width / 2, y), width, 0.6, facecolor=fill, linewidth=1.2,
            edgecolor=PALETTE[1] if new else "black", linestyle="--" if new else "-",
        )
    )  # fmt: skip
    axes.text(x, y + 0.3, text, ha="center", va="center", fontsize=9)


def arrow(axes: Axes, x: float, to: float, end: float, color: str, dashed: bool = False) -> None:
    axes.add_patch(
        FancyArrowPatch(
            (x, 0.62), (to, end), color=color, arrowstyle="-|>", mutation_scale=9, shrinkA=0,
            shrinkB=0, linewidth=1.2, linestyle="--" if dashed else "-",
        )
    )  # fmt: skip


def draw(lang: str) -> Figure:
    left, right, content, query, start = TEXT[lang]
    figure, panels = new_figure(5.6, 3.5, nrows=2, lang=lang)
    for axes, title, top, is_query in (
        (panels[0], left, content, False),
        (panels[1], right, query, True),
    ):
        axes.set_title(title, fontsize=11)
        for n, word in enumerate(WORDS):
            seen = word in SEEN or (word == "york" and not is_query)
            box(axes, 1.25 * n, 0.0, 1.18, word, "white" if seen else "#d9d9d9", new=False)
            if seen:
                arrow(axes, 1.25 * n, 3.75 + 0.12 * (n - 3), 1.78, PALETTE[0])
        if is_query:
            box(axes, 7.35, 0.0, 2.9, start, "white", new=True)
            arrow(axes, 6.8, 4.75, 1.78, PALETTE[1], dashed=True)
        box(axes, 3.75, 1.8, 3.9, top, "white", new=is_query)
        axes.set_xlim(-0.7, 8.9)
        axes.set_ylim(-0.1, 2.5)
        axes.set_axis_off()
    return figure
