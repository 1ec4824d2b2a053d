"""Errors of the nudged slope by the size of the nudge: one side, two sides, three precisions."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    numbers = results.read("autograd")["numbers"]
    titles = (
        {"one": "只挪一边", "two": "两边都挪"} if zh else {"one": "one side", "two": "two sides"}
    )
    labels = {
        "float32": "float32",
        "float64": "float64",
        "digits50": "50 位十进制" if zh else "50 decimal digits",
    }
    figure, panels = new_figure(5.6, 3.0, ncols=2, sharey=True, lang=lang)
    for axes, (side, title) in zip(panels, titles.items(), strict=True):
        for k, (kind, label) in enumerate(labels.items()):
            axes.loglog(
                numbers["steps"],
                numbers[kind][side]["errors"],
                linestyle=LINESTYLES[k],
                marker=MARKERS[k],
                markersize=3.5,
                color=PALETTE[k],
                label=label,
            )
        for k, kind in enumerate(("float32", "float64")):
            error = numbers[kind]["backward"]
            axes.axhline(error, color=PALETTE[k], linestyle=":", linewidth=1.2)
            x, ha = ((1e-15, "left"), (1.3, "right"))[k]
            axes.text(x, error * 1.7, "backward", ha=ha, fontsize=9, color=PALETTE[k])
        axes.set_title(title)
        axes.set_xlabel("挪多少 h" if zh else "size of the nudge, h")
        axes.set_xticks([1e-15, 1e-10, 1e-5, 1])
        axes.grid(visible=True)
    panels[0].set_ylabel("误差的中位数" if zh else "median error")
    panels[0].set_ylim(1e-18, 30)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
