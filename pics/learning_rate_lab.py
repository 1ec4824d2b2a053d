"""Accuracy by learning rate after one, two and three epochs (results/learning_rate_lab.json)."""

import math
from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "x": "学习率",
        "accuracy": "留出句子的准确率（%）",
        "epochs": ("第 1 轮后", "第 2 轮后", "第 3 轮后"),
        "words": "词袋",
        "collapsed": "只答一类的种子",
        "held_out_loss": "留出句子的损失",
        "train_loss": "训练句子的损失",
        "axis": "纵轴",
        "hover": "%{text}，%{fullData.name}：%{customdata[0]:.1f}%<br>"
        "留出句子的损失 %{customdata[1]:.2f}<br>训练句子的损失 %{customdata[2]:.2f}<br>"
        "只答一类的种子：%{customdata[3]}<extra></extra>",
    },
    "en": {
        "x": "learning rate",
        "accuracy": "accuracy, held-out sentences (%)",
        "epochs": ("after epoch 1", "after epoch 2", "after epoch 3"),
        "words": "bag of words",
        "collapsed": "seeds with one answer only",
        "held_out_loss": "loss, held-out sentences",
        "train_loss": "loss, training sentences",
        "axis": "y axis",
        "hover": "%{text}, %{fullData.name}: %{customdata[0]:.1f}%<br>"
        "loss, held-out sentences: %{customdata[1]:.2f}<br>"
        "loss, training sentences: %{customdata[2]:.2f}<br>"
        "seeds with one answer only: %{customdata[3]}<extra></extra>",
    },
}

AXES = {"accuracy": {"range": [43, 97]}, "collapsed": {"range": [-0.2, 3.2], "dtick": 1}}


def points(epoch: int) -> list[tuple[float, dict[str, Any]]]:
    """Rates and what was measured after ``epoch``, by rate."""
    sweep = results.read("learning_rate_lab")["numbers"]["sweep"]
    return sorted((float(rate), found[f"epoch_{epoch}"]) for rate, found in sweep.items())


def percent(share: float) -> float:
    return round(100 * share, 1)


def ticks(rate: float) -> str:
    return f"{rate:.0e}".replace("e-0", "e-")


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, axes = new_figure(5.2, 3.6, lang=lang)
    for k, label in enumerate(text["epochs"]):
        found = points(k + 1)
        rates = [rate * 1.06 ** (k - 1) for rate, _ in found]  # side by side
        mean, low, high = ([100 * p[key] for _, p in found] for key in ("accuracy", "low", "high"))
        bars = [
            [m - b for m, b in zip(mean, low, strict=True)],
            [t - m for m, t in zip(mean, high, strict=True)],
        ]
        style = {"color": PALETTE[k], "marker": MARKERS[k], "markersize": 5, "capsize": 3}
        axes.errorbar(rates, mean, yerr=bars, linestyle=LINESTYLES[k], label=label, **style)
    words = results.number("learning_rate_lab.bag_of_words.held_out")
    axes.axhline(100 * words, color="0.5", linewidth=4, alpha=0.4, label=text["words"])
    axes.set_xscale("log")
    rates = [rate for rate, _ in points(1)]
    axes.set_xticks(rates, [ticks(rate) for rate in rates])
    axes.minorticks_off()
    axes.set_xlabel(text["x"])
    axes.set_ylabel(text["accuracy"])
    axes.grid(visible=True)
    axes.legend(fontsize=8, loc="lower left")
    return figure


def plotly(lang: str) -> dict[str, Any]:
    """By rate, what is chosen: accuracy, a loss, or how many seeds give one answer only.

    Traces: one an epoch, then what a model gets that knows nothing.
    """
    text = TEXT[lang]
    rates = [rate for rate, _ in points(1)]
    epochs = [[point for _, point in points(epoch)] for epoch in (1, 2, 3)]
    words = results.number("learning_rate_lab.bag_of_words.held_out")
    levels = {
        "accuracy": {"y": [round(100 * words, 1)] * 2, "name": text["words"]},
        "held_out_loss": {"y": [math.log(2)] * 2, "name": "log 2"},
        "train_loss": {"y": [math.log(2)] * 2, "name": "log 2"},
        "collapsed": {"visible": False},
    }

    def state(key: str) -> dict[str, Any]:
        lines = [{"y": [point[key] for point in epoch], "error_y": {}} for epoch in epochs]
        for line, epoch in zip(lines, epochs, strict=True):
            if key == "accuracy":
                line["y"] = [percent(point["accuracy"]) for point in epoch]
                line["error_y"] = {
                    "symmetric": False,
                    "array": [percent(p["high"] - p["accuracy"]) for p in epoch],
                    "arrayminus": [percent(p["accuracy"] - p["low"]) for p in epoch],
                }
        return {
            "data": [*lines, levels[key]],
            "layout": {"yaxis": {"title": {"text": text[key]}, **AXES.get(key, {})}},
        }

    traces: list[dict[str, Any]] = []
    for k, epoch in enumerate(epochs):
        rows = [
            [percent(p["accuracy"]), p["held_out_loss"], p["train_loss"], p["collapsed"]]
            for p in epoch
        ]
        traces.append(
            {
                "mode": "lines+markers",
                "name": text["epochs"][k],
                "x": [round(rate * 1.06 ** (k - 1), 8) for rate in rates],  # side by side
                "text": [ticks(rate) for rate in rates],
                "customdata": rows,
                "hovertemplate": text["hover"],
                "line": {"color": PALETTE[k], "dash": ("solid", "dash", "dashdot")[k]},
                "marker": {"symbol": ("circle", "square", "triangle-up")[k], "size": 8},
            }
        )
    grey = {"color": "#a0a0a0", "width": 4}
    ends = [rates[0], rates[-1]]
    traces.append({"mode": "lines", "x": ends, "line": grey, "hoverinfo": "skip"})
    axis = {"type": "log", "tickvals": rates, "ticktext": [ticks(rate) for rate in rates]}
    return {
        "choosers": [{"label": text["axis"], "options": [text[key] for key in levels]}],
        "data": [{"type": "scatter", **trace} for trace in traces],
        "layout": {"xaxis": {**axis, "title": {"text": text["x"]}}},
        "states": [state(key) for key in levels],
    }
