"""Accuracy by learning rate after one, two and three epochs (results/learning_rate_lab.json)."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "x": "学习率",
        "y": "留出句子的准确率（%）",
        "epochs": ("第 1 轮后", "第 2 轮后", "第 3 轮后"),
        "words": "词袋",
        "collapsed": "只答一类的种子",
        "loss": "留出句子的损失",
    },
    "en": {
        "x": "learning rate",
        "y": "accuracy, held-out sentences (%)",
        "epochs": ("after epoch 1", "after epoch 2", "after epoch 3"),
        "words": "bag of words",
        "collapsed": "seeds with one answer only",
        "loss": "held-out loss",
    },
}


def points(epoch: int) -> list[tuple[float, dict[str, Any]]]:
    """Rates and what was measured after ``epoch``, by rate."""
    sweep = results.read("learning_rate_lab")["numbers"]["sweep"]
    return sorted((float(rate), found[f"epoch_{epoch}"]) for rate, found in sweep.items())


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
    axes.set_xticks(rates, [f"{rate:.0e}".replace("e-0", "e-") for rate in rates])
    axes.minorticks_off()
    axes.set_xlabel(text["x"])
    axes.set_ylabel(text["y"])
    axes.grid(visible=True)
    axes.legend(fontsize=8, loc="lower left")
    return figure


def plotly(lang: str) -> dict[str, Any]:
    """The same; each point also says its loss and how many seeds give one answer only."""
    text = TEXT[lang]
    traces: list[dict[str, Any]] = []
    dashes, symbols = ("solid", "dash", "dashdot"), ("circle", "square", "triangle-up")
    for k, label in enumerate(text["epochs"]):
        found = points(k + 1)
        mean = [round(100 * p["accuracy"], 1) for _, p in found]
        high = [round(100 * p["high"] - m, 1) for (_, p), m in zip(found, mean, strict=True)]
        low = [round(m - 100 * p["low"], 1) for (_, p), m in zip(found, mean, strict=True)]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": label,
                "x": [rate for rate, _ in found],
                "y": mean,
                "error_y": {"type": "data", "symmetric": False, "array": high, "arrayminus": low},
                "customdata": [[p["held_out_loss"], p["collapsed"]] for _, p in found],
                "hovertemplate": f"%{{x:.0e}}: %{{y:.1f}} %<br>{text['loss']} "
                f"%{{customdata[0]:.2f}}<br>{text['collapsed']}: %{{customdata[1]}}<extra></extra>",
                "line": {"color": PALETTE[k], "dash": dashes[k]},
                "marker": {"symbol": symbols[k], "size": 8},
            }
        )
    words = round(100 * results.number("learning_rate_lab.bag_of_words.held_out"), 1)
    rates = [rate for rate, _ in points(1)]
    traces.append(
        {
            "type": "scatter",
            "mode": "lines",
            "name": text["words"],
            "x": [rates[0], rates[-1]],
            "y": [words, words],
            "hovertemplate": "%{y:.1f} %<extra></extra>",
            "line": {"color": "#888888", "width": 4},
        }
    )
    ticks = [f"{rate:.0e}".replace("e-0", "e-") for rate in rates]
    axis = {"type": "log", "tickvals": rates, "ticktext": ticks, "title": {"text": text["x"]}}
    legend = {"x": 0, "y": 0, "xanchor": "left", "yanchor": "bottom"}
    return {
        "data": traces,
        "layout": {"xaxis": axis, "yaxis": {"title": {"text": text["y"]}}, "legend": legend},
    }
