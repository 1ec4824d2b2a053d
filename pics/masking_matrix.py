"""Seven ways to hide, four kinds of gaps: nats a hidden character, a dot for each seed."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

WAYS = ("characters", "words", "chunks", "ernie", "mixed", "spans", "boundary")
MORE = ("characters", "words")  # 30 % hidden
TESTS = ("characters", "words", "names", "spans")
TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "ways": (
            "字",
            "整词",
            "等长的块",
            "ERNIE",
            "三种混着",
            "片段",
            "片段 + SBO",
            "字 30%",
            "整词 30%",
        ),
        "tests": ("考字", "考整词", "考名字", "考片段"),
        "x": "每个字的奈特数，越小越好；竖线：只知道字频",
    },
    "en": {
        "ways": (
            "characters",
            "whole words",
            "chunks",
            "ERNIE",
            "mixed",
            "spans",
            "spans + SBO",
            "characters 30%",
            "words 30%",
        ),
        "tests": ("on characters", "on words", "on names", "on spans"),
        "x": "nats a character, less is better; line: frequencies alone",
    },
}


def draw(lang: str) -> Figure:
    numbers, text = results.read("masking")["numbers"], TEXT[lang]
    figure, axes = new_figure(5.6, 2.8, ncols=4, lang=lang, sharey=True)
    for column, (test, title) in enumerate(zip(TESTS, text["tests"], strict=True)):
        panel = axes[column]
        models = [*(numbers["ways"][way] for way in WAYS), *(numbers["more"][way] for way in MORE)]
        found = [model["cloze"][test]["nats"] for model in models]
        least = min(nats["mean"] for nats in found[: len(WAYS)])  # of those that hide as much
        for row, nats in enumerate(found):
            best, seeds = nats["mean"] == least, nats["seeds"]
            color = PALETTE[1] if best else PALETTE[0] if row < len(WAYS) else "#606060"
            panel.plot(
                nats["mean"], row, "D" if best else "|", color=color, markersize=8, alpha=0.6
            )
            panel.plot(seeds, [row] * len(seeds), "o", color=color, markersize=3.5)
        panel.axvline(numbers["unigram"][test], color="black", linestyle=":", linewidth=1.2)
        panel.set_title(title, fontsize=9)
        panel.tick_params(labelsize=9)
        panel.grid(visible=True, axis="both")
    axes[0].set_yticks(range(len(text["ways"])), text["ways"], fontsize=9)
    axes[0].invert_yaxis()
    figure.supxlabel(text["x"], fontsize=9)
    return figure
