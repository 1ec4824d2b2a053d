"""One layer of BERT, post-norm: two halves, each a residual, a sum and a layer norm at its end."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("前一半：看别的词元", "后一半：每个词元各算各的", "残差", "自注意力", "层归一化"),
    "en": (
        "first half: look at the other tokens",
        "second half: each token by itself",
        "residual",
        "self-attention",
        "layer norm",
    ),
}
SUM, NORM, END = 7.15, 7.9, 10.65


def box(axes: Axes, left: float, right: float, y: float, text: str, colour: str) -> None:
    style = "round,pad=0,rounding_size=0.1"
    place = (left, y - 0.42)
    axes.add_patch(
        FancyBboxPatch(
            place, right - left, 0.84, boxstyle=style, facecolor="none", edgecolor=colour, lw=1.5
        )
    )
    axes.text((left + right) / 2, y - 0.02, text, ha="center", va="center", fontsize=10)


def arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str = "black"
) -> None:
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=9,
            color=colour,
            lw=1.5 if colour != "black" else 0.9,
            shrinkA=0,
            shrinkB=0,
        )
    )


def half(
    axes: Axes,
    y: float,
    boxes: list[tuple[float, float, str]],
    shapes: dict[float, str],
    ends: tuple[str, str],
    words: tuple[str, str, str],
) -> None:
    """One row: a vector in, what is computed from it, the sum with it, the norm, a vector out."""
    title, residual, norm = words
    axes.text(-0.1, y + 1.4, title, ha="left", va="center", fontsize=10)
    edges = [0.75]
    for left, right, text in boxes:
        box(axes, left, right, y, text, PALETTE[0])
        edges += [left, right]
    box(axes, NORM, NORM + 2.0, y, norm, PALETTE[2])
    edges += [SUM - 0.22, SUM + 0.22, NORM, NORM + 2.0, END - 0.25]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        arrow(axes, (start, y), (end, y))
    for place, text in zip((0.45, END), ends, strict=True):
        axes.text(place, y - 0.03, text, ha="center", va="center", fontsize=13)
    for place, text in ({0.45: "$(N, E)$", END: "$(N, E)$"} | shapes).items():
        axes.text(place, y - 0.75, text, ha="center", va="center", fontsize=10)
    axes.plot(SUM, y, "o", markersize=14, mfc="none", mec="black", mew=0.9)
    axes.text(SUM, y - 0.02, "+", ha="center", va="center", fontsize=12)
    axes.plot([0.45, 0.45, SUM], [y + 0.3, y + 0.85, y + 0.85], color=PALETTE[1], lw=1.5, ls="--")
    arrow(axes, (SUM, y + 0.85), (SUM, y + 0.24), PALETTE[1])
    axes.text(SUM + 0.25, y + 0.85, residual, va="center", fontsize=10, color=PALETTE[1])


def draw(lang: str) -> Figure:
    first, second, residual, look, norm = TEXT[lang]
    figure, axes = new_figure(5.6, 2.3, lang=lang)
    half(
        axes,
        2.72,
        [(1.4, 4.1, look), (5.4, 6.3, "$W_o$")],
        {4.75: "$h$  $(N, E)$"},
        ("$x$", "$y$"),
        (first, residual, norm),
    )
    half(
        axes,
        0,
        [(1.4, 2.3, "$W_1$"), (3.3, 4.5, "GELU"), (5.4, 6.3, "$W_2$")],
        {2.8: "$(N, 4E)$", 4.95: "$(N, 4E)$"},
        ("$y$", "$z$"),
        (second, residual, norm),
    )
    axes.set_xlim(-0.1, 11.3)
    axes.set_ylim(-1.0, 4.35)
    axes.set_axis_off()
    return figure
