"""A summary as it is written: where it looks in the source, and whether it writes or copies."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("原文", "写出的词（加框：词取自原文最被注意的那一处）", "p_gen"),
    "en": ("source", "words written (framed: the source's word most attended to)", "p_gen"),
}


def draw(lang: str) -> Figure:
    shown = results.read("copying")["numbers"]["shown"]
    attention = np.array(shown["attention"]).T  # (S, t)
    words, source = shown["words"], shown["source"]
    figure, (top, low) = new_figure(
        5.6, 1.7 + 0.145 * len(source), nrows=2, lang=lang, sharex=True,
        gridspec_kw={"height_ratios": [0.145 * len(source), 0.9]},
    )  # fmt: skip
    top.imshow(attention, cmap="Blues", vmin=0, vmax=1, aspect="auto", interpolation="none")
    for step, word in enumerate(words):
        place = int(attention[:, step].argmax())
        if source[place] == word:
            top.add_patch(
                Rectangle((step - 0.5, place - 0.5), 1, 1, fill=False, ec=PALETTE[1], lw=1.5)
            )
    top.set_yticks(range(len(source)), source, fontsize=9)
    top.set_ylabel(TEXT[lang][0])
    top.tick_params(length=0)
    low.bar(range(len(words)), shown["p_gen"], color=PALETTE[0], width=0.6)
    low.set_ylim(0, 1)
    low.set_ylabel(TEXT[lang][2])
    low.set_xticks(range(len(words)), words, rotation=40, ha="right", fontsize=9)
    low.set_xlabel(TEXT[lang][1])
    low.grid(visible=True, axis="y")
    return figure
