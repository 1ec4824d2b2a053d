"""Who still finds the name, by how far back it stands: a row for each system, every seed."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

WAYS = ["full", "window", "global_ask", "global_cls", "xl16", "xl16_through",
        "xl48", "reformer1", "reformer4"]  # fmt: skip
TEXT = {
    "zh": ("名字在末尾之前多远", ("完整的注意力", "窗口", "窗口，问号全局", "窗口，[CLS] 全局",
           "XL，记忆 16", "同上，梯度传进记忆", "XL，记忆 48", "Reformer，1 轮",
           "Reformer，4 轮")),
    "en": ("how far before the end the name stands", ("full attention", "window",
           "window, ? global", "window, [CLS] global", "XL, memory 16",
           "same, gradient let through", "XL, memory 48", "Reformer, 1 round",
           "Reformer, 4 rounds")),
}  # fmt: skip


def draw(lang: str) -> Figure:
    across, names = TEXT[lang]
    numbers = results.read("long_context")["numbers"]
    distances = numbers["distances"]
    figure, panels = new_figure(5.6, 4.0, nrows=3, ncols=3, lang=lang, sharex=True, sharey=True)
    for axes, way, name in zip(panels.flat, WAYS, names, strict=True):
        row = numbers["ways"][way]
        limit = numbers["reach"].get(way.removesuffix("_through"))
        if limit is not None and limit < distances[-1]:
            axes.axvline(limit + 0.5, color="black", linestyle=":", linewidth=1)
        axes.axhline(1 / 8, color="grey", linewidth=0.8, linestyle="--")
        for seeds in row["seeds"]:
            axes.plot(distances, seeds, color=PALETTE[0], linewidth=0.7, alpha=0.5)
        axes.plot(distances, row["mean"], color=PALETTE[0], linewidth=1.6)
        axes.set_title(name, fontsize=9, pad=2)
        axes.set_ylim(0, 1.05)
        axes.set_yticks([0, 0.5, 1], ["0", ".5", "1"])
        axes.tick_params(labelsize=9)
        axes.grid(visible=True)
    figure.supxlabel(across, fontsize=9)
    return figure
