"""Two places asked for at once: right answers by heads, and what each head looks at."""

from typing import Any

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "right": "两问平均答对",
        "weights": "一道题的权重",
        "one": "1 头",
        "mlp_one": "1 头\n读两层",
        "two": "2 头",
        "four": "4 头",
        "head": "4 头之 {}",
        "rate": "学习率",
        "asked": ("问一", "问二"),
        "chance": "瞎猜",
    },
    "en": {
        "right": "right, mean of both",
        "weights": "weights, one question",
        "one": "1\nhead",
        "mlp_one": "1 head,\n2 layers",
        "two": "2\nheads",
        "four": "4\nheads",
        "head": "{} of 4",
        "rate": "rate",
        "asked": ("1st", "2nd"),
        "chance": "chance",
    },
}


def draw(lang: str) -> Figure:
    table = results.read("multi_head_attention")["numbers"]["two"]
    text = TEXT[lang]
    figure, (left, right) = new_figure(5.6, 3.2, ncols=2, lang=lang)
    kinds = ("linear_1", "mlp_1", "linear_2", "linear_4")
    for place, kind in enumerate(kinds):
        for k, each in enumerate(table[kind]["each"]):  # by rate
            label = f"{table['rates'][k]:g}" if place == 0 else None
            x = np.full(len(each), place + 0.18 * (k - 1))
            left.plot(x, each, MARKERS[k], color=PALETTE[k], markersize=5, label=label)
    left.axhline(table["chance"], color="black", linestyle=":", linewidth=1)
    left.text(3.4, table["chance"] + 0.02, text["chance"], ha="right", fontsize=9)
    names = [text[name] for name in ("one", "mlp_one", "two", "four")]
    left.set_xticks(range(4), names, fontsize=9)
    left.set_xlim(-0.5, 3.5)
    left.set_ylim(0, 1.05)
    left.set_title(text["right"], fontsize=10)
    left.grid(visible=True, axis="y")
    left.legend(title=text["rate"], loc="lower center", bbox_to_anchor=(0.72, 0.2), fontsize=9)
    rows = [table["linear_1"]["example"][0], table["mlp_1"]["example"][0]]
    rows += table["linear_4"]["example"]
    heat(right, np.array(rows), aspect="auto")
    names = [text["head"].format(k) for k in range(1, 5)]
    right.set_yticks(
        range(6), [text["one"].replace("\n", " "), text["mlp_one"], *names], fontsize=9
    )
    right.set_xticks(range(8), [*text["asked"], *[""] * 6], fontsize=9)
    right.tick_params(length=0)
    right.set_title(text["weights"], fontsize=10)
    return figure
