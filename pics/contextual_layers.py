"""Share of senses right by layer: the word's own vector, from 1, 5 and 40 examples; and rivals."""

import statistics
from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

RIVALS = ("others_6", "others_0", "averages_5", "counts_99", "static")
TEXT: dict[str, dict[str, Any]] = {
    "zh": {"x": "MiniLM 的第几层", "y": "义项答对的比例", "few": "每个义项 {} 个例子",
           "rivals": ("第 6 层，别的词的平均", "第 0 层，别的词的平均", "静态向量，左右 5 个",
                      "数全句的词", "静态的一行")},
    "en": {"x": "layer of MiniLM", "y": "share of senses right", "few": "{} a sense",
           "rivals": ("layer 6, mean of the others", "layer 0, mean of the others",
                      "static, 5 on each side", "words counted", "the static row")},
}  # fmt: skip


def draw(lang: str) -> Figure:
    found, text = results.read("contextual_embeddings")["numbers"]["english"], TEXT[lang]
    figure, panels = new_figure(5.6, 2.9, ncols=2, lang=lang, sharey=True)
    for axes, word in zip(panels, found, strict=True):
        for n, few in enumerate((1, 5, 40)):
            values = [found[word][f"own_{layer}"][f"n{few}"]["centroid"] for layer in range(7)]
            axes.plot(
                range(7), [one["mean"] for one in values], color=PALETTE[n], marker=MARKERS[n],
                linestyle=LINESTYLES[n], label=text["few"].format(few), markersize=4,
            )  # fmt: skip
        for n, rival in enumerate(RIVALS):
            value = statistics.mean(found[word][rival]["n5"]["centroid"]["all"])
            axes.plot([6.6], [value], marker=MARKERS[n], color=PALETTE[n], markersize=7,
                      markerfacecolor="none", linestyle="none",
                      label=text["rivals"][n])  # fmt: skip
        axes.set_title(word, fontsize=10)
        axes.set_xlabel(text["x"])
        axes.set_xticks(range(7))
        axes.set_ylim(0.4, 1.03)
        axes.grid(visible=True)
    panels[0].set_ylabel(text["y"])
    figure.legend(
        *panels[0].get_legend_handles_labels(), fontsize=9, loc="outside lower center", ncols=2
    )
    return figure
