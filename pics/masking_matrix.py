"""Seven ways to hide, four kinds of gaps: nats a hidden character, a dot for each seed."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

WAYS = ("characters", "words", "chunks", "ernie", "mixed", "spans", "boundary")
TESTS = ("characters", "words", "names", "spans")
TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "ways": ("字", "整词", "等长的块", "ERNIE", "三种混着", "片段", "片段 + SBO"),
        "tests": ("考字", "考整词", "考名字", "考片段"),
        "x": "每个字的奈特数，越小越好；竖线：只知道字频",
    },
    "en": {
        "ways": ("characters", "whole words", "chunks", "ERNIE", "mixed", "spans", "spans + SBO"),
        "tests": ("on characters", "on words", "on names", "on spans"),
        "x": "nats a character, less is better; line: frequencies alone",
    },
}


def draw(lang: str) -> Figure:
    numbers, text = results.read("masking")["numbers"], TEXT[lang]
    figure, axes = new_figure(5.6, 2.7, ncols=4, lang=lang, sharey=True)
    for column, (test, title) in enumerate(zip(TESTS, text["tests"], strict=True)):
        panel = axes[column]
        means = {way: numbers["ways"][way]["cloze"][test]["nats"]["mean"] for way in WAYS}
        for row, way in enumerate(WAYS):
            best = means[way] == min(means.values())
            seeds = numbers["ways"][way]["cloze"][test]["nats"]["seeds"]
            color = PALETTE[1] if best else PALETTE[0]
            panel.plot(means[way], row, "D" if best else "|", color=color, markersize=8, alpha=0.6)
            panel.plot(seeds, [row] * len(seeds), "o", color=color, markersize=3.5)
        panel.axvline(numbers["unigram"][test], color="black", linestyle=":", linewidth=1.2)
        panel.set_title(title, fontsize=9)
        panel.tick_params(labelsize=9)
        panel.grid(visible=True, axis="both")
    axes[0].set_yticks(range(len(WAYS)), text["ways"], fontsize=9)
    axes[0].invert_yaxis()
    figure.supxlabel(text["x"], fontsize=9)
    return figure
