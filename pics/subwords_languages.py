"""Pieces a sentence takes, in English and in Chinese, by the language that was learned from."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

WORDS = {
    "zh": {
        "rows": ("一个合并也没有（字节）", "只从英文学", "只从中文学", "一半一半"),
        "x": "一句切成几片（三个种子的平均）",
        "languages": ("英文句子", "中文句子"),
    },
    "en": {
        "rows": (
            "no merge (bytes)",
            "learned from English",
            "learned from Chinese",
            "half of each",
        ),
        "x": "pieces a sentence (mean of three seeds)",
        "languages": ("English sentences", "Chinese sentences"),
    },
}


def draw(lang: str) -> Figure:
    numbers, words = results.read("subwords")["numbers"], WORDS[lang]
    figure, axes = new_figure(5.6, 2.6, lang=lang)
    for row, name in enumerate(("bytes", "en", "zh", "both")):
        for k in (0, 1):
            value = numbers["languages_mean"][name][k]
            place = -row - 0.19 + 0.38 * (1 - k)
            label = words["languages"][k] if row == 0 else None
            axes.barh(
                [place], [value], height=0.34, color=PALETTE[k], hatch=("", "//")[k],
                edgecolor="#ffffff", linewidth=0.6, label=label,
            )  # fmt: skip
            axes.text(value + 0.3, place - 0.02, f"{value:.1f}", va="center", fontsize=9)
    axes.set_yticks([-row for row in range(4)], words["rows"])
    axes.set_xlabel(words["x"])
    axes.set_xlim(0, 39)
    figure.legend(loc="outside upper center", fontsize=9, ncols=2)
    return figure
