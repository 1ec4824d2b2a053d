"""Who sees whom: what one output of an RNN, of a CNN and of attention is computed from."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle

from wode.plotting import PALETTE, new_figure

TITLES = {
    "zh": ("RNN：上一个输出", "CNN：左右邻居", "注意力：两个矩阵"),
    "en": ("RNN: the last output", "CNN: the neighbours", "attention: two matrices"),
}
FORMULAS = (
    r"$\boldsymbol{y}_t = f(\boldsymbol{y}_{t-1},\, \boldsymbol{x}_t)$",
    r"$\boldsymbol{y}_t = f(\boldsymbol{x}_{t-1},\, \boldsymbol{x}_t,\, \boldsymbol{x}_{t+1})$",
    r"$\boldsymbol{y}_t = f(\boldsymbol{x}_t,\, \boldsymbol{A},\, \boldsymbol{B})$",
)
PLACES = ("t-1", "t", "t+1")


def draw(lang: str) -> Figure:
    figure, panels = new_figure(6.4, 3.0, ncols=3, lang=lang)
    for k, axes in enumerate(panels):
        axes.set_axis_off()
        axes.set_aspect("equal")
        axes.set_xlim(-0.7, 4.7)
        axes.set_ylim(-1.3, 4.0)
        axes.set_title(f"{TITLES[lang][k]}\n{FORMULAS[k]}", fontsize=12, linespacing=1.5)

        def node(x: float, y: float, text: str, colour: int, seen: bool, axes: Axes = axes) -> None:
            axes.add_patch(
                Circle(
                    (x, y),
                    0.66,
                    facecolor="none",
                    edgecolor=PALETTE[colour],
                    linewidth=2.0 if seen else 1.0,
                    linestyle="-" if seen else ":",
                )
            )
            axes.text(x, y, f"${text}$", ha="center", va="center", fontsize=11)

        def arrow(start: tuple[float, float], end: tuple[float, float], axes: Axes = axes) -> None:
            axes.add_patch(
                FancyArrowPatch(
                    start, end, arrowstyle="-|>", mutation_scale=12, color="black", linewidth=1.4
                )
            )

        y_row = 3.2
        if k < 2:
            for place, name in enumerate(PLACES):
                x = 0.3 + 1.7 * place
                seen = place == 1 or k == 1
                node(x, 0.4, f"\\boldsymbol{{x}}_{{{name}}}", 0, seen)
                node(
                    x,
                    y_row,
                    f"\\boldsymbol{{y}}_{{{name}}}",
                    1,
                    place == 1 or (k == 0 and place == 0),
                )
            if k == 0:
                arrow((0.96, y_row), (1.36, y_row))
                arrow((2.0, 1.08), (2.0, y_row - 0.66))
            else:
                for place in range(3):
                    arrow((0.3 + 1.7 * place, 1.1), (2.0 + 0.35 * (place - 1), y_row - 0.62))
        else:
            node(0.3, 0.4, r"\boldsymbol{x}_t", 0, True)
            node(2.0, y_row, r"\boldsymbol{y}_t", 1, True)
            arrow((0.66, 0.99), (1.65, y_row - 0.56))
            for left, name, colour in ((1.75, "A", 2), (3.35, "B", 3)):
                for row in range(4):
                    axes.add_patch(
                        Rectangle(
                            (left, -0.5 + 0.45 * row),
                            1.2,
                            0.45,
                            facecolor="none",
                            edgecolor=PALETTE[colour],
                            linewidth=1.6,
                        )
                    )
                axes.text(
                    left + 0.6,
                    -1.05,
                    f"$\\boldsymbol{{{name}}}$",
                    ha="center",
                    va="center",
                    fontsize=11,
                )
                arrow((left + 0.6, 1.4), (2.05 + 0.3 * (colour - 2), y_row - 0.66))
    return figure
