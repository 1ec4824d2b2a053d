"""Accuracy against CPU seconds, two networks, lowest to highest seed (results/cifar10_lab.json)."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "tutorial": "教程网络",
        "good": "小残差网络",
        "x": "训练用去的 CPU 秒数（单线程）",
        "y": "测试准确率（%）",
        "axis": "横轴",
        "images": "训练看过的图片（张）",
        "hover": "%{y:.1f}%（%{customdata[2]:.1f} 到 %{customdata[3]:.1f}）<br>"
        "%{customdata[0]:.0f} 秒，%{customdata[1]:,} 张图片",
    },
    "en": {
        "tutorial": "tutorial network",
        "good": "small residual network",
        "x": "CPU seconds of training (one thread)",
        "y": "test accuracy (%)",
        "axis": "x axis",
        "images": "images seen in training",
        "hover": "%{y:.1f}% (%{customdata[2]:.1f} to %{customdata[3]:.1f})<br>"
        "%{customdata[0]:.0f} s, %{customdata[1]:,} images",
    },
}
TICKS, IMAGES = (15, 30, 60, 120), (20_000, 50_000, 100_000, 200_000)


def curves() -> dict[str, list[dict[str, float]]]:
    """Per network its points, by CPU seconds."""
    numbers = results.read("cifar10_lab")["numbers"]
    return {
        name: sorted(
            (point for key, point in numbers[name].items() if key.startswith("at_")),
            key=lambda point: point["cpu_seconds"],
        )
        for name in ("tutorial", "good")
    }


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, axes = new_figure(5.6, 3.6, lang=lang)
    styles = {"tutorial": ("--s", PALETTE[1]), "good": ("-o", PALETTE[0])}
    for name, points in curves().items():
        seconds = [point["cpu_seconds"] for point in points]
        low, mean, high = (
            [100 * point[key] for point in points] for key in ("test_low", "test", "test_high")
        )
        style, color = styles[name]
        axes.fill_between(seconds, low, high, color=color, alpha=0.25, linewidth=0)
        axes.plot(seconds, mean, style, color=color, ms=5, label=text[name])
    axes.set_xscale("log")
    axes.set_xticks(TICKS, [str(tick) for tick in TICKS])
    axes.minorticks_off()
    axes.set_xlabel(text["x"])
    axes.set_ylabel(text["y"])
    axes.grid(visible=True)
    axes.legend(loc="lower right")
    return figure


def plotly(lang: str) -> dict[str, Any]:
    """The same against seconds or against images seen: whether who is ahead has seen more."""
    text = TEXT[lang]
    styles = {"tutorial": ("dash", "square", PALETTE[1]), "good": ("solid", "circle", PALETTE[0])}
    traces, seconds, images = [], [], []
    for name, points in curves().items():
        dash, symbol, color = styles[name]
        low, mean, high = (
            [round(100 * point[key], 2) for point in points]
            for key in ("test_low", "test", "test_high")
        )
        x = [point["cpu_seconds"] for point in points], [point["images"] for point in points]
        for found, line in zip((seconds, images), x, strict=True):
            found += [{"x": line + line[::-1]}, {"x": line}]
        band = {"hoverinfo": "skip", "showlegend": False, "mode": "lines", "line": {"width": 0}}
        traces += [
            {"y": low + high[::-1], "fill": "toself", "fillcolor": f"{color}40", **band},
            {
                "name": text[name],
                "mode": "lines+markers",
                "y": mean,
                "customdata": list(zip(*x, low, high, strict=True)),
                "hovertemplate": f"{text['hover']}<extra></extra>",
                "line": {"color": color, "dash": dash},
                "marker": {"symbol": symbol, "size": 8},
            },
        ]
    ticks = {
        text["x"]: (seconds, list(TICKS), [str(tick) for tick in TICKS]),
        text["images"]: (images, IMAGES, [f"{tick:,}" for tick in IMAGES]),
    }
    return {
        "choosers": [{"label": text["axis"], "options": list(ticks)}],
        "data": [{"type": "scatter", "x": [], **trace} for trace in traces],
        "layout": {"xaxis": {"type": "log"}, "yaxis": {"title": {"text": text["y"]}}},
        "states": [
            {
                "data": data,
                "layout": {
                    "xaxis": {"title": {"text": title}, "tickvals": values, "ticktext": shown}
                },
            }
            for title, (data, values, shown) in ticks.items()
        ],
    }
