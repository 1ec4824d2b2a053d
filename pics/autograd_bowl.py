"""The loss of a line by its slope w: a bowl, the tangent at w = 2, and the nudge beside it."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

START = 2.0


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    mean = results.read("autograd")["numbers"]["line"]["means"]

    def loss(w: float, b: float = 8) -> float:
        return (
            w * w * mean["xx"]
            + b * b
            + mean["yy"]
            + 2 * (w * b * mean["x"] - w * mean["xy"] - b * mean["y"])
        )

    slope = 2 * (START * mean["xx"] + 8 * mean["x"] - mean["xy"])
    figure, panels = new_figure(5.6, 2.6, ncols=2, lang=lang)
    for axes, h, left, right in zip(panels, (1.5, 0.15), (0, 1.85), (9, 2.3), strict=True):
        ws = [left + (right - left) * k / 100 for k in range(101)]
        axes.plot(ws, [loss(w) for w in ws], color=PALETTE[0], label="L(w)")
        here, there = loss(START), loss(START + h)
        reach = [START - h, START + 2.2 * h]
        nudged = (there - here) / h
        axes.plot(
            reach,
            [here + slope * (w - START) for w in reach],
            "--",
            color=PALETTE[1],
            label=f"backward: {slope:.1f}",
        )
        axes.plot(
            reach,
            [here + nudged * (w - START) for w in reach],
            ":",
            color="black",
            linewidth=2,
            label="挪 h" if zh else "nudge by h",
        )
        axes.plot([START], [here], "o", color="black", markersize=7)
        axes.plot([START + h], [there], "s", color="black", markersize=6)
        axes.set_title(
            f"h = {h:g}：坡度 {nudged:.1f}" if zh else f"h = {h:g}: slope {nudged:.1f}", fontsize=10
        )
        axes.set_xlabel("w")
        axes.set_xlim(left, right)
    panels[0].set_ylim(-8, 70)
    panels[1].set_ylim(loss(2.3) - 0.5, loss(1.85) + 0.5)
    panels[0].set_ylabel("损失 L" if zh else "loss L")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
