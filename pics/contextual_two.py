"""Two senses in one text: share right by layer, beside one sense a text; and the difference."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

LAYERS = (0, 1, 3, 6)
TEXT: dict[str, dict[str, Any]] = {
    "zh": {"layer": "第 {} 层，这个词", "others": "第 0 层，别的词的平均",
           "kinds": ("一句一个义项", "一段里两个义项", "一段里两个义项，两个词相减"),
           "x": "义项答对的比例", "own": "一段里两个义项，只平均自己那一句"},
    "en": {"layer": "layer {}, the word", "others": "layer 0, the others' mean",
           "kinds": ("one sense a text", "two in one text", "two in one text, the difference"),
           "x": "share of senses right", "own": "two in one text, its own sentence alone"},
}  # fmt: skip


def draw(lang: str) -> Figure:
    found, text = results.read("contextual_embeddings")["numbers"], TEXT[lang]
    figure, panels = new_figure(5.6, 2.6, ncols=2, lang=lang, sharey=True)
    for axes, word in zip(panels, found["english"], strict=True):
        ways = found["english"][word]
        for kind, label in enumerate(text["kinds"]):
            values = [
                (
                    ways[f"own_{n}"]["n40"]["centroid"]["mean"],
                    ways[f"own_{n}"]["two"]["centroid"]["mean"],
                    found["difference"][word][f"layer{n}"]["forty"],
                )[kind]
                for n in LAYERS
            ]
            if kind < 2:
                others = ways["others_0"]
                values.append((others["n40"], others["two"])[kind]["centroid"]["mean"])
            axes.scatter(
                values, [5 - n for n in range(len(values))], s=34, alpha=0.8,
                color=PALETTE[kind], marker=MARKERS[kind], label=label,
            )  # fmt: skip
        axes.scatter(
            [found["own_sentence"][word]["layer0"]["right"]], [1], s=34, alpha=0.8,
            color=PALETTE[3], marker=MARKERS[3], label=text["own"],
        )  # fmt: skip
        axes.axvline(0.5, color="gray", linestyle=":", linewidth=1)
        axes.set_title(word, fontsize=10)
        axes.set_xlabel(text["x"])
        axes.set_xlim(0.4, 1.03)
        axes.grid(visible=True, axis="x")
    panels[0].set_ylim(0.5, 5.5)
    panels[0].set_yticks(range(5, 0, -1), [*map(text["layer"].format, LAYERS), text["others"]])
    figure.legend(
        *panels[0].get_legend_handles_labels(), fontsize=9, loc="outside lower center", ncols=2
    )
    return figure
