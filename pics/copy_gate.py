"""A summary as it is written: where it looks in the source, and whether it writes or copies."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("原文（框：写出的就是最被注意的那个词）", "写出的词"),
    "en": ("source (framed: the word written is the one most attended to)", "written"),
}


def draw(lang: str) -> Figure:
    shown = results.read("copying")["numbers"]["shown"]
    attention, words, source = np.array(shown["attention"]), shown["words"], shown["source"]
    rows = range(len(words))
    figure, (left, right) = new_figure(
        5.6, 2.7, ncols=2, lang=lang, sharey=True, gridspec_kw={"width_ratios": [5, 1]}
    )
    heat(left, attention, vmax=0.6, aspect="auto")
    for row in rows:
        place = int(attention[row].argmax())
        if source[place] == words[row]:
            left.add_patch(
                Rectangle((place - 0.5, row - 0.5), 1, 1, fill=False, ec=PALETTE[1], lw=1.5)
            )
    left.set_xticks(range(len(source)), source, rotation=90, fontsize=9)
    left.set_yticks(rows, words)
    left.set_xlabel(TEXT[lang][0])
    left.set_ylabel(TEXT[lang][1])
    left.tick_params(length=0)
    right.barh(rows, shown["p_gen"], color=PALETTE[0], height=0.6)
    for row in rows:
        right.text(
            shown["p_gen"][row] + 0.05, row, f"{shown['p_gen'][row]:.2f}", va="center", fontsize=9
        )
    right.set_xlim(0, 1.6)
    right.set_xticks([0, 1])
    right.set_title("p_gen", fontsize=10)
    right.tick_params(axis="y", length=0)
    return figure
