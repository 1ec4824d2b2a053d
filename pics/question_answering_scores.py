"""One question: each piece's score to begin the answer, and to end it."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("起点分数：答案从这里开始", "终点分数：答案到这里结束"),
    "en": ("start: the answer begins here", "end: the answer ends here"),
}


def draw(lang: str) -> Figure:
    example = results.read("question_answering")["numbers"]["example"]
    figure, axes = new_figure(5.6, 1.9, lang=lang)
    places = range(len(example["pieces"]))
    for k, key in enumerate(("start", "end")):
        axes.bar(
            [place + (k - 0.5) * 0.4 for place in places],
            example[key],
            0.38,
            facecolor=PALETTE[k] if k == 0 else "none",
            edgecolor=PALETTE[k],
            hatch="///" if k else None,
            label=TEXT[lang][k],
        )
    axes.set_xticks(places, example["pieces"], rotation=60, ha="right", fontsize=9)
    axes.set_xlim(-0.7, len(places) - 0.3)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.legend(fontsize=10, loc="lower left", bbox_to_anchor=(-0.08, 1.0), ncols=2)
    return figure
