"""The six orders of three tokens: who is read when each is asked for, and the product."""

from itertools import permutations

from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch

from wode.plotting import PALETTE, new_figure

TEXT = {"zh": "第 {} 个", "en": "turn {}"}


def given(order: tuple[int, ...], turn: int) -> str:
    """p(x_z | those before it), in mathtext."""
    before = ", ".join(f"x_{place + 1}" for place in sorted(order[:turn]))
    return f"p(x_{order[turn] + 1}" + (rf" \mid {before})" if before else ")")


def draw(lang: str) -> Figure:
    figure, panels = new_figure(5.6, 3.5, nrows=3, ncols=2, lang=lang)
    for axes, order in zip(panels.flat, permutations(range(3)), strict=True):
        for turn, place in enumerate(order):
            axes.add_patch(Circle((place, 0), 0.16, facecolor="white", edgecolor="black", zorder=3))
            axes.text(place, 0, f"$x_{place + 1}$", ha="center", va="center", fontsize=11, zorder=4)
            axes.text(
                place, -0.36, TEXT[lang].format(turn + 1), ha="center", va="center", fontsize=9
            )
            for earlier in order[:turn]:
                right = earlier < place
                bend = (-0.5 if right else 0.5) / abs(place - earlier)
                axes.add_patch(
                    FancyArrowPatch(
                        (earlier, 0.17), (place, 0.17), color=PALETTE[0 if right else 1],
                        linestyle="-" if right else "--", arrowstyle="-|>", mutation_scale=9,
                        connectionstyle=f"arc3,rad={bend}", shrinkA=0, shrinkB=0, linewidth=1.2,
                    )
                )  # fmt: skip
        product = r"\,".join(given(order, turn) for turn in range(3))
        axes.text(1, -0.75, f"${product}$", ha="center", va="center", fontsize=10)
        axes.set_xlim(-0.6, 2.6)
        axes.set_ylim(-1.0, 0.75)
        axes.set_axis_off()
    return figure
