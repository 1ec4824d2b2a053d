"""How four small BERTs, each of another share of [MASK], read a sentence with a wrong word."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

MIXES = ("80_10_10", "80_0_20", "80_20_0", "100_0_0")
WORDS = {
    "zh": {
        "titles": [
            "80/10/10", "80/0/20\n（没有不变的）", "80/20/0\n（没有换词的）",
            "100/0/0\n（全是 [MASK]）",
        ],
        "x": "给读到的这个词的概率",
    },
    "en": {
        "titles": [
            "80/10/10", "80/0/20\n(none unchanged)", "80/20/0\n(none exchanged)",
            "100/0/0\n(all [MASK])",
        ],
        "x": "probability of the word that it reads there",
    },
}  # fmt: skip


def draw(lang: str) -> Figure:
    numbers, words = results.read("bert_pretraining")["numbers"], WORDS[lang]
    figure, panels = new_figure(5.6, 2.9, lang=lang, ncols=4)
    shown = [word.lower() for word in numbers["example"]]
    for n, (axes, mix) in enumerate(zip(panels, MIXES, strict=True)):
        runs = [one["example"] for one in numbers["mixes"][mix]]
        for y, values in enumerate(zip(*runs, strict=True)):
            wrong = shown[y] == "bought"
            color = PALETTE[1] if wrong else PALETTE[0]
            axes.barh(
                y, sum(values) / len(values), 0.7, color=color, alpha=0.5,
                hatch="//" if wrong else "", edgecolor="white",
            )  # fmt: skip
            axes.plot(values, [y] * len(values), MARKERS[0], color=color, markersize=2.5)
        axes.set_xlim(0, 1.02)
        axes.set_xticks([0, 1])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_yticks(range(len(shown)), shown if n == 0 else [""] * len(shown))
        axes.set_title(words["titles"][n], fontsize=9)
    figure.supxlabel(words["x"], fontsize=9.5)
    return figure
