"""SmolLM2's induction heads: their scores, the strongest one's weights, what silencing costs."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "scores": "归纳分数",
        "head": "头",
        "layer": "层",
        "map": "最强的头",
        "from": "被看的位置",
        "to": "在看的位置",
        "cost": "后一半（纳特）",
        "silenced": "关掉的头数",
        "top": "最强的",
        "random": "随机的",
    },
    "en": {
        "scores": "scores",
        "head": "head",
        "layer": "layer",
        "map": "the strongest head",
        "from": "looked at",
        "to": "looking",
        "cost": "nats, second half",
        "silenced": "heads silenced",
        "top": "strongest",
        "random": "random",
    },
}


def draw(lang: str) -> Figure:
    table = results.read("in_context_learning")["numbers"]["smollm2"]
    text = TEXT[lang]
    figure, panels = new_figure(
        5.4, 3.6, ncols=3, lang=lang, width_ratios=[0.75, 1.35, 1.5], squeeze=True
    )
    scores, weights, cost = panels
    scores.imshow(np.array(table["scores"]), cmap="Blues", vmin=0, vmax=1, interpolation="none")
    scores.set_title(text["scores"])
    scores.set_xlabel(text["head"])
    scores.set_ylabel(text["layer"])
    scores.set_xticks([0, 4, 8], ["1", "5", "9"])
    scores.set_yticks([0, 9, 19, 29], ["1", "10", "20", "30"])
    grid = np.array([list(map(int, row.split())) for row in table["map"]])
    weights.imshow(grid, cmap="Blues", vmin=0, vmax=100, interpolation="none")
    weights.set_title(text["map"])
    weights.set_xlabel(text["from"])
    weights.set_ylabel(text["to"])
    weights.set_xticks([0, 24, 49], ["1", "25", "50"])
    weights.set_yticks([0, 24, 49], ["1", "25", "50"])
    places = np.arange(len(table["counts"]))
    for row in table["top"]:
        cost.plot(places, row, color=PALETTE[1], linewidth=0.6, alpha=0.6)
    cost.plot(places, table["top_mean"], "o-", color=PALETTE[1], label=text["top"])
    for row in table["random"]:
        for place, values in zip(places, row, strict=True):
            cost.plot([place] * len(values), values, "_", color=PALETTE[0], markersize=8, alpha=0.7)
    cost.plot(places, table["random_mean"], "s--", color=PALETTE[0], label=text["random"])
    cost.set_xticks(places, [str(count) for count in table["counts"]])
    cost.set_ylim(0, None)
    cost.set_title(text["cost"], fontsize=9)
    cost.set_xlabel(text["silenced"])
    cost.grid(visible=True, axis="y")
    cost.legend(loc="upper left", fontsize=9)
    return figure
