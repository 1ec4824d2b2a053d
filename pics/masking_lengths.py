"""How long spans are: the law, and what is counted in a long text and in a short one."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT: dict[str, dict[str, Any]] = {
    "zh": {"law": "公式", "long": "512 个词元", "short": "20 个词元", "x": "片段的长度",
           "y": "片段的比例"},
    "en": {"law": "the law", "long": "512 tokens", "short": "20 tokens", "x": "length of a span",
           "y": "share of spans"},
}  # fmt: skip


def draw(lang: str) -> Figure:
    numbers, text = results.read("masking")["numbers"]["lengths"], TEXT[lang]
    figure, axes = new_figure(5.6, 2.4, lang=lang)
    n = range(1, 11)
    axes.bar(n, numbers["law"], 0.7, facecolor="none", edgecolor="black", label=text["law"])
    for style, key in enumerate(("long", "short")):
        axes.plot(
            n, numbers[key], LINESTYLES[style], marker=MARKERS[style], color=PALETTE[style],
            label=text[key],
        )  # fmt: skip
    axes.set_xticks(n)
    axes.set_xlabel(text["x"])
    axes.set_ylabel(text["y"])
    axes.legend(fontsize=9)
    return figure
