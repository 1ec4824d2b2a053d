"""Accuracy against the number of examples, all the lab's tasks (results/few_shot_lab.json)."""

from typing import Any

from _few_shot import TASKS, curves, numbers, percent, spread
from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

CHANCE = {"sentiment": 1 / 2, "renamed": 1 / 2, "kinds": 1 / 4, "inference": 1 / 3}
WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "own": "中性写法",
        "chosen": "挑出的写法",
        "plain": "分类，不校准",
        "calibrated": "分类，校准",
        "chance": "瞎猜",
        "x": "例子数",
        "y": "准确率（%）",
        "task": "任务",
        "seeds": "{}：各个种子",
        "mean": "%{customdata} 个例子，平均 %{y:.1f}%",
        "seed": "种子 %{customdata}：%{y:.1f}%",
    },
    "en": {
        "own": "neutral wording",
        "chosen": "chosen wording",
        "plain": "labels, plain",
        "calibrated": "labels, calibrated",
        "chance": "chance",
        "x": "examples",
        "y": "accuracy (%)",
        "task": "task",
        "seeds": "{}: each seed",
        "mean": "%{customdata} examples, mean %{y:.1f}%",
        "seed": "seed %{customdata}: %{y:.1f}%",
    },
}
# Line, marker, colour, how far its dots stand beside the middle
STYLES = {
    "own": ("-", "o", 0, -0.17),
    "chosen": ("--", "s", 1, 0.17),
    "plain": ("-", "^", 2, -0.17),
    "calibrated": ("--", "D", 3, 0.17),
}


def draw(lang: str) -> Figure:
    words, found = WORDS[lang], numbers()
    shots, tasks = found["shots"], found["tasks"]
    figure, grid = new_figure(5.6, 8.0, nrows=4, ncols=3, lang=lang, sharex=True, sharey=True)
    for axes, name in zip(grid.flat, tasks, strict=False):
        for kind, points in curves(found, name).items():
            line, marker, colour, beside = STYLES[kind]
            for place, point in enumerate(points.values()):
                values = percent(point["values"])
                where = spread(place + beside, len(values), 0.3)
                axes.plot(where, values, marker, color=PALETTE[colour], ms=2.4, alpha=0.6, mew=0)
            means = [100 * point["mean"] for point in points.values()]
            look = {"color": PALETTE[colour], "marker": marker, "ms": 4, "lw": 1.3}
            axes.plot(range(len(shots)), means, line, label=words[kind], **look)
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
    """One task at a time, chosen by name. Traces: of each kind its seeds and its mean; chance."""
    words, found = WORDS[lang], numbers()
    shots, tasks = found["shots"], found["tasks"]
    dashes = {"-": "solid", "--": "dash"}
    symbols = {"o": "circle", "s": "square", "^": "triangle-up", "D": "diamond"}
    places = list(range(len(shots)))
    traces: list[dict[str, Any]] = []
    for kind, (line, marker, colour, _) in STYLES.items():
        look = {"color": PALETTE[colour], "symbol": symbols[marker]}
        traces += [
            {
                "name": words["seeds"].format(words[kind]),
                "mode": "markers",
                "marker": {**look, "size": 6, "opacity": 0.5},
                "hovertemplate": f"{words['seed']}<extra></extra>",
            },
            {
                "name": words[kind],
                "mode": "lines+markers",
                "x": places,
                "line": {"color": PALETTE[colour], "dash": dashes[line]},
                "marker": {**look, "size": 9},
                "customdata": shots,
                "hovertemplate": f"{words['mean']}<extra></extra>",
            },
        ]
    ends = {"x": [-0.4, len(shots) - 0.6], "hoverinfo": "skip"}
    traces.append({"name": words["chance"], "line": {"color": "#808080", "dash": "dot"}, **ends})

    def state(name: str) -> dict[str, Any]:
        shown, data = curves(found, name), list[dict[str, Any]]()
        for kind, (*_, beside) in STYLES.items():
            if kind not in shown:
                data += [{"visible": False}, {"visible": False}]
                continue
            points = shown[kind].values()
            seeds = [(p, spread(n + beside, len(p["values"]), 0.3)) for n, p in enumerate(points)]
            data += [
                {
                    "x": [round(x, 3) for _, where in seeds for x in where],
                    "y": [y for point, _ in seeds for y in percent(point["values"])],
                    "customdata": [seed for _, where in seeds for seed in range(len(where))],
                },
                {"y": percent([point["mean"] for point in points])},
            ]
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
