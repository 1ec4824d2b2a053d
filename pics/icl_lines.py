"""Lines from the prompt: the model's error and its rivals', and whose answers it is nearest to."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "model": "GPT",
        "nearest": "最近邻",
        "step_1": "下降 1 步",
        "step_2": "下降 2 步",
        "step_4": "下降 4 步",
        "least_squares": "最小二乘",
        "error": "误差",
        "apart": "离 GPT 的回答多远（8 个例子）",
        "x": "例子数",
    },
    "en": {
        "model": "GPT",
        "nearest": "nearest neighbour",
        "step_1": "descent, 1 step",
        "step_2": "descent, 2 steps",
        "step_4": "descent, 4 steps",
        "least_squares": "least squares",
        "error": "error",
        "apart": "how far from GPT's answers (8 examples)",
        "x": "examples",
    },
}
RIVALS = ("nearest", "step_1", "step_2", "step_4", "least_squares")


def draw(lang: str) -> Figure:
    table = results.read("in_context_learning")["numbers"]["lines"]
    text = TEXT[lang]
    figure, (left, right) = new_figure(5.6, 3.9, nrows=2, lang=lang, height_ratios=[1.9, 1])
    for run in table["each"]:
        left.plot(run, color=PALETTE[1], linewidth=0.6, alpha=0.6)
    curves = {"model": table["model"], **table["rivals"]}
    for number, key in enumerate(("model", *RIVALS)):
        colour = PALETTE[(1, 0, 2, 3, 4, 5)[number]]
        left.plot(
            np.array(curves[key]),
            linestyle="-" if key == "model" else LINESTYLES[number],
            color=colour,
            marker=MARKERS[number],
            markersize=4,
            linewidth=2 if key == "model" else 1.2,
            label=text[key],
        )
    left.set_title(text["error"], fontsize=10)
    left.set_xlabel(text["x"])
    left.set_ylim(0, 2.25)
    left.grid(visible=True, axis="y")
    figure.legend(loc="outside upper center", fontsize=9, ncols=3)
    far = [table["apart"][key] for key in RIVALS]
    places = np.arange(len(RIVALS))
    right.barh(places, far, color="0.75")
    for place, value in zip(places, far, strict=True):
        right.text(value + 0.005, place, f"{value:.2f}", va="center", fontsize=9)
    right.set_yticks(places, [text[key] for key in RIVALS], fontsize=9)
    right.invert_yaxis()
    right.set_xlim(0, max(far) * 1.15)
    right.set_title(text["apart"], fontsize=10)
    return figure
