"""Two places asked for at once: right answers by heads, and what each head looks at."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "right": "两问平均答对",
        "x": "头数",
        "linear": "后接一个线性层",
        "mlp": "后接两层",
        "weights": "一道题的权重",
        "one": "1 个头",
        "mlp_one": "1 头，两层",
        "head": "4 头之 {}",
        "asked": ("问一", "问二"),
        "chance": "瞎猜",
    },
    "en": {
        "right": "right answers, mean of both",
        "x": "heads",
        "linear": "read by one linear layer",
        "mlp": "read by two layers",
        "weights": "weights, one question",
        "one": "1 head",
        "mlp_one": "1, two layers",
        "head": "{} of 4",
        "asked": ("1st", "2nd"),
        "chance": "chance",
    },
}


def draw(lang: str) -> Figure:
    table = results.read("multi_head_attention")["numbers"]["two"]
    text = TEXT[lang]
    figure, (left, right) = new_figure(5.6, 3.4, ncols=2, lang=lang)
    places = np.arange(len(table["heads"]))
    for k, kind in enumerate(("linear", "mlp")):
        of_kind = [table[kind][str(h)] for h in table["heads"]]
        shift = (-0.06, 0.06)[k]
        style = {"color": PALETTE[k], "marker": MARKERS[k], "label": text[kind]}
        left.plot(places + shift, [row["best"] for row in of_kind], LINESTYLES[k], **style)
        for place, row in zip(places, of_kind, strict=True):
            every = [right for rate in row["each"] for right in rate]
            left.plot(np.full(len(every), place + shift), every, "_", color=PALETTE[k])
    left.axhline(table["chance"], color="black", linestyle=":", linewidth=1)
    left.text(places[-1] + 0.4, table["chance"] + 0.02, text["chance"], ha="right", fontsize=9)
    left.set_xticks(places, [str(h) for h in table["heads"]])
    left.set_xlim(-0.4, places[-1] + 0.4)
    left.set_ylim(0, 1.05)
    left.set_title(text["right"], fontsize=10)
    left.set_xlabel(text["x"])
    left.grid(visible=True, axis="y")
    rows = [table["linear"]["1"]["example"][0], table["mlp"]["1"]["example"][0]]
    rows += table["linear"]["4"]["example"]
    right.imshow(np.array(rows), cmap="Blues", vmin=0, vmax=1, aspect="auto", interpolation="none")
    names = [text["one"], text["mlp_one"], *(text["head"].format(k) for k in range(1, 5))]
    right.set_yticks(range(6), names)
    right.set_xticks(range(8), [*text["asked"], *[""] * 6])
    right.tick_params(length=0)
    right.set_title(text["weights"], fontsize=10)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
