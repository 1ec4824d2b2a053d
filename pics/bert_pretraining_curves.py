"""Loss on hidden tokens of held-out sentences while a small BERT learns, three ways."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, PALETTE, new_figure

WORDS = {
    "zh": {
        "bert": "看两边",
        "left_only": "只看左边",
        "bag_of_words": "只看有哪些词",
        "unigram": "只知道词频",
        "x": "训练步数",
        "y": "没见过的句子上的损失",
    },
    "en": {
        "bert": "both sides",
        "left_only": "left side only",
        "bag_of_words": "bag of words",
        "unigram": "word frequencies",
        "x": "training steps",
        "y": "loss on held-out sentences",
    },
}


def draw(lang: str) -> Figure:
    numbers, words = results.read("bert_pretraining")["numbers"], WORDS[lang]
    figure, axes = new_figure(6.4, 3.2, lang=lang)
    for n, way in enumerate(("bag_of_words", "left_only", "bert")):
        for curve in numbers["curves"][way]:
            axes.plot(numbers["steps"], curve, color=PALETTE[n], linestyle=LINESTYLES[n])
        end = sum(curve[-1] for curve in numbers["curves"][way]) / len(numbers["curves"][way])
        axes.annotate(
            words[way], (numbers["steps"][-1], end), (6, 0),
            textcoords="offset points", va="center", color=PALETTE[n],
        )  # fmt: skip
    axes.axhline(numbers["unigram"], color="#606060", linewidth=1, linestyle=":")
    axes.annotate(
        words["unigram"], (numbers["steps"][-1], numbers["unigram"]), (6, 3),
        textcoords="offset points", va="bottom", color="#606060",
    )  # fmt: skip
    axes.set_xlabel(words["x"])
    axes.set_ylabel(words["y"])
    axes.set_xlim(0, 1.3 * numbers["steps"][-1])
    axes.set_xticks(range(0, numbers["steps"][-1] + 1, 500))
    return figure
