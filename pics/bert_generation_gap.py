"""How often the hidden piece of a held-out sentence is named, by four methods."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

NAMES = ("left", "few", "masked", "any", "every")
TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "rows": ("因果，只看左边：1 遍", "同上，15% 标签：1 遍", "掩码 15%：1 遍",
                 "掩码，任意比例：1 遍", "因果，每个词都试：1500 遍"),
        "x": "填对的比例",
    },
    "en": {
        "rows": ("causal, left side: 1 pass", "the same, 15% labels", "masked 15%: 1 pass",
                 "masked, any share: 1 pass", "causal, every word: 1500"),
        "x": "share of gaps filled right",
    },
}  # fmt: skip


def draw(lang: str) -> Figure:
    numbers, text = results.read("bert_generation")["numbers"], TEXT[lang]
    figure, axes = new_figure(5.6, 2.2, lang=lang)
    for row, name in enumerate(NAMES):
        kind = 0 if name in ("left", "few", "every") else 1
        seeds = numbers["every_fill"][name]
        axes.barh(
            row, sum(seeds) / len(seeds), 0.6, facecolor="none" if kind else PALETTE[0],
            edgecolor=PALETTE[kind], alpha=0.7, hatch="//" if kind else None,
        )  # fmt: skip
        axes.plot(seeds, [row] * len(seeds), "o", color="black", markersize=3)
    axes.set_yticks(range(len(NAMES)), text["rows"], fontsize=9)
    axes.invert_yaxis()
    axes.set_xlabel(text["x"])
    axes.grid(visible=True, axis="x")
    return figure
