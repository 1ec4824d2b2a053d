"""Accuracy against the number of examples, all tasks of the lab (results/few_shot_lab.json)."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

CHANCE = {"sentiment": 1 / 2, "renamed": 1 / 2, "kinds": 1 / 4, "inference": 1 / 3}
WORDS = {
    "zh": {
        "past": "过去式",
        "antonyms": "反义词",
        "plurals": "复数",
        "comparatives": "比较级",
        "capitals": "国家的首都",
        "french": "英译法",
        "addition": "两位数加法",
        "sentiment": "情感",
        "renamed": "情感（foo/bar）",
        "kinds": "类别",
        "inference": "三分类推理",
        "accuracy": "不校准",
        "calibrated": "校准",
        "chance": "瞎猜",
        "x": "例子数",
        "y": "正确率（%）",
    },
    "en": {
        "past": "past tense",
        "antonyms": "antonyms",
        "plurals": "plurals",
        "comparatives": "comparatives",
        "capitals": "capitals",
        "french": "English to French",
        "addition": "two-digit addition",
        "sentiment": "sentiment",
        "renamed": "sentiment as foo/bar",
        "kinds": "kinds of things",
        "inference": "three-way inference",
        "accuracy": "plain",
        "calibrated": "calibrated",
        "chance": "chance",
        "x": "examples",
        "y": "accuracy (%)",
    },
}
STYLES = {"accuracy": ("-", "o", 0), "calibrated": ("--", "s", 1)}


def draw(lang: str) -> Figure:
    words, numbers = WORDS[lang], results.read("few_shot_lab")["numbers"]
    shots, tasks = numbers["shots"], numbers["tasks"]
    figure, grid = new_figure(6.4, 7.6, nrows=4, ncols=3, lang=lang, sharex=True, sharey=True)
    for axes, (name, points) in zip(grid.flat, tasks.items(), strict=False):
        for kind, (line, marker, colour) in STYLES.items():
            if kind in points["k0"]:
                axes.errorbar(
                    range(len(shots)),
                    [100 * points[f"k{k}"][kind]["mean"] for k in shots],
                    [100 * points[f"k{k}"][kind]["error"] for k in shots],
                    color=PALETTE[colour],
                    linestyle=line,
                    marker=marker,
                    ms=4,
                    capsize=2,
                    label=words[kind],
                )
        if name in CHANCE:
            axes.axhline(100 * CHANCE[name], color="gray", linestyle=":", label=words["chance"])
        axes.set_title(words[name], fontsize=10)
        axes.set_ylim(-4, 104)
        axes.set_xticks(range(len(shots)), [str(k) for k in shots])
        axes.tick_params(labelbottom=True)
    last = grid.flat[-1]
    last.set_axis_off()
    last.legend(*grid.flat[-2].get_legend_handles_labels(), loc="center")
    figure.supxlabel(words["x"], fontsize=10)
    figure.supylabel(words["y"], fontsize=10)
    return figure


def plotly(lang: str) -> dict[str, Any]:
    """All tasks in one figure: a click in the legend hides or shows one."""
    words, numbers = WORDS[lang], results.read("few_shot_lab")["numbers"]
    shots = numbers["shots"]
    traces = []
    for place, (name, points) in enumerate(numbers["tasks"].items()):
        for kind, dash in (("accuracy", "solid"), ("calibrated", "dash")):
            if kind not in points["k0"]:
                continue
            here = [points[f"k{k}"][kind] for k in shots]
            plain = kind == "accuracy"
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines+markers",
                    "name": words[name] + ("" if plain else f" · {words[kind]}"),
                    "visible": True if plain else "legendonly",
                    "x": [str(k) for k in shots],
                    "y": [round(100 * point["mean"], 1) for point in here],
                    "error_y": {
                        "type": "data",
                        "array": [round(100 * point["error"], 1) for point in here],
                    },
                    "customdata": [
                        [round(100 * point["low"], 1), round(100 * point["high"], 1)]
                        for point in here
                    ],
                    "hovertemplate": "%{fullData.name}, k = %{x}: %{y:.0f} % "
                    "(%{customdata[0]:.0f}–%{customdata[1]:.0f})<extra></extra>",
                    "line": {"color": PALETTE[place % len(PALETTE)], "dash": dash},
                    "marker": {
                        "symbol": "circle" if place < len(PALETTE) else "square",
                        "size": 7,
                    },
                }
            )
    layout = {
        "xaxis": {"type": "category", "title": {"text": words["x"]}},
        "yaxis": {"title": {"text": words["y"]}, "range": [-3, 103]},
        "legend": {"orientation": "h", "y": -0.2},
    }
    return {"data": traces, "layout": layout}
