"""The loss on gaps of held-out sentences: frequencies, a bag of words, the left, both sides."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

WORDS = {
    "zh": {
        "ways": ["只知道词频", "词袋", "只看左边", "看两边"],
        "x": "没见过的句子，每个空的损失（奈特）",
    },
    "en": {
        "ways": ["frequencies", "bag of words", "left side", "both sides"],
        "x": "loss a gap on held-out sentences (nats)",
    },
}


def draw(lang: str) -> Figure:
    numbers, words = results.read("bert_pretraining")["numbers"], WORDS[lang]
    figure, axes = new_figure(5.6, 2.1, lang=lang)
    for y, way in enumerate(("unigram", "bag", "left", "both")):
        values, mean = numbers["loss"].get(way, []), numbers["mean"][way]
        axes.barh(y, mean, 0.6, color=PALETTE[0], alpha=0.25)
        axes.plot(values, [y] * len(values), MARKERS[0], color=PALETTE[0], markersize=4)
        axes.text(max([mean, *values]) + 0.08, y, f"{mean:.2f}", va="center", fontsize=9.5)
    axes.set_xlim(0, 1.12 * numbers["mean"]["unigram"])
    axes.set_ylim(3.5, -0.5)
    axes.set_yticks(range(4), words["ways"])
    axes.set_xlabel(words["x"])
    return figure
