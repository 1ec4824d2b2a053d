"""What the small BERT gives the gap of one sentence, with two different last words."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

SENTENCE = "She [MASK] not buy\na new book {}."
WORDS = {"zh": "给空里这个词的概率", "en": "probability of the word for the gap"}


def draw(lang: str) -> Figure:
    numbers = results.read("bert_pretraining")["numbers"]
    figure, panels = new_figure(5.6, 2.3, lang=lang, ncols=2)
    for n, (axes, when) in enumerate(zip(panels, ("yesterday", "tomorrow"), strict=True)):
        gaps = [run[n] for run in numbers["gap"]]
        for y, word in enumerate(gaps[0]):
            values = [gap[word] for gap in gaps]
            axes.barh(y, sum(values) / len(values), 0.65, color=PALETTE[0], alpha=0.4)
            axes.plot(values, [y] * len(values), MARKERS[0], color=PALETTE[0], markersize=4)
        axes.set_yticks(range(len(gaps[0])), list(gaps[0]))
        axes.set_ylim(len(gaps[0]) - 0.5, -0.5)
        axes.set_xlim(0, 1.02)
        axes.set_xticks([0, 0.5, 1])
        axes.set_title(SENTENCE.format(when), fontsize=9.5)
    figure.supxlabel(WORDS[lang], fontsize=9.5)
    return figure
