"""Unknown words against vocabulary size; pieces a word for two ways of learning pieces."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

WORDS = {
    "zh": {
        "unknown": "没见过的词",
        "pieces": "每个词切成几片",
        "size": "词表大小",
        "frequency": "按频次合并（BPE）",
        "association": "按关联合并",
    },
    "en": {
        "unknown": "unknown words",
        "pieces": "pieces a word",
        "size": "size of the vocabulary",
        "frequency": "merged by frequency (BPE)",
        "association": "merged by association",
    },
}


def draw(lang: str) -> Figure:
    numbers, words = results.read("wordpiece")["numbers"], WORDS[lang]
    figure, (left, right) = new_figure(5.8, 2.8, ncols=2, lang=lang)
    sizes = numbers["sizes"]
    for row in numbers["learned"]["word_unknown"]:
        left.plot(sizes, [100 * share for share in row], color=PALETTE[1], marker=MARKERS[0])
    left.set_ylabel(f"{words['unknown']} (%)")
    left.set_ylim(0, 40)
    for k, name in enumerate(("frequency", "association")):
        for n, row in enumerate(numbers["learned"][name]):
            right.plot(
                sizes,
                row,
                color=PALETTE[2 * k],
                marker=MARKERS[k + 1],
                linestyle=LINESTYLES[k],
                label=words[name] if n == 0 else None,
            )
    right.set_ylabel(words["pieces"])
    right.set_ylim(1, 4.8)  # room for the legend
    right.legend(loc="upper right", fontsize=9)
    for axes in (left, right):
        axes.set_xscale("log")
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.minorticks_off()
        axes.set_xlabel(words["size"])
    return figure
