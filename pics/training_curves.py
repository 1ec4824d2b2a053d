"""Loss and accuracy of the digits, train and test together, by epoch; the other seeds as bands."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "x": "轮",
        "loss": "损失",
        "accuracy": "准确率",
        "close": "准确率，只看 0.9 以上",
        "train": "训练",
        "test": "测试",
        "range": "最小到最大",
        "axis": "纵轴",
        "seed": "种子",
        "note": "种子 {}：最后一轮的损失，训练 {:.3f}，测试 {:.3f}；"
        "准确率，训练 {:.3f}，测试 {:.3f}。",
        "hover": "第 %{x} 轮：%{y:.3f}",
    },
    "en": {
        "x": "epoch",
        "loss": "loss",
        "accuracy": "accuracy",
        "close": "accuracy, above 0.9 only",
        "train": "train",
        "test": "test",
        "range": "smallest to largest",
        "axis": "y axis",
        "seed": "seed",
        "note": "Seed {}: loss in the last epoch, train {:.3f}, test {:.3f}; "
        "accuracy, train {:.3f}, test {:.3f}.",
        "hover": "epoch %{x}: %{y:.3f}",
    },
}
PARTS = ("train", "test")


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    numbers = results.read("training")["numbers"]
    epochs = np.arange(1, numbers["epochs"] + 1)
    figure, panels = new_figure(5.6, 2.2, ncols=2, lang=lang)
    for axes, key in zip(panels, ("loss", "accuracy"), strict=True):
        for k, part in enumerate(PARTS):
            runs = np.array(numbers[part][key])  # (seeds, epochs)
            axes.fill_between(
                epochs, runs.min(axis=0), runs.max(axis=0), color=PALETTE[k], alpha=0.15
            )
            axes.plot(
                epochs,
                runs[0],
                LINESTYLES[k],
                marker=MARKERS[k],
                markersize=3,
                color=PALETTE[k],
                label=text[part],
            )
        axes.set_xlabel(text["x"])
        axes.set_ylabel(text[key])
        axes.set_xticks([1, 5, 10, 15, 20])
        axes.grid(visible=True)
    panels[0].set_ylim(0, 2.4)
    panels[1].set_ylim(0.2, 1.02)
    panels[0].legend(loc="upper right")
    return figure


def plotly(lang: str) -> dict[str, Any]:
    """One seed at a time before the range of all: train and test, in the loss or the accuracy."""
    text, numbers = TEXT[lang], results.read("training")["numbers"]
    epochs = list(range(1, numbers["epochs"] + 1))
    runs = {
        (part, key): np.array(numbers[part][key]).round(4)
        for part in PARTS
        for key in ("loss", "accuracy")
    }

    def state(key: str, seed: int, axis: dict[str, Any]) -> dict[str, Any]:
        data = []
        for part in PARTS:
            those = runs[part, key]
            data.append({"y": [*those.min(axis=0).tolist(), *those.max(axis=0)[::-1].tolist()]})
            data.append({"y": those[seed].tolist()})
        last = [runs[part, k][seed, -1] for k in ("loss", "accuracy") for part in PARTS]
        return {
            "data": data,
            "layout": {"yaxis": axis},
            "note": text["note"].format(seed, *last),
        }

    kinds = [
        ("loss", {"title": {"text": text["loss"]}, "range": [0, 2.4]}),
        ("accuracy", {"title": {"text": text["accuracy"]}, "range": [0.2, 1.02]}),
        ("accuracy", {"title": {"text": text["accuracy"]}, "range": [0.9, 1.0]}),
    ]
    traces: list[dict[str, Any]] = []
    for k, part in enumerate(PARTS):
        traces.append({
            "name": f"{text[part]}: {text['range']}",
            "x": epochs + epochs[::-1],
            "mode": "lines",
            "fill": "toself",
            "fillcolor": f"{PALETTE[k]}26",
            "line": {"width": 0},
            "hoverinfo": "skip",
        })  # fmt: skip
        traces.append({
            "name": text[part],
            "x": epochs,
            "mode": "lines+markers",
            "line": {"color": PALETTE[k], "dash": ("solid", "dash")[k]},
            "marker": {"size": 6, "symbol": ("circle", "square")[k]},
            "hovertemplate": f"{text['hover']}<extra></extra>",
        })  # fmt: skip
    return {
        "choosers": [
            {
                "label": text["axis"],
                "options": [text["loss"], text["accuracy"], text["close"]],
                "start": 0,
            },
            {
                "label": text["seed"],
                "options": [str(seed) for seed in range(numbers["seeds"])],
                "slider": True,
            },
        ],
        "data": [{"type": "scatter", **trace} for trace in traces],
        "layout": {"xaxis": {"title": {"text": text["x"]}, "tickvals": [1, 5, 10, 15, 20]}},
        "states": [
            [state(key, seed, axis) for seed in range(numbers["seeds"])] for key, axis in kinds
        ],
    }
