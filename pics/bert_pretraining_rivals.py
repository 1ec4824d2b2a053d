"""The loss on gaps of held-out sentences: frequencies, a bag of words, the left, both sides."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

WORDS = {
    "zh": {
        "ways": ["只知道词频", "词袋", "只看左边", "看两边"],
        "titles": ["小语法", "Tatoeba 英文句子"],
        "x": "没见过的句子，每个空的损失（奈特）",
    },
    "en": {
        "ways": ["frequencies", "bag of words", "left side", "both sides"],
        "titles": ["the small grammar", "sentences of Tatoeba"],
        "x": "loss a gap on held-out sentences (nats)",
    },
}


def draw(lang: str) -> Figure:
    numbers, words = results.read("bert_pretraining")["numbers"], WORDS[lang]
    figure, panels = new_figure(5.6, 2.2, lang=lang, ncols=2)
    for k, (axes, name) in enumerate(zip(panels, ("grammar", "tatoeba"), strict=True)):
        found = numbers[name]
        rows = [[one["unigram"] for one in found["base"]]]
        rows += [found["loss"][way] for way in ("bag", "left", "both")]
        for y, values in enumerate(rows):
            mean = sum(values) / len(values)
            axes.barh(y, mean, 0.6, color=PALETTE[0], alpha=0.25)
            axes.plot(values, [y] * len(values), MARKERS[0], color=PALETTE[0], markersize=4)
            axes.text(max(values) + 0.12, y, f"{mean:.2f}", va="center", fontsize=9.5)
        axes.set_xlim(0, 1.25 * max(rows[0]))
        axes.set_ylim(3.5, -0.5)
        axes.set_yticks(range(4), words["ways"] if k == 0 else [""] * 4)
        axes.set_title(words["titles"][k], fontsize=10)
    figure.supxlabel(words["x"], fontsize=9.5)
    return figure
