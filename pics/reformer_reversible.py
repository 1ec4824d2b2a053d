"""Two streams, forward and back; what a training step keeps, by the number of layers."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("向前", "往回", "层数", "留下的中间结果（MB）",
           ("全留", "可逆", "checkpoint")),
    "en": ("forward", "back", "layers", "kept for the backward pass (MB)",
           ("all kept", "reversible", "checkpoint")),
}  # fmt: skip
BLUE, ORANGE = PALETTE[:2]


def streams(axes: Axes, title: str, names: tuple[str, str, str, str], sign: str) -> None:
    """Forward: f first. Back: g first, then f, and minus."""
    axes.axis("off")
    axes.set_title(title, fontsize=10)
    left, right, after_left, after_right = names
    axes.text(0, -0.35, left, ha="center", va="center", fontsize=11)
    axes.text(2, -0.35, right, ha="center", va="center", fontsize=11)
    axes.text(0, 4.35, after_left, ha="center", va="center", fontsize=11)
    axes.text(2, 4.35, after_right, ha="center", va="center", fontsize=11)

    def arrow(x: float, y: float, u: float, v: float, color: str = "black") -> None:
        axes.add_patch(
            FancyArrowPatch((x, y), (u, v), arrowstyle="-|>", mutation_scale=8,
                            shrinkA=0, shrinkB=0, color=color, linewidth=1.1)
        )  # fmt: skip

    arrow(0, 0, 0, 4)
    arrow(2, 0, 2, 4)
    first, second = (("F", 1.1), ("G", 2.8)) if sign == "+" else (("G", 1.1), ("F", 2.8))
    for name, y in (first, second):
        to_left = name == "F"
        color = BLUE if to_left else ORANGE
        begin, end = (2, 0.12) if to_left else (0, 1.88)
        arrow(begin, y, end, y, color)
        axes.add_patch(
            Rectangle((0.72, y - 0.32), 0.56, 0.64, facecolor="white", edgecolor=color, zorder=3)
        )
        axes.text(1, y, name, ha="center", va="center", fontsize=10, zorder=4)
        at = 0 if to_left else 2
        axes.plot(at, y, "o", markersize=11, color="white", markeredgecolor="black", zorder=5)
        axes.text(at, y, sign, ha="center", va="center", fontsize=10, zorder=6)
    axes.set_xlim(-0.4, 2.4)
    axes.set_ylim(-0.7, 4.7)


def draw(lang: str) -> Figure:
    forward, back, across, up, names = TEXT[lang]
    kept = results.read("reformer")["numbers"]["kept"]
    figure, panels = new_figure(5.6, 2.7, ncols=3, lang=lang, width_ratios=[1, 1, 1.9])
    streams(panels[0], forward, ("$x_1$", "$x_2$", "$y_1$", "$y_2$"), "+")
    streams(panels[1], back, ("$y_1$", "$y_2$", "$x_1$", "$x_2$"), "−")
    axes = panels[2]
    for k, (way, name) in enumerate(
        zip(("stored", "reversible", "checkpoint"), names, strict=True)
    ):
        depths = [int(n) for n in kept[way]]
        axes.plot(
            depths, list(kept[way].values()), color=PALETTE[k], marker=MARKERS[k],
            linestyle=LINESTYLES[k], markersize=4.5, label=name,
        )  # fmt: skip
    axes.set_yscale("log")
    axes.set_xticks(depths)
    axes.set_xlabel(across, fontsize=9)
    axes.set_title(up, fontsize=9)
    axes.grid(visible=True)
    axes.set_ylim(1, 2000)
    axes.legend(fontsize=9, loc="upper left", ncols=2, columnspacing=0.8)
    return figure
