"""行 and 打: ELMo, trained and not, and its rivals; with clauses and compounds met and not met."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, chinese_font, new_figure

WAYS = ("both_1", "untrained_both_1", "forward_1", "untrained_forward_1", "backward_1",
        "untrained_backward_1", "counts_1", "counts_5", "company_1", "company_5")  # fmt: skip
TEXT: dict[str, dict[str, Any]] = {
    "zh": {"ways": ("ELMo 第 1 层", "没训练过的", "从左读的一半", "没训练过的",
                    "从右读的一半", "没训练过的", "数左右 1 个字", "数左右 5 个字",
                    "共现向量，左右 1 个字", "共现向量，左右 5 个字"),
           "kinds": ("见过的从句", "新的从句", "新的搭配"), "x": "义项答对的比例"},
    "en": {"ways": ("ELMo, layer 1", "untrained", "read from the left", "untrained",
                    "read from the right", "untrained", "1 on each side, counted",
                    "5 on each side, counted", "1 on each side, company",
                    "5 on each side, company"),
           "kinds": ("clauses met", "new clauses", "new compounds"),
           "x": "share of senses right"},
}  # fmt: skip


def draw(lang: str) -> Figure:
    found, text = results.read("contextual_embeddings")["numbers"]["chinese"], TEXT[lang]
    figure, panels = new_figure(5.6, 3.5, ncols=2, lang=lang, sharey=True)
    for axes, word, chance in zip(panels, found, (1 / 2, 1 / 3), strict=True):
        for row, way in enumerate(WAYS):
            one = found[word][way]
            values = (one["mixed"], one["clauses"], one["n40"]["regression"])
            for kind, one in enumerate(values):
                y = len(WAYS) - row + 0.22 * (1 - kind)
                axes.plot([one["low"], one["high"]], [y, y], color=PALETTE[kind], lw=1)
                axes.scatter([one["mean"]], [y], s=22, color=PALETTE[kind], marker=MARKERS[kind],
                             label=text["kinds"][kind] if row == 0 else None)  # fmt: skip
        axes.axvline(chance, color="gray", linestyle=":", linewidth=1)
        axes.set_title(word, fontsize=11, fontfamily=chinese_font())
        axes.set_xlabel(text["x"])
        axes.set_xlim(0.2, 1.03)
        axes.grid(visible=True, axis="x")
    panels[0].set_yticks([len(WAYS) - row for row in range(len(WAYS))], text["ways"])
    figure.legend(
        *panels[0].get_legend_handles_labels(), fontsize=9, loc="outside upper center", ncols=3
    )
    return figure
