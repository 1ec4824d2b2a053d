"""What a hidden token costs, by the way in which the network was asked while it learned."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

NAMES = ("xlnet6", "full6", "xlnet1", "xlnet_few", "bert", "bert_mask", "left", "left_few")
KINDS = ("both", "chain", "left")
TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "rows": ("XLNet，K = 6", "同上，上下文互相看", "XLNet，全问", "XLNet，随机问 15%",
                 "BERT，15%", "BERT，只用 [MASK]", "从左往右，全问", "从左往右，15%"),
        "kinds": ("知道其余全部", "随机顺序的链", "只知道左边"),
        "x": "奈特／词元",
    },
    "en": {
        "rows": ("XLNet, K = 6", "the same, context open", "XLNet, all asked",
                 "XLNet, 15% at random", "BERT, 15%", "BERT, [MASK] alone",
                 "left to right, all", "left to right, 15%"),
        "kinds": ("all others known", "chain, random order", "left side known"),
        "x": "nats a token",
    },
}  # fmt: skip


def draw(lang: str) -> Figure:
    numbers, text = results.read("xlnet")["numbers"], TEXT[lang]
    figure, axes = new_figure(5.6, 3.9, lang=lang)
    for n, kind in enumerate(KINDS):
        for row, name in enumerate(NAMES):
            if kind in numbers["nats"][name]:
                seeds = numbers["nats"][name][kind]["seeds"]
                axes.plot(
                    seeds, [row + 0.22 * (n - 1)] * len(seeds), MARKERS[n], color=PALETTE[n],
                    markersize=5, markerfacecolor="none" if n else PALETTE[n],
                    label=text["kinds"][n] if not row else None,
                )  # fmt: skip
    axes.set_yticks(range(len(NAMES)), text["rows"], fontsize=9)
    axes.invert_yaxis()
    axes.set_xlabel(text["x"])
    axes.grid(visible=True, axis="x")
    figure.legend(loc="outside upper center", ncols=3, fontsize=9, handletextpad=0.2)
    return figure
