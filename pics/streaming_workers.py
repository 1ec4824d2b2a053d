"""Two workers on one file: both read all of it; each reads the lines that begin in its half."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

LENGTHS = [3, 5, 6, 4, 2, 4]  # bytes of the lines, drawn to scale
TEXT = {
    "zh": ("都从头读到尾：每行两次", "各读开头在自己一半里的行：每行一次", "进程"),
    "en": ("both read all: each line twice", "each the lines that begin in its half", "worker"),
}


def strip(axes: Axes, y: float, owner: list[int | None]) -> None:
    """The lines of the file, those coloured that a worker reads."""
    x = 0
    for k, length in enumerate(LENGTHS):
        mine = owner[k]
        colour = "#888888" if mine is None else PALETTE[mine]
        axes.add_patch(
            Rectangle(
                (x, y),
                length - 0.12,
                0.8,
                fc=(colour, 0.0 if mine is None else 0.3),
                ec=colour,
                lw=1.2,
                hatch=("//", "..")[mine] if mine is not None else None,
            )
        )
        axes.text(x + length / 2, y + 0.38, str(k), ha="center", va="center", fontsize=10)
        x += length


def draw(lang: str) -> Figure:
    naive, shared, worker = TEXT[lang]
    figure, axes = new_figure(5.6, 2.4, lang=lang)
    total, half = sum(LENGTHS), sum(LENGTHS) / 2
    axes.text(0, 6.6, naive, fontsize=10.5, va="center")
    axes.text(0, 2.6, shared, fontsize=10.5, va="center")
    begins = [sum(LENGTHS[:k]) for k in range(len(LENGTHS))]
    for w in (0, 1):
        strip(axes, 5.3 - 1.1 * w, [w] * len(LENGTHS))
        mine = [w if (begin >= half) == bool(w) else None for begin in begins]
        strip(axes, 1.3 - 1.1 * w, mine)
        for y in (5.3, 1.3):
            axes.text(
                -0.4, y - 1.1 * w + 0.4, f"{worker} {w}", ha="right", va="center", fontsize=10
            )
    axes.plot([half, half], [0, 2.25], "--", color="black", linewidth=1.2)
    axes.set(xlim=(-4.2, total + 0.3), ylim=(-0.1, 7.1))
    axes.axis("off")
    return figure
