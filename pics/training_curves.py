"""Loss and test accuracy of the digits, epoch by epoch, over the seeds of the results file."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "x": "轮",
        "loss": "训练损失",
        "accuracy": "测试准确率（%）",
        "close": "测试准确率（%），只看 90 以上",
        "least": "可能的最小值",
        "mean": "各个种子的平均",
        "range": "最小到最大",
        "one": "一个种子",
        "axis": "纵轴",
        "seed": "种子",
        "note": "种子 {}：最后一轮的训练损失 {:.3f}，测试准确率 {:.1f}%；",
        "reached": "第 {} 轮第一次达到 99%。",
        "never": "没有一轮达到 99%。",
        "hover": "第 %{x} 轮：%{y:.4~g}",
    },
    "en": {
        "x": "epoch",
        "loss": "training loss",
        "accuracy": "test accuracy (%)",
        "close": "test accuracy (%), above 90 only",
        "least": "least possible",
        "mean": "mean over the seeds",
        "range": "smallest to largest",
        "one": "one seed",
        "axis": "y axis",
        "seed": "seed",
        "note": "Seed {}: training loss {:.3f} and test accuracy {:.1f}% in the last epoch; ",
        "reached": "it first reaches 99% in epoch {}.",
        "never": "it never reaches 99%.",
        "hover": "epoch %{x}: %{y:.4~g}",
    },
}


def least() -> float:
    """The entropy of a label smoothed by 0.1 over ten classes: no loss is lower."""
    q = np.full(10, 0.01)
    q[0] += 0.9
    return float(-(q * np.log(q)).sum())


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    numbers = results.read("training")["numbers"]
    epochs = np.arange(1, numbers["epochs"] + 1)
    figure, panels = new_figure(5.6, 3.1, ncols=2, lang=lang)
    for axes, key, colour in zip(panels, ("loss", "accuracy"), PALETTE, strict=False):
        runs = np.array(numbers[key])  # (seeds, epochs)
        axes.fill_between(epochs, runs.min(axis=0), runs.max(axis=0), color=colour, alpha=0.25)
        axes.plot(epochs, runs.mean(axis=0), color=colour, linewidth=2)
        axes.set_xlabel(text["x"])
        axes.set_xticks([1, 5, 10, 15, 20])
        axes.grid(visible=True)
    panels[0].axhline(least(), color="black", linestyle=":", linewidth=1.3)
    panels[0].text(1, least() - 0.03, text["least"], va="top", fontsize=9)
    panels[0].set_ylim(0.35, 1.5)
    panels[0].set_ylabel(text["loss"])
    panels[1].axhline(0.99, color="black", linestyle=":", linewidth=1.3)
    panels[1].text(20, 0.988, "99 %", va="top", ha="right", fontsize=9)
    panels[1].set_ylim(0.9, 1.002)
    panels[1].set_yticks([0.9, 0.92, 0.94, 0.96, 0.98, 1.0], ["90", "92", "94", "96", "98", "100"])
    panels[1].set_ylabel(text["accuracy"])
    return figure


def plotly(lang: str) -> dict[str, Any]:
    """One seed at a time before the range and the mean of all, in the loss or the accuracy."""
    text, numbers = TEXT[lang], results.read("training")["numbers"]
    epochs = list(range(1, numbers["epochs"] + 1))
    loss = np.array(numbers["loss"]).round(4)  # (seeds, epochs)
    accuracy = (100 * np.array(numbers["accuracy"])).round(2)

    def state(runs: np.ndarray, seed: int, level: float, axis: dict[str, Any]) -> dict[str, Any]:
        band = [*runs.min(axis=0).tolist(), *runs.max(axis=0)[::-1].tolist()]
        reached = np.flatnonzero(accuracy[seed] >= 99)
        when = text["reached"].format(reached[0] + 1) if len(reached) else text["never"]
        said = text["note"].format(seed, loss[seed, -1], accuracy[seed, -1])
        mean, one = runs.mean(axis=0).round(4).tolist(), runs[seed].tolist()
        name = text["least"] if runs is loss else "99%"
        return {
            "data": [{"y": band}, {"y": mean}, {"y": one}, {"y": [level] * 2, "name": name}],
            "layout": {"yaxis": axis},
            "note": said + when,
        }

    kinds = [
        (loss, least(), {"title": {"text": text["loss"]}, "range": [0.4, 2.1]}),
        (accuracy, 99, {"title": {"text": text["accuracy"]}, "range": [25, 103]}),
        (accuracy, 99, {"title": {"text": text["accuracy"]}, "range": [90, 100.2]}),
    ]
    traces: list[dict[str, Any]] = [
        {
            "name": text["range"],
            "x": epochs + epochs[::-1],
            "fill": "toself",
            "fillcolor": f"{PALETTE[0]}30",
            "line": {"width": 0},
            "hoverinfo": "skip",
        },
        {"name": text["mean"], "x": epochs, "line": {"color": PALETTE[0], "dash": "dash"}},
        {
            "name": text["one"],
            "mode": "lines+markers",
            "x": epochs,
            "line": {"color": PALETTE[1]},
            "marker": {"size": 6},
        },
        {
            "x": [1, epochs[-1]],
            "line": {"color": "#000000", "dash": "dot", "width": 1.3},
            "hoverinfo": "skip",
        },
    ]
    hover = {"hovertemplate": f"{text['hover']}<extra></extra>"}
    return {
        "choosers": [
            {
                "label": text["axis"],
                "options": [text["loss"], text["accuracy"], text["close"]],
                "start": 1,
            },
            {
                "label": text["seed"],
                "options": [str(seed) for seed in range(len(loss))],
                "slider": True,
            },
        ],
        "data": [
            {"type": "scatter", "mode": "lines", **trace, **({} if "hoverinfo" in trace else hover)}
            for trace in traces
        ],
        "layout": {"xaxis": {"title": {"text": text["x"]}, "tickvals": [1, 5, 10, 15, 20]}},
        "states": [
            [state(runs, seed, level, axis) for seed in range(len(runs))]
            for runs, level, axis in kinds
        ],
    }
