"""Unknown words against vocabulary size; pieces a word for three ways of choosing the pair."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

WORDS = {
    "zh": {
        "unknown": "没见过的词（%）",
        "pieces": "每个词切成几片",
        "size": "词表大小",
        "frequency": "频次",
        "likelihood": "似然",
        "association": "关联",
        "common": "关联，≥ {} 次",
    },
    "en": {
        "unknown": "unknown words (%)",
        "pieces": "pieces a word",
        "size": "size of the vocabulary",
        "frequency": "frequency",
        "likelihood": "likelihood",
        "association": "association",
        "common": "association, ≥ {} times",
    },
}


def draw(lang: str) -> Figure:
    numbers, words = results.read("subwords")["numbers"], WORDS[lang]
    figure, (left, right) = new_figure(5.6, 2.7, ncols=2, lang=lang)
    sizes = numbers["sizes"]
    for row in numbers["learned"]["unknown_words"]:
        left.plot(sizes, [100 * share for share in row], color=PALETTE[1], marker=MARKERS[0])
    left.set_ylabel(words["unknown"])
    left.set_ylim(0, 40)
    for k, name in enumerate(("association", "likelihood", "frequency")):
        for n, row in enumerate(numbers["learned"][name]):
            right.plot(
                sizes, row, color=PALETTE[k], marker=MARKERS[k + 1], linestyle=LINESTYLES[k],
                label=words[name] if n == 0 else None,
            )  # fmt: skip
    for n, (value,) in enumerate(numbers["learned"]["association_common"]):
        right.plot(
            sizes[-1:], [value], color=PALETTE[3], marker=MARKERS[4], markersize=6, linestyle="",
            label=words["common"].format(numbers["common"]) if n == 0 else None,
        )  # fmt: skip
    right.set_ylabel(words["pieces"])
    right.set_ylim(1, 5.2)  # room for the legend
    right.legend(loc="upper right", fontsize=9)
    for axes in (left, right):
        axes.set_xscale("log")
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.tick_params(axis="x", labelsize=9)
        axes.minorticks_off()
        axes.set_xlabel(words["size"])
    return figure
