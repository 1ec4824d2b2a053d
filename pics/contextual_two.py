"""Two senses in one text: share right for each way, learned from single sentences."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

WAYS = ("own_1", "own_3", "own_6", "others_6", "averages_5", "averages_99")
TEXT: dict[str, dict[str, Any]] = {
    "zh": {"ways": ("第 1 层，这个词", "第 3 层，这个词", "第 6 层，这个词",
                    "第 6 层，别的词的平均", "静态向量，左右 5 个", "静态向量，别的词的平均"),
           "kinds": ("{}，一句一个义项", "{}，一段里两个义项"), "x": "义项答对的比例"},
    "en": {"ways": ("layer 1, the word", "layer 3, the word", "layer 6, the word",
                    "layer 6, mean of the others", "static, 5 on each side",
                    "static, mean of the others"),
           "kinds": ("{}, one sense a text", "{}, two in one text"), "x": "share of senses right"},
}  # fmt: skip


def draw(lang: str) -> Figure:
    found, text = results.read("contextual_embeddings")["numbers"]["english"], TEXT[lang]
    figure, axes = new_figure(5.6, 3.2, lang=lang)
    for w, word in enumerate(found):
        for kind in (0, 1):
            values = [
                found[word][way]["two"]["centroid"]["mean"]
                if kind
                else found[word][way]["n40"]["centroid"]["mean"]
                for way in WAYS
            ]
            axes.scatter(
                values, [len(WAYS) - row - 0.12 * (2 * w - 1) for row in range(len(WAYS))], s=34,
                color=PALETTE[kind], marker=MARKERS[2 * w + kind], alpha=0.8,
                label=text["kinds"][kind].format(word),
            )  # fmt: skip
    axes.axvline(0.5, color="gray", linestyle=":", linewidth=1)
    axes.set_yticks([len(WAYS) - row for row in range(len(WAYS))], text["ways"])
    axes.set_xlabel(text["x"])
    axes.set_xlim(0.4, 1.03)
    axes.grid(visible=True, axis="x")
    figure.legend(
        *axes.get_legend_handles_labels(), fontsize=9, loc="outside upper center", ncols=2
    )
    return figure
