"""Accuracy on the topics to choose on, by rate and number of epochs; a dot a fold."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

LABELS = {"zh": "{} 轮", "en": "{} epochs"}


def draw(lang: str) -> Figure:
    tried = results.read("finetuning")["numbers"]["tried"]
    figure, axes = new_figure(5.6, 2.8, lang=lang)
    for k, epochs in enumerate(sorted({row["epochs"] for row in tried})):
        rows = [row for row in tried if row["epochs"] == epochs]
        style = {"color": PALETTE[k], "marker": MARKERS[k]}
        label = LABELS[lang].format(epochs)
        places = [row["lr"] for row in rows]
        axes.plot(places, [r["mean"] for r in rows], LINESTYLES[k], label=label, **style)
        for row in rows:
            each = row["each"]
            axes.plot([row["lr"]] * len(each), each, linestyle="", alpha=0.4, **style)
    axes.set_xscale("log")
    axes.set_xticks([5e-5, 2e-4], ["5e-5", "2e-4"])
    axes.minorticks_off()
    axes.axhline(0.5, color="grey", linewidth=1, linestyle=":")
    axes.set_xlabel("学习率" if lang == "zh" else "learning rate")
    axes.set_ylabel("验证部分，答对" if lang == "zh" else "validation, right")
    axes.legend(fontsize=9)
    return figure
