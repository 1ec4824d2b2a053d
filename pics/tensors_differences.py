"""Error of finite differences against the step size, in float32 and float64 (results file)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    numbers = results.read("tensors_differences")["numbers"]
    steps = numbers["step_sizes"]
    labels = {
        "forward": "前向差分" if zh else "forward",
        "central": "中心差分" if zh else "central",
    }
    figure, panels = new_figure(5.6, 3.6, ncols=2, sharey=True, lang=lang)
    for axes, dtype in zip(panels, ("float32", "float64"), strict=True):
        measured = numbers[dtype]
        for k, name in enumerate(labels):
            curve = measured[name]
            axes.loglog(
                steps,
                curve["errors"],
                LINESTYLES[k],
                marker=MARKERS[k],
                markersize=3.5,
                color=PALETTE[k],
                label=labels[name],
            )
            axes.plot(
                curve["best_step"],
                curve["best_error"],
                marker=MARKERS[k],
                markersize=10,
                markerfacecolor="none",
                markeredgecolor=PALETTE[k],
                linestyle="none",
            )
        axes.axhline(
            measured["autograd_max"],
            color="black",
            linestyle=":",
            linewidth=1.3,
            label="自动微分（最坏的点）" if zh else "autograd (worst point)",
        )
        axes.set_title(dtype)
        axes.set_xlabel("步长 h" if zh else "step size h")
        axes.set_xticks([1e-15, 1e-10, 1e-5, 1])
        axes.grid(visible=True)
    panels[0].set_ylabel("误差的中位数" if zh else "median error")
    panels[0].set_ylim(1e-16, 30)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
