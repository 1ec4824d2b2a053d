"""How deep a network has to be before its first weights matter."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {"zh": ("层数", "10 轮后的测试准确率"), "en": ("layers", "test accuracy, 10 epochs")}


def draw(lang: str) -> Figure:
    numbers, (x, y) = results.read("initialisation")["numbers"], TEXT[lang]
    figure, axes = new_figure(5.6, 2.2, lang=lang)
    for index, (name, label) in enumerate({"he": "He", "default": "nn.Linear"}.items()):
        values = {depth: rates["best"] for depth, rates in numbers["depths"][name].items()}
        axes.plot(
            [int(depth) for depth in values], list(values.values()), ls=LINESTYLES[index],
            marker=MARKERS[2 * index], color=PALETTE[2 * index], label=label,
        )  # fmt: skip
    axes.axhline(0.1, color="0.5", lw=0.8, ls=":")
    axes.set(xlabel=x, ylabel=y, ylim=(0, 1.03), xticks=[1, 2, 5, 10, 20])
    axes.legend(loc="lower left")
    axes.grid(True, axis="y")
    return figure
