"""Loss by place in a piece of 32 characters, read with and without a memory."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, PALETTE, new_figure

LINES = (("alone", "keep0"), ("memory", "wrong"), ("memory", "keep32"), ("memory", "keep128"))
TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "lines": ("每段单独读", "别处的记忆", "记住前 32 个", "记住前 128 个"),
        "x": "段内第几个字符",
        "y": "奈特／字符",
    },
    "en": {
        "lines": ("pieces alone", "another text's memory", "memory of 32", "memory of 128"),
        "x": "place in the piece",
        "y": "nats a character",
    },
}


def draw(lang: str) -> Figure:
    memory, text = results.read("xlnet")["numbers"]["memory"], TEXT[lang]
    figure, axes = new_figure(5.6, 2.8, lang=lang)
    for n, (way, how) in enumerate(LINES):
        places = memory[way][how]["places"]
        axes.plot(
            range(1, len(places) + 1), places, color=PALETTE[n], linestyle=LINESTYLES[n],
            label=text["lines"][n],
        )  # fmt: skip
    axes.set_xlabel(text["x"])
    axes.set_ylabel(text["y"])
    axes.grid(visible=True)
    axes.legend(fontsize=9)
    return figure
