"""Time and memory of attention against length, seven ways."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

WAYS = ["written", "fused", "longformer_global", "reformer", "reformer4", "xl"]
TEXT = {
    "zh": ("长度", "CPU 时间（融合内核在 256 时是 1）", "峰值内存，MB",
           ("写开", "融合内核", "Longformer", "Reformer，1 轮", "Reformer，4 轮",
            "Transformer-XL")),
    "en": ("length", "CPU time (fused at 256 is 1)", "peak memory, MB",
           ("written out", "fused kernel", "Longformer", "Reformer, 1 round", "Reformer, 4 rounds",
            "Transformer-XL")),
}  # fmt: skip


def draw(lang: str) -> Figure:
    across, *titles, names = TEXT[lang]
    numbers = results.read("long_context_cost")["numbers"]
    lengths = numbers["lengths"]
    figure, panels = new_figure(5.8, 3.7, ncols=2, lang=lang)
    for axes, title, key in zip(panels, titles, ("time", "mb"), strict=True):
        for k, (way, name) in enumerate(zip(WAYS, names, strict=True)):
            from_ = 2 if key == "mb" else 0  # below, pages of memory are all that is seen
            axes.plot(
                lengths[from_:], numbers[way][key][from_:], color=PALETTE[k],
                linestyle=LINESTYLES[k], marker=MARKERS[k], markersize=4, linewidth=1.2, label=name,
            )  # fmt: skip
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.set_xticks([256, 1024, 4096, 16384], ["256", "1024", "4096", "16384"])
        axes.minorticks_off()
        axes.tick_params(labelsize=9)
        axes.set_xlabel(across, fontsize=9)
        axes.set_title(title, fontsize=10)
        axes.grid(visible=True)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=9)
    return figure
