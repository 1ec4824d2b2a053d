"""Loss by place in a segment of 16 characters: learned and read with and without a memory."""

import statistics

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

LINES = (("alone", "as_learned"), ("alone", "keep16"), ("memory", "keep16"), ("memory", "other"))
TEXT = {
    "zh": {
        "lines": ("没有记忆", "读时才带记忆", "学和读都带记忆", "同上，读时换成别处的记忆"),
        "x": "段内第几个字符",
        "y": "奈特／字符",
    },
    "en": {
        "lines": ("no memory", "a memory when reading only", "learned and read with a memory",
                  "the same, read with another text's"),
        "x": "place in the segment",
        "y": "nats a character",
    },
}  # fmt: skip


def draw(lang: str) -> Figure:
    plays, text = results.read("transformer_xl")["numbers"]["plays"], TEXT[lang]
    figure, axes = new_figure(5.6, 3.2, lang=lang)
    for n, (way, how) in enumerate(LINES):
        places = plays[way][how]["places"]
        label = f"{text['lines'][n]} ({statistics.mean(places):.2f})"
        axes.plot(
            range(1, len(places) + 1), places, color=PALETTE[n], linestyle=LINESTYLES[n],
            marker=MARKERS[n], markersize=4, label=label,
        )  # fmt: skip
    axes.set_xlabel(text["x"])
    axes.set_ylabel(text["y"])
    axes.set_xticks([1, 4, 8, 12, 16])
    axes.grid(visible=True)
    axes.legend(fontsize=9)
    return figure
