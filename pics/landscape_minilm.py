"""MiniLM's loss over the plane of two tasks, from two starts, with the path of training."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "pretrained": "预训练的起点",
        "random": "随机的起点",
        "a": "a：评论",
        "b": "b：来信",
        "train": "训练损失",
        "held_out": "留出句子的损失",
        "path": "训练的路径（影子）",
        "start": "起点",
        "loss": "损失",
        "seed": "种子",
        "say": "a = {x}，b = {y}，损失 {z}",
        "note": "种子 {}：{} 步，训练损失 {:.2f}，留出句子的损失 {:.2f}、准确率 {:.0%}；"
        "一步长 {:.1f}",
    },
    "en": {
        "pretrained": "pretrained start",
        "random": "random start",
        "a": "a: reviews",
        "b": "b: letters",
        "train": "training loss",
        "held_out": "held-out loss",
        "path": "path of training (its shadow)",
        "start": "start",
        "loss": "loss",
        "seed": "seed",
        "say": "a = {x}, b = {y}, loss {z}",
        "note": "seed {}: {} steps, training loss {:.2f}; held-out loss {:.2f}, accuracy {:.0%}; "
        "a step of 1 is {:.1f} long",
    },
}
STARTS, LOSSES = ("pretrained", "random"), ("train", "held_out")


def surface(start: str, seed: int, loss: str) -> tuple[np.ndarray, np.ndarray]:
    """The heights, a row for each b, and the path laid on them: (points, 3)."""
    numbers = results.read("loss_landscape_lab")["numbers"]
    along, across = np.array(numbers["along"]), np.array(numbers["across"])
    heights = np.array(numbers[start]["plane"][seed])[..., LOSSES.index(loss)]
    path = np.array(numbers[start]["path"][seed])  # (points, 2)
    return heights, np.column_stack([path, [on(heights, along, across, *p) for p in path]])


def on(heights: np.ndarray, along: np.ndarray, across: np.ndarray, a: float, b: float) -> float:
    """The height at a and b, between the grid's points."""
    rows = [np.interp(a, along, row) for row in heights]
    return float(np.interp(b, across, rows))


def top() -> float:
    """The highest of all points, so that all surfaces have one scale."""
    numbers = results.read("loss_landscape_lab")["numbers"]
    return max(float(np.max(numbers[start]["plane"])) for start in STARTS)


def draw(lang: str) -> Figure:
    numbers, text = results.read("loss_landscape_lab")["numbers"], TEXT[lang]
    along, across = np.meshgrid(numbers["along"], numbers["across"])
    figure, panels = new_figure(
        5.6, 3.1, ncols=2, lang=lang, subplot_kw={"projection": "3d", "computed_zorder": False}
    )
    for start, axes in zip(STARTS, panels, strict=True):
        heights, path = surface(start, 0, "train")
        style = {"cmap": "viridis", "vmin": 0, "vmax": top(), "edgecolor": "0.25", "linewidth": 0.3}
        axes.plot_surface(along, across, heights, rstride=1, cstride=1, alpha=0.85, **style)
        axes.plot(*path.T, ".-", color=PALETTE[1], linewidth=2, markersize=4, zorder=5)
        axes.set(
            title=text[start],
            zlim=(0, top()),
            xticks=[0, 1],
            yticks=[-1, 0, 1],
            zticks=[0, 0.5, 1, 1.5],
        )
        axes.set_xlabel(text["a"], fontsize=9, labelpad=-6)
        axes.set_ylabel(text["b"], fontsize=9, labelpad=-4)
        axes.tick_params(labelsize=9, pad=-2)
        axes.view_init(28, -60)
    figure.suptitle(text["train"], fontsize=10)
    return figure


def plotly(lang: str) -> dict[str, Any]:
    """Start, loss and seed are chosen; the surface is turned; the path lies on it."""
    numbers, text = results.read("loss_landscape_lab")["numbers"], TEXT[lang]
    seeds = range(len(numbers["pretrained"]["steps"]))

    def state(start: str, loss: str, seed: int) -> dict[str, Any]:
        heights, path = surface(start, seed, loss)
        path[:, 2] += 0.01 * top()  # above the surface, or parts of it would be in it
        x, y, z = path.round(3).T.tolist()
        row = numbers[start]
        keys = ("steps", "train_loss", "held_out_loss", "accuracy", "moved")
        return {
            "data": [{"z": heights.round(3).tolist()}, {"x": x, "y": y, "z": z}],
            "layout": {"scene": {"zaxis": {"title": {"text": text[loss]}}}},
            "note": text["note"].format(seed, *(row[key][seed] for key in keys)),
        }

    hover = "a = %{x:.2f}, b = %{y:.2f}: %{z:.2f}<extra></extra>"
    colours = {"colorscale": "Viridis", "cmin": 0, "cmax": round(top(), 2), "showscale": False}
    line = {"mode": "lines+markers", "line": {"color": PALETTE[1], "width": 6}}
    ends = {"range": [0, round(top(), 2)]}
    return {
        "choosers": [
            {"label": text["start"], "options": [text[start] for start in STARTS]},
            {"label": text["loss"], "options": [text[loss] for loss in LOSSES]},
            {"label": text["seed"], "options": [str(s) for s in seeds], "slider": True},
        ],
        "say": text["say"],
        "aspect": 0.8,
        "data": [
            {
                "type": "surface",
                "x": numbers["along"],
                "y": numbers["across"],
                "hovertemplate": hover,
                **colours,
            },
            {
                "type": "scatter3d",
                "marker": {"size": 4, "color": PALETTE[1]},
                "hovertemplate": f"{text['path']}<br>{hover}",
                **line,
            },
        ],
        "layout": {
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "scene": {
                "xaxis": {"title": {"text": text["a"]}, "tickvals": [0, 1]},
                "yaxis": {"title": {"text": text["b"]}, "tickvals": [-1, 0, 1]},
                "zaxis": ends,
            },
        },
        "states": [
            [[state(start, loss, seed) for seed in seeds] for loss in LOSSES] for start in STARTS
        ],
    }
