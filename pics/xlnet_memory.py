"""Loss by place in a piece of 32 characters, read with and without a memory."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, PALETTE, new_figure

LINES = (("alone", "keep0"), ("alone", "keep32"), ("memory", "keep32"), ("memory", "wrong"))
TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "lines": ("单独学，单独读", "单独学，带记忆读", "带记忆学和读", "同上，读时换成别处的记忆"),
        "x": "段内第几个字符",
        "y": "奈特／字符",
    },
    "en": {
        "lines": ("learned and read alone", "learned alone, read with a memory",
                  "learned and read with a memory",
                  "the same, read with another text's"),
        "x": "place in the piece",
        "y": "nats a character",
    },
}  # fmt: skip


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
