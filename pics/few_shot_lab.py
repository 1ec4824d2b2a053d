"""Accuracy against the number of examples, all tasks of the lab (results/few_shot_lab.json)."""

from typing import Any

from _few_shot import TASKS, numbers, percent, spread
from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

CHANCE = {"sentiment": 1 / 2, "renamed": 1 / 2, "kinds": 1 / 4, "inference": 1 / 3}
WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "fair": "自由作答",
        "plain": "不校准",
        "calibrated": "校准",
        "chance": "瞎猜",
        "zero": "挑出的零样本",
        "x": "例子数",
        "y": "准确率（%）",
        "task": "任务",
        "seeds": {
            "fair": "自由作答：各个种子",
            "plain": "不校准：各个种子",
            "calibrated": "校准：各个种子",
        },
        "hover": "%{customdata} 个例子，平均 %{y:.1f}%",
        "seed": "种子 %{customdata}：%{y:.1f}%",
    },
    "en": {
        "fair": "free answers",
        "plain": "plain",
        "calibrated": "calibrated",
        "chance": "chance",
        "zero": "zero-shot, chosen",
        "x": "examples",
        "y": "accuracy (%)",
        "task": "task",
        "seeds": {
            "fair": "free answers: each seed",
            "plain": "plain: each seed",
            "calibrated": "calibrated: each seed",
        },
        "hover": "%{customdata} examples, mean %{y:.1f}%",
        "seed": "seed %{customdata}: %{y:.1f}%",
    },
}
STYLES = {"fair": ("-", "o", 2), "plain": ("-", "o", 0), "calibrated": ("--", "s", 1)}


def shown(points: dict[str, Any]) -> list[tuple[str, float]]:
    """The kinds of a task, each with how far its dots stand beside the middle."""
    free = "fair" in points["k0"]
    return [("fair", 0.0)] if free else [("plain", -0.17), ("calibrated", 0.17)]


def draw(lang: str) -> Figure:
    words, found = WORDS[lang], numbers()
    shots, tasks = found["shots"], found["tasks"]
    figure, grid = new_figure(5.6, 8.2, nrows=4, ncols=3, lang=lang, sharex=True, sharey=True)
    for axes, (name, points) in zip(grid.flat, tasks.items(), strict=False):
        for kind, beside in shown(points):
            line, marker, colour = STYLES[kind]
            for place, k in enumerate(shots):
                values = percent(points[f"k{k}"][kind]["values"])
                where = spread(place + beside, len(values), 0.3)
                axes.plot(where, values, marker, color=PALETTE[colour], ms=2.2, alpha=0.6, mew=0)
            means = [100 * points[f"k{k}"][kind]["mean"] for k in shots]
            axes.plot(range(len(shots)), means, line, color=PALETTE[colour], label=words[kind])
        zero = 100 * found["chosen"][name]["test"]
        axes.axhline(zero, color=PALETTE[5], ls="-.", lw=1.2, label=words["zero"])
        if name in CHANCE:
            axes.axhline(100 * CHANCE[name], color="gray", ls=":", label=words["chance"])
        axes.set_title(TASKS[lang][name], fontsize=10)
        axes.set_ylim(-4, 104)
        axes.set_xticks(range(len(shots)), [str(k) for k in shots])
        axes.tick_params(labelbottom=True, labelsize=9)
    last = grid.flat[-1]
    last.set_axis_off()
    handles: dict[str, Any] = {}
    for axes in grid.flat:
        handles |= dict(zip(*axes.get_legend_handles_labels()[::-1], strict=True))
    last.legend(handles.values(), handles, loc="center", fontsize=9)
    figure.supxlabel(words["x"], fontsize=10)
    figure.supylabel(words["y"], fontsize=10)
    return figure


def plotly(lang: str) -> dict[str, Any]:
    """One task at a time, chosen by name.

    Traces: of each kind its seeds, then its mean; the chosen zero-shot prompt; chance.
    """
    words, found = WORDS[lang], numbers()
    shots, tasks = found["shots"], found["tasks"]
    dashes = {"-": "solid", "--": "dash"}
    symbols = {"o": "circle", "s": "square"}
    traces: list[dict[str, Any]] = []
    for kind, (dash, symbol, colour) in STYLES.items():
        look = {"color": PALETTE[colour], "symbol": symbols[symbol]}
        traces += [
            {
                "name": words["seeds"][kind],
                "mode": "markers",
                "marker": {**look, "size": 6, "opacity": 0.5},
                "hovertemplate": f"{words['seed']}<extra></extra>",
            },
            {
                "name": words[kind],
                "mode": "lines+markers",
                "line": {"color": PALETTE[colour], "dash": dashes[dash]},
                "marker": {**look, "size": 9},
                "hovertemplate": f"{words['hover']}<extra></extra>",
            },
        ]
    ends, places = [-0.4, len(shots) - 0.6], list(range(len(shots)))
    flat = {"x": ends, "hoverinfo": "skip"}
    traces += [
        {"name": words["zero"], "line": {"color": PALETTE[5], "dash": "dashdot"}, **flat},
        {"name": words["chance"], "line": {"color": "#808080", "dash": "dot"}, **flat},
    ]

    def state(name: str) -> dict[str, Any]:
        data: list[dict[str, Any]] = []
        beside = dict(shown(tasks[name]))
        for kind in STYLES:
            if kind not in beside:
                data += [{"visible": False}, {"visible": False}]
                continue
            dots: tuple[list[float], list[float], list[int]] = ([], [], [])
            for place, k in enumerate(shots):
                values = percent(tasks[name][f"k{k}"][kind]["values"])
                for part, more in zip(
                    dots,
                    (spread(place + beside[kind], len(values), 0.3), values, range(len(values))),
                    strict=True,
                ):
                    part.extend(more)
            x, y, seeds = dots
            means = percent([tasks[name][f"k{k}"][kind]["mean"] for k in shots])
            data += [
                {"x": [round(one, 3) for one in x], "y": y, "customdata": seeds},
                {"x": places, "y": means, "customdata": shots},
            ]
        data.append({"y": percent([found["chosen"][name]["test"]] * 2)})
        data.append({"y": percent([CHANCE[name]] * 2)} if name in CHANCE else {"visible": False})
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
            "xaxis": {
                "title": {"text": words["x"]},
                "tickvals": places,
                "ticktext": [str(k) for k in shots],
                "range": [-0.5, len(shots) - 0.5],
            },
            "yaxis": {"title": {"text": words["y"]}, "range": [-4, 104]},
        },
        "states": [state(name) for name in tasks],
    }
