"""Accuracy against the number of examples, all tasks of the lab (results/few_shot_lab.json)."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

CHANCE = {"sentiment": 1 / 2, "renamed": 1 / 2, "kinds": 1 / 4, "inference": 1 / 3}
WORDS: dict[str, dict[str, Any]] = {
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
        "inference": "自然语言推理",
        "accuracy": "不校准",
        "calibrated": "校准",
        "chance": "瞎猜",
        "x": "例子数",
        "y": "准确率（%）",
        "task": "任务",
        "range": {"accuracy": "不校准：最差到最好", "calibrated": "校准：最差到最好"},
        "hover": "%{x} 个例子：%{y:.0f}% ± %{customdata[0]:.1f}%<br>"
        "最差 %{customdata[1]:.0f}%，最好 %{customdata[2]:.0f}%",
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
        "task": "task",
        "range": {"accuracy": "plain: worst to best", "calibrated": "calibrated: worst to best"},
        "hover": "%{x} examples: %{y:.0f}% ± %{customdata[0]:.1f}%<br>"
        "worst %{customdata[1]:.0f}%, best %{customdata[2]:.0f}%",
    },
}
STYLES = {"accuracy": ("-", "o", 0), "calibrated": ("--", "s", 1)}
INTERACTIVE = {
    "accuracy": ("solid", "circle", PALETTE[0]),
    "calibrated": ("dash", "square", PALETTE[1]),
}


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
    """One task at a time, chosen by name, with the draws' range, which the small charts leave out.

    Traces: the range of each kind, then its mean, then chance.
    """
    words, numbers = WORDS[lang], results.read("few_shot_lab")["numbers"]
    shots, tasks = [str(k) for k in numbers["shots"]], numbers["tasks"]
    traces: list[dict[str, Any]] = []
    for kind, (dash, symbol, color) in INTERACTIVE.items():
        band = {"x": shots + shots[::-1], "fill": "toself", "fillcolor": f"{color}30"}
        line = {"x": shots, "line": {"color": color, "dash": dash}, "mode": "lines+markers"}
        traces += [
            {"name": words["range"][kind], "hoverinfo": "skip", "line": {"width": 0}, **band},
            {
                "name": words[kind],
                "marker": {"symbol": symbol, "size": 8},
                "hovertemplate": f"{words['hover']}<extra></extra>",
                **line,
            },
        ]
    grey = {"color": "#808080", "dash": "dot"}
    traces.append({"name": words["chance"], "x": shots, "line": grey, "hoverinfo": "skip"})

    def state(name: str) -> dict[str, Any]:
        data: list[dict[str, Any]] = []
        for kind in INTERACTIVE:
            here = [tasks[name][f"k{k}"].get(kind) for k in shots]
            if None in here:
                data += [{"visible": False}, {"visible": False}]
                continue
            low, mean, high, error = (
                [round(100 * point[key], 1) for point in here]
                for key in ("low", "mean", "high", "error")
            )
            bars = {"array": error, "thickness": 1.5}
            rows = list(zip(error, low, high, strict=True))
            data += [{"y": low + high[::-1]}, {"y": mean, "error_y": bars, "customdata": rows}]
        guess = [100 * CHANCE[name]] * len(shots) if name in CHANCE else None
        return {"data": [*data, {"y": guess} if guess else {"visible": False}]}

    return {
        "choosers": [
            {
                "label": words["task"],
                "options": [words[name] for name in tasks],
                "start": list(tasks).index("sentiment"),
            }
        ],
        "data": [{"type": "scatter", "mode": "lines", "y": [], **trace} for trace in traces],
        "layout": {
            "xaxis": {"type": "category", "title": {"text": words["x"]}},
            "yaxis": {"title": {"text": words["y"]}, "range": [-4, 104]},
        },
        "states": [state(name) for name in tasks],
    }
