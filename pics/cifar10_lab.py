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
    },
    "en": {
        "tutorial": "tutorial network",
        "good": "small residual network",
        "x": "CPU seconds of training (one thread)",
        "y": "test accuracy (%)",
    },
}
TICKS = (15, 30, 60, 120)


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
    """The same as a Plotly figure: each point says seconds, images, mean and range."""
    text = TEXT[lang]
    traces = []
    for (name, points), color, dash, symbol in zip(
        curves().items(),
        (PALETTE[1], PALETTE[0]),
        ("dash", "solid"),
        ("square", "circle"),
        strict=True,
    ):
        mean = [round(100 * point["test"], 2) for point in points]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": text[name],
                "x": [point["cpu_seconds"] for point in points],
                "y": mean,
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": [
                        round(100 * p["test_high"] - m, 2)
                        for p, m in zip(points, mean, strict=True)
                    ],
                    "arrayminus": [
                        round(m - 100 * p["test_low"], 2) for p, m in zip(points, mean, strict=True)
                    ],
                },
                "customdata": [point["images"] for point in points],
                "hovertemplate": "%{x:.0f} s, %{customdata:,} × 32×32: %{y:.1f} %<extra></extra>",
                "line": {"color": color, "dash": dash},
                "marker": {"symbol": symbol, "size": 8},
            }
        )
    axis = {"type": "log", "tickvals": list(TICKS), "title": {"text": text["x"]}}
    legend = {"x": 1, "y": 0.05, "xanchor": "right", "yanchor": "bottom"}
    return {
        "data": traces,
        "layout": {"xaxis": axis, "yaxis": {"title": {"text": text["y"]}}, "legend": legend},
    }
