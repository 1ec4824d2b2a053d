"""What a letter of three texts costs a small model that has learned from one pool of lines."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

ROWS = (
    "raw", "kept", "program", "removed", "no_end_mark", "few_words", "braces", "long",
    "long_no_end", "long_end", "short_end", "raw_once", "kept_once",
)  # fmt: skip
TEXT: dict[str, Any] = {
    "zh": ("没洗过", "论文留下", "程序留下", "论文拿走", "只用行末标点", "只用词数", "只用花括号",
           "只取长行", "长，没有句末标点", "长，有句末标点", "短，有句末标点", "每行一次",
           "论文留下，每行一次", "百科", "短句", "程序代码", "每个字符的比特数（越少越好）"),
    "en": ("raw", "left by paper", "left by program", "removed", "end marks alone",
           "few words alone", "braces alone", "long lines", "long, no end mark",
           "long, end mark", "short, end mark", "each line once", "left by paper, once",
           "encyclopedia", "sentences", "a program", "bits a letter (fewer is better)"),
}  # fmt: skip
JUDGES = ("encyclopedia", "sentences", "program")


def draw(lang: str) -> Figure:
    ways, texts = results.read("c4")["numbers"]["ways"], TEXT[lang]
    figure, axes = new_figure(5.6, 4.4, ncols=3, lang=lang, sharey=True)
    for column, (panel, judge) in enumerate(zip(axes, JUDGES, strict=True)):
        raw = ways["raw"][judge]["mean"]
        panel.axvline(raw, color="black", linewidth=0.8, linestyle="--")
        for y, name in enumerate(ROWS):
            seeds = ways[name][judge]["seeds"]
            panel.plot(seeds, [y] * len(seeds), MARKERS[column], color=PALETTE[column],
                       markersize=4, fillstyle="none")  # fmt: skip
            panel.plot([ways[name][judge]["mean"]], [y], "|", color="black", markersize=11)
        panel.set_title(texts[len(ROWS) + column], fontsize=10)
        panel.tick_params(labelsize=9)
        panel.margins(x=0.15)
    axes[0].set_yticks(range(len(ROWS)), texts[: len(ROWS)], fontsize=9)
    axes[0].invert_yaxis()
    figure.supxlabel(texts[-1], fontsize=10)
    return figure
