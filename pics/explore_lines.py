"""How many lines help, ? and ?? show of a function, a class and a builtin (results file)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    found = results.read("explore")["numbers"]["lines"]
    tools = {"help": ("help", ""), "question": ("?", "///"), "source": ("??", "...")}
    figure, axes = new_figure(5.6, 2.0, lang=lang)
    for k, (tool, (label, hatch)) in enumerate(tools.items()):
        places = [4 * row + k for row in range(len(found))]
        widths = [one[tool] for one in found.values()]
        axes.barh(
            places,
            widths,
            color=PALETTE[k],
            alpha=0.6,
            hatch=hatch,
            edgecolor="black",
            linewidth=0.8,
            label=label,
        )
        for place, width in zip(places, widths, strict=True):
            axes.text(width * 1.1, place, width, va="center", fontsize=9)
    axes.set_yticks([1, 5, 9], [one["name"] for one in found.values()], fontsize=9.5)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(3, 3000)
    axes.set_xticks([10, 100, 1000], ["10", "100", "1000"])
    axes.minorticks_off()
    axes.set_xlabel("显示几行" if zh else "lines shown")
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="lower right", fontsize=9.5)
    return figure
