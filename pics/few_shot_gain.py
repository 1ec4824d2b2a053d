"""What examples give over the same wording without any (results/few_shot_lab.json)."""

from _few_shot import TASKS, numbers, spread
from matplotlib.figure import Figure

from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("k = {}", "比同一写法不给例子高多少（百分点）", "{}（{:.0f}%）"),
    "en": ("k = {}", "points above the same wording without examples", "{} ({:.0f}%)"),
}


def draw(lang: str) -> Figure:
    (some, x, named), found = TEXT[lang], numbers()
    shots = found["shots"][1:]
    figure, axes = new_figure(5.6, 6.0, lang=lang)
    axes.axvline(0, color="0.5", lw=1)
    names = list(found["gain"])
    for row, name in enumerate(names):
        if row % 2:
            axes.axhspan(row - 0.5, row + 0.5, color="0.5", alpha=0.1, lw=0)
        for style, k in enumerate(shots):
            point, place = found["gain"][name][f"k{k}"], row + 0.27 * (style - 1)
            look = {"color": PALETTE[style], "marker": MARKERS[style], "ls": ""}
            values = point["values"]
            axes.plot(values, spread(place, len(values), 0.2), ms=3, alpha=0.5, mew=0, **look)
            label = "" if row else some.format(k)
            axes.plot(point["mean"], place, ms=7, mfc="none", mew=1.4, label=label, **look)
    zero = [100 * found["choice"][name]["test"] for name in names]
    ticks = [named.format(TASKS[lang][name], at) for name, at in zip(names, zero, strict=True)]
    axes.set_yticks(range(len(names)), ticks, fontsize=9)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(x)
    axes.grid(visible=True, axis="x")
    axes.legend(loc="upper center", bbox_to_anchor=(0.4, 1.08), ncols=3, fontsize=9)
    return figure
