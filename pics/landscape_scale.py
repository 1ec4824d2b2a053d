"""One function, three sets of weights: its lines along raw and along normalised directions."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "raw": "未归一的随机方向",
        "filters": "按滤波器归一",
        "loss": "损失",
        "as_trained": "训练所得",
        "layer": "整层 ×10 与 ÷10",
        "neurons": "每个神经元各乘各的",
    },
    "en": {
        "raw": "raw random directions",
        "filters": "normalised by filters",
        "loss": "loss",
        "as_trained": "as trained",
        "layer": "layer ×10, next ÷10",
        "neurons": "each neuron its own factor",
    },
}


def draw(lang: str) -> Figure:
    numbers, text = results.read("loss_landscape")["numbers"]["same_function"], TEXT[lang]
    steps = [-1 + 0.25 * k for k in range(9)]
    figure, panels = new_figure(5.6, 3.1, ncols=2, lang=lang, sharey=True)
    for axes, kind in zip(panels, ("raw", "filters"), strict=True):
        for k, name in enumerate(("as_trained", "layer", "neurons")):
            for seed, losses in enumerate(numbers[f"{kind}_{name}"]["lines"]):
                style = {"color": PALETTE[k], "linestyle": LINESTYLES[k], "linewidth": 1.4}
                label = text[name] if seed == 0 and kind == "raw" else None
                axes.plot(steps, losses, MARKERS[k], markersize=3, label=label, **style)
        axes.set(title=text[kind], xlabel="a", ylim=(0, 3), xticks=[-1, 0, 1])
        axes.grid(visible=True)
    panels[0].set_ylabel(text["loss"])
    figure.legend(
        loc="outside lower center", ncols=3, fontsize=9, columnspacing=1.0, handlelength=2.2
    )
    return figure
