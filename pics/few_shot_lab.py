"""Accuracy against the number of examples, all the lab's tasks (results/few_shot_lab.json)."""

from typing import Any

from _few_shot import TASKS
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

CHANCE = {"sentiment": 1 / 2, "renamed": 1 / 2, "kinds": 1 / 4, "inference": 1 / 3}
WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "accuracy": "不校准",
        "calibrated": "校准",
        "chance": "瞎猜",
        "zero": "挑出的零样本",
        "x": "例子数",
        "y": "准确率（%）",
        "task": "任务",
        "range": {"accuracy": "不校准：最差到最好", "calibrated": "校准：最差到最好"},
        "hover": "%{x} 个例子：%{y:.0f}% （± %{customdata[0]:.1f}）<br>"
        "最差 %{customdata[1]:.0f}%，最好 %{customdata[2]:.0f}%",
    },
    "en": {
        "accuracy": "plain",
        "calibrated": "calibrated",
        "chance": "chance",
        "zero": "zero-shot, chosen",
        "x": "examples",
        "y": "accuracy (%)",
        "task": "task",
        "range": {"accuracy": "plain: worst to best", "calibrated": "calibrated: worst to best"},
        "hover": "%{x} examples: %{y:.0f}% (± %{customdata[0]:.1f})<br>"
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
    chosen = results.read("few_shot_wordings")["numbers"]["chosen"]
    shots, tasks = numbers["shots"], numbers["tasks"]
    figure, grid = new_figure(5.6, 8.0, nrows=4, ncols=3, lang=lang, sharex=True, sharey=True)
    for axes, (name, points) in zip(grid.flat, tasks.items(), strict=False):
        for kind, (line, marker, colour) in STYLES.items():
            if kind in points["k0"]:
                found = [points[f"k{k}"][kind] for k in shots]
                mean, low, high = ([100 * p[key] for p in found] for key in ("mean", "low", "high"))
                bars = [
                    [m - b for m, b in zip(mean, low, strict=True)],
                    [t - m for m, t in zip(mean, high, strict=True)],
                ]
                beside = 0.14 * colour if len(points["k0"]) > 1 else 0.0
                axes.errorbar(
                    [place + beside for place in range(len(shots))],
                    mean,
                    bars,
                    color=PALETTE[colour],
                    linestyle=line,
                    marker=marker,
                    ms=3.5,
                    lw=1.2,
                    elinewidth=0.9,
                    capsize=2,
                    label=words[kind],
                )
        if name in chosen:
            zero = 100 * chosen[name]["fair"]
            axes.axhline(zero, color=PALETTE[2], linestyle="-.", lw=1.3, label=words["zero"])
        if name in CHANCE:
            axes.axhline(100 * CHANCE[name], color="gray", linestyle=":", label=words["chance"])
        axes.set_title(TASKS[lang][name], fontsize=10)
        axes.set_ylim(-4, 104)
        axes.set_xticks(range(len(shots)), [str(k) for k in shots])
        axes.tick_params(labelbottom=True, labelsize=9)
    handles: dict[str, Any] = {}
    for axes in grid.flat:
        handles |= dict(zip(*axes.get_legend_handles_labels()[::-1], strict=True))
    last = grid.flat[-1]
    last.set_axis_off()
    last.legend(handles.values(), handles, loc="center", fontsize=9)
    figure.supxlabel(words["x"], fontsize=10)
    figure.supylabel(words["y"], fontsize=10)
    return figure


def plotly(lang: str) -> dict[str, Any]:
    """One task at a time, chosen by name, with the draws' range, which the small charts leave out.

    Traces: the range of each kind, then its mean, then the chosen zero-shot prompt, then chance.
    """
    words, numbers = WORDS[lang], results.read("few_shot_lab")["numbers"]
    chosen = results.read("few_shot_wordings")["numbers"]["chosen"]
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
    green, grey = {"color": PALETTE[2], "dash": "dashdot"}, {"color": "#808080", "dash": "dot"}
    traces.append({"name": words["zero"], "x": shots, "line": green, "hoverinfo": "skip"})
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
        for level in (chosen.get(name, {}).get("fair"), CHANCE.get(name)):
            data.append({"visible": False} if level is None else {"y": [100 * level] * len(shots)})
        return {"data": data}

    return {
        "choosers": [
            {
                "label": words["task"],
                "options": [TASKS[lang][name] for name in tasks],
                "start": list(tasks).index("antonyms"),
            }
        ],
        "data": [{"type": "scatter", "mode": "lines", "y": [], **trace} for trace in traces],
        "layout": {
            "xaxis": {"type": "category", "title": {"text": words["x"]}},
            "yaxis": {"title": {"text": words["y"]}, "range": [-4, 104]},
        },
        "states": [state(name) for name in tasks],
    }
