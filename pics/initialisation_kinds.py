"""The signal by depth in three networks: plain, with batch normalization, residual."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

NAMES = {"he": "He", "xavier": "Xavier", "default": "nn.Linear", "small": "σ = 0.01"}
TEXT = {
    "zh": {
        "plain": "什么也不加",
        "batch_norm": "加批量归一化",
        "residual": "加残差连接",
        "x": "层",
        "y": "信号的大小",
    },
    "en": {
        "plain": "plain",
        "batch_norm": "batch norm",
        "residual": "residual",
        "x": "layer",
        "y": "size of the signal",
    },
}


def draw(lang: str) -> Figure:
    numbers, text = results.read("initialisation")["numbers"], TEXT[lang]
    layers = list(range(1, numbers["depth"] + 1))
    figure, grid = new_figure(5.6, 2.5, ncols=3, lang=lang, sharey=True)
    for axes, (kind, by_name) in zip(grid, numbers["signal"].items(), strict=True):
        for index, (name, label) in enumerate(NAMES.items()):
            axes.plot(
                layers, by_name[name]["size"], ls=LINESTYLES[index], marker=MARKERS[index],
                markevery=4, ms=4, color=PALETTE[index], label=label,
            )  # fmt: skip
        axes.set(yscale="log", ylim=(1e-6, 1e6), xticks=[1, 10, 20], xlabel=text["x"])
        axes.set_title(text[kind], fontsize=10)
    grid[0].set_ylabel(text["y"])
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=4)
    return figure
