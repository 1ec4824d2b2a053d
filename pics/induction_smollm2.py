"""SmolLM2's 270 heads and their scores; the loss of the second half by the heads silenced."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "scores": "归纳分数",
        "head": "头",
        "layer": "层",
        "cost": "第二遍的损失（奈特）",
        "silenced": "关掉的头数",
        "top": "分数最高的",
        "layers": "同样几层里随机的",
        "any": "随机的",
    },
    "en": {
        "scores": "scores",
        "head": "head",
        "layer": "layer",
        "cost": "loss, second time (nats)",
        "silenced": "heads silenced",
        "top": "highest scores",
        "layers": "random, same layers",
        "any": "random",
    },
}


def draw(lang: str) -> Figure:
    table = results.read("induction_heads")["numbers"]["smollm2"]
    text = TEXT[lang]
    figure, (scores, cost) = new_figure(5.6, 3.6, ncols=2, lang=lang, width_ratios=[0.7, 2])
    heat(scores, np.array(table["scores"]), aspect="auto")
    scores.set_title(text["scores"], fontsize=10)
    scores.set_xlabel(text["head"])
    scores.set_ylabel(text["layer"])
    scores.set_xticks([0, 4, 8], ["1", "5", "9"])
    scores.set_yticks([0, 9, 19, 29], ["1", "10", "20", "30"])
    keys = list(table["top"])
    whole = table["whole"]["second"]
    for number, kind in enumerate(("top", "layers", "any")):
        colour = PALETTE[(1, 2, 0)[number]]
        for place, key in enumerate(keys, start=1):
            values = table[kind][key]["rows" if kind == "top" else "second"]
            cost.plot([place] * len(values), values, "_", color=colour, markersize=8, alpha=0.7)
        means = [whole, *(table[kind][key]["second_mean"] for key in keys)]
        style = ("-", "-.", "--")[number]
        cost.plot(means, style, marker=MARKERS[number], color=colour, label=text[kind])
    cost.set_xticks(range(len(keys) + 1), ["0", *keys])
    cost.set_ylim(0, None)
    cost.set_title(text["cost"], fontsize=10)
    cost.set_xlabel(text["silenced"])
    cost.grid(visible=True, axis="y")
    cost.legend(loc="upper left", fontsize=9)
    return figure
