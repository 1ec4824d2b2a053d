"""Text without [MASK], read by small BERTs that were trained with other shares of it."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

MIXES = ("80_10_10", "80_0_20", "80_20_0", "100_0_0")
KEYS = ("named", "found", "restored")
WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "titles": ["没变的词认得", "换过的词找到", "并且改对"],
        "y": "[MASK] / 不变 / 换词",
        "lines": ["瞎猜", "最少见的词"],
        "x": "比例（%），没见过的句子",
    },
    "en": {
        "titles": ["intact words named", "wrong word found", "and put right"],
        "y": "[MASK] / unchanged / other",
        "lines": ["blind guess", "rarest word"],
        "x": "share (%), held-out sentences",
    },
}


def draw(lang: str) -> Figure:
    numbers, words = results.read("bert_pretraining")["numbers"], WORDS[lang]
    figure, panels = new_figure(5.6, 2.5, lang=lang, ncols=3)
    for n, (axes, key) in enumerate(zip(panels, KEYS, strict=True)):
        for y, mix in enumerate(MIXES):
            values = [100 * value for value in numbers["mixes"][mix][key]]
            mean = sum(values) / len(values)
            axes.barh(y, mean, 0.62, color=PALETTE[0], alpha=0.3)
            axes.plot(values, [y] * len(values), MARKERS[0], color=PALETTE[0], markersize=3.5)
            axes.text(122, y, f"{mean:.0f}", va="center", ha="right", fontsize=9.5)
        if key == "found":
            for k, rival in enumerate(("chance", "rarest")):
                value = 100 * numbers["mixes_mean"]["80_10_10"][rival]
                axes.axvline(
                    value, color="#606060", linewidth=1.2, linestyle=LINESTYLES[3 - 2 * k],
                    label=words["lines"][k],
                )  # fmt: skip
            axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), fontsize=9)
        axes.set_xlim(0, 124)
        axes.set_xticks([0, 50, 100])
        axes.set_ylim(len(MIXES) - 0.5, -0.5)
        names = [mix.replace("_", "/") for mix in MIXES]
        axes.set_yticks(range(len(MIXES)), names if n == 0 else [""] * len(MIXES))
        axes.set_title(words["titles"][n], fontsize=9.5)
    figure.supylabel(words["y"], fontsize=9.5)
    figure.supxlabel(words["x"], fontsize=9.5)
    return figure
