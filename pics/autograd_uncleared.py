"""Descent with gradients cleared and with gradients that add up: loss by step, two rates."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    line = results.read("autograd")["numbers"]["line"]
    labels = {"cleared": "清零" if zh else "cleared", "kept": "没清零" if zh else "not cleared"}
    figure, panels = new_figure(5.6, 2.2, ncols=2, sharey=True, lang=lang)
    for axes, rate in zip(panels, ("0.1", "0.001"), strict=True):
        for k, kind in enumerate(labels):
            style = ("-", "--")[k]
            losses = line[kind][rate]["losses"]
            axes.semilogy(losses, style, color=PALETTE[k], label=labels[kind])
        axes.set_title(f"lr = {rate}")
        axes.set_xlabel("步" if zh else "step")
    panels[0].set_yticks([1, 10, 100], ["1", "10", "100"])
    panels[0].set_ylabel("损失" if zh else "loss")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
