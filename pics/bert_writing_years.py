"""Dates written right: years that were learned, years that were not, and two controls."""

from statistics import mean

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("学过的年份", "没学过的", "没学过的，年份只许从原文里选", "没学过的，偏置归零",
           "50 个偶数年", "任意 50 年"),
    "en": ("years learned", "not learned", "not learned, the year from the text only",
           "not learned, bias back to 0", "50 even years", "any 50 years"),
}  # fmt: skip
CASES = ("even", "half")
KEYS = ("seen_right", "unseen_right", "copying_right", "no_bias_right")
HATCHES = (None, "///", "...", "xxx")


def draw(lang: str) -> Figure:
    numbers = results.read("bert_writing")["numbers"]
    labels, names = TEXT[lang][:4], TEXT[lang][4:]
    figure, axes = new_figure(5.6, 2.8, lang=lang)
    for row, case in enumerate(CASES):
        for k, (key, label) in enumerate(zip(KEYS, labels, strict=True)):
            values = numbers[case]["seeds"][key]
            y = row + (k - 1.5) * 0.2
            axes.barh(
                y,
                mean(values),
                0.18,
                facecolor=PALETTE[k] if k == 0 else "none",
                edgecolor=PALETTE[k],
                hatch=HATCHES[k],
                label=label if row == 0 else None,
            )
            axes.plot(values, [y] * len(values), ".", color="black", markersize=3)
    axes.set_yticks(range(len(CASES)), names)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.05)
    axes.grid(visible=True, axis="x")
    axes.legend(loc="lower left", bbox_to_anchor=(-0.1, 1.0), ncols=1, fontsize=9)
    return figure
