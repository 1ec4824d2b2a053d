"""Accuracy on the topics to choose on, by epoch; a line a rate, a pale mark a split."""

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    tried = results.read("finetuning")["numbers"]["chosen"]["tried"]
    figure, axes = new_figure(5.6, 2.4, lang=lang)
    for k, row in enumerate(tried):
        style = {"color": PALETTE[k], "marker": MARKERS[k]}
        epochs = range(1, len(row["mean"]) + 1)
        axes.plot(epochs, row["mean"], LINESTYLES[k], label=f"{row['lr']:.0e}", **style)
        for each in row["each"]:
            axes.plot(epochs, each, linestyle="", alpha=0.4, **style)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.axhline(0.5, color="grey", linewidth=1, linestyle=":")
    axes.set_xlabel("轮" if lang == "zh" else "epochs")
    axes.set_ylabel("验证部分，答对" if lang == "zh" else "validation, right")
    axes.legend(fontsize=9, title="学习率" if lang == "zh" else "rate", title_fontsize=9)
    return figure
