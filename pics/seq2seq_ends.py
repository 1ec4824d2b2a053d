"""Which places of a text of 20 tokens are hidden: by T5's own program, and by spans anywhere."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("T5 自己的程序", "片段放在任何地方", "20 个词元中的第几个", "被藏的概率"),
    "en": ("T5's own program", "spans anywhere", "which of 20 tokens", "how often hidden"),
}


def draw(lang: str) -> Figure:
    theirs, ours, across, up = TEXT[lang]
    hidden = results.read("seq2seq_pretraining")["numbers"]["hidden"]
    figure, axes = new_figure(5.6, 2.2, lang=lang)
    places = range(1, 21)
    axes.bar(places, hidden["t5"], color=PALETTE[1], alpha=0.5, label=theirs, hatch="//")
    axes.bar(places, hidden["anywhere"], color=PALETTE[0], width=0.5, label=ours)
    axes.set_xticks([1, 5, 10, 15, 20])
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.legend(loc="upper left", fontsize=9)
    return figure
