"""行 and 打: ELMo's layers and halves and their rivals, with clauses met and not met before."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, chinese_font, new_figure

WAYS = ("both_1", "both_2", "forward_1", "backward_1", "counts_1", "counts_2", "counts_5",
        "company_1", "company_5")  # fmt: skip
TEXT: dict[str, dict[str, Any]] = {
    "zh": {"ways": ("ELMo 第 1 层", "第 2 层", "第 1 层，从左读的一半",
                    "第 1 层，从右读的一半",
                    "数左右 1 个字", "数左右 2 个字", "数左右 5 个字", "共现向量，左右 1 个字",
                    "共现向量，左右 5 个字"),
           "kinds": ("学时见过的搭配", "没见过的搭配"), "x": "义项答对的比例"},
    "en": {"ways": ("ELMo, layer 1", "layer 2", "layer 1, read from the left",
                    "layer 1, from the right", "1 on each side, counted", "2 on each side, counted",
                    "5 on each side, counted", "1 on each side, by company",
                    "5 on each side, by company"),
           "kinds": ("met when learning", "not met before"), "x": "share of senses right"},
}  # fmt: skip


def draw(lang: str) -> Figure:
    found, text = results.read("contextual_embeddings")["numbers"]["chinese"], TEXT[lang]
    figure, panels = new_figure(5.6, 3.8, ncols=2, lang=lang, sharey=True)
    for axes, word, chance in zip(panels, found, (1 / 2, 1 / 3), strict=True):
        for row, way in enumerate(WAYS):
            values = (found[word][way]["mixed"], found[word][way]["n40"]["regression"])
            for kind, one in enumerate(values):
                y = len(WAYS) - row + 0.12 * (1 - 2 * kind)
                axes.plot([one["low"], one["high"]], [y, y], color=PALETTE[kind], lw=1)
                axes.scatter([one["mean"]], [y], s=28, color=PALETTE[kind], marker=MARKERS[kind],
                             label=text["kinds"][kind] if row == 0 else None)  # fmt: skip
        axes.axvline(chance, color="gray", linestyle=":", linewidth=1)
        axes.set_title(word, fontsize=11, fontfamily=chinese_font())
        axes.set_xlabel(text["x"])
        axes.set_xlim(0.2, 1.03)
        axes.grid(visible=True, axis="x")
    panels[0].set_yticks([len(WAYS) - row for row in range(len(WAYS))], text["ways"])
    figure.legend(
        *panels[0].get_legend_handles_labels(), fontsize=9, loc="outside upper center", ncols=2
    )
    return figure
