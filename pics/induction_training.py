"""One layer and two on rows that repeat: what is right by steps, and the two layers' scores."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "right": "答对的重复词",
        "scores": "两层模型：放在该看处的权重",
        "1": "一层",
        "2": "两层",
        "previous": "第一层：前一个词",
        "induction": "第二层：该抄的词",
        "x": "步数",
    },
    "en": {
        "right": "repeated words right",
        "scores": "two layers: weight where it should be",
        "1": "one layer",
        "2": "two layers",
        "previous": "layer 1: word before",
        "induction": "layer 2: word to copy",
        "x": "steps",
    },
}


def draw(lang: str) -> Figure:
    curves = results.read("induction_heads")["numbers"]["curves"]
    text = TEXT[lang]
    figure, (left, right) = new_figure(5.6, 2.9, ncols=2, lang=lang, sharey=True)
    steps = [row["step"] for row in curves["2"][0]]
    for number, layers in enumerate(("2", "1")):
        for seed, run in enumerate(curves[layers]):
            left.plot(
                steps,
                [row["right"] for row in run],
                ("-", "--")[number],
                color=PALETTE[1 - number],
                label=None if seed else text[layers],
            )
    for number, (key, layer) in enumerate((("previous", 0), ("induction", 1))):
        for seed, run in enumerate(curves["2"]):
            right.plot(
                steps,
                [np.max(row[key][layer]) for row in run],
                ("-", "--")[number],
                color=PALETTE[(2, 3)[number]],
                label=None if seed else text[key],
            )
    for axes, title in ((left, "right"), (right, "scores")):
        axes.set_title(text[title], fontsize=9)
        axes.set_xlabel(text["x"])
        axes.set_ylim(0, 1.02)
        axes.grid(visible=True, axis="y")
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure
