"""The same characters, the rest of their word seen or hidden; and where a word begins."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

WAYS = ("characters", "words", "chunks", "ernie", "mixed", "spans", "boundary")
MORE = ("characters", "words")  # 30 % hidden
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
        "seen": "看得见词的其余部分",
        "hidden": "整个词藏着",
        "nats": "同一批字的奈特数",
        "begin": "词从这里开始吗：准确率",
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
        "seen": "rest of the word seen",
        "hidden": "whole word hidden",
        "nats": "nats, the same characters",
        "begin": "does a word begin? accuracy",
    },
}


def draw(lang: str) -> Figure:
    numbers, text = results.read("masking")["numbers"], TEXT[lang]
    figure, (left, right) = new_figure(5.6, 2.8, ncols=2, lang=lang, sharey=True)
    models = [*(numbers["ways"][way] for way in WAYS), *(numbers["more"][way] for way in MORE)]
    for row, found in enumerate(models):
        seen, hidden = (found["cloze"][test]["nats"]["seeds"] for test in ("inside", "same"))
        means = [sum(seeds) / len(seeds) for seeds in (seen, hidden)]
        left.plot(means, [row, row], color="#808080", linewidth=1)
        for seeds, marker, color, name in (
            (seen, "o", PALETTE[0], "seen"), (hidden, "s", PALETTE[1], "hidden")
        ):  # fmt: skip
            left.plot(
                seeds, [row] * len(seeds), marker, color=color, markersize=4,
                label=None if row else text[name],
            )  # fmt: skip
        begins = found["segmentation"]["right"]["seeds"]
        right.plot(begins, [row] * len(begins), "o", color=PALETTE[0], markersize=4)
    left.axvline(numbers["unigram"]["inside"], color="black", linestyle=":", linewidth=1.2)
    for value, style in (
        (numbers["segmentation"]["majority"]["right"], ":"),
        (numbers["fresh"]["segmentation"]["right"], "-."),
        (numbers["segmentation"]["three"]["right"], "--"),
    ):
        right.axvline(value, color="black", linestyle=style, linewidth=1.2)
    left.set_yticks(range(len(text["ways"])), text["ways"], fontsize=9)
    left.invert_yaxis()
    left.set_xlabel(text["nats"], fontsize=9)
    right.set_xlabel(text["begin"], fontsize=9)
    for panel in (left, right):
        panel.tick_params(labelsize=9)
        panel.grid(visible=True)
    figure.legend(loc="outside upper center", ncols=2, fontsize=9)
    return figure
