"""Left: two hidden units with a ReLU make |x|. Right: how often a random network bends."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "left": "两个隐藏单元拼出 |x|",
        "right": "两点之间有弯折的比例",
        "x": "两点的距离（占全程）",
        "relu": "有 ReLU",
        "none": "没有 ReLU",
        "switched": "有隐藏单元开关",
    },
    "en": {
        "left": "two hidden units make |x|",
        "right": "share of pairs with a bend",
        "x": "distance (share of the way)",
        "relu": "with ReLU",
        "none": "without ReLU",
        "switched": "a hidden unit switches",
    },
}


def draw(lang: str) -> Figure:
    numbers, text = results.read("module")["numbers"], TEXT[lang]
    figure, (left, right) = new_figure(5.6, 2.8, ncols=2, lang=lang)
    x = np.linspace(-1, 1, 41)
    left.plot(x, abs(x), color=PALETTE[0], lw=2.5, alpha=0.5, label="|x|")
    for index, (sign, name) in enumerate(((1, "relu(x)"), (-1, "relu(−x)"))):
        values = (sign * x).clip(0)
        left.plot(x, values, LINESTYLES[1 + 2 * index], color=PALETTE[1 + index], label=name)
    left.set(title=text["left"], xlabel="x", ylim=(-0.05, 1.75))
    left.set_yticks([0, 0.5, 1])
    left.legend(loc="upper center", fontsize=9)
    distances = numbers["distances"]
    shares = numbers["bends"]["share"]
    right.plot(
        distances, list(numbers["bends"]["switched"].values()), ls="none", marker="s", ms=9,
        mfc="none", color="0.45", label=text["switched"],
    )  # fmt: skip
    for index, name in enumerate(("relu", "none")):
        right.plot(
            distances, list(shares[name].values()), LINESTYLES[index], marker=MARKERS[2 * index],
            ms=4, color=PALETTE[index], label=text[name],
        )  # fmt: skip
    right.set(xscale="log", title=text["right"], xlabel=text["x"], ylim=(-0.05, 1.75))
    right.set_yticks([0, 0.5, 1])
    right.legend(loc="upper left", fontsize=9)
    return figure
