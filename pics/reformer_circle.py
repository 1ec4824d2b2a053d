"""Points on a circle, four buckets, turned: near points mostly share one, far ones seldom."""

import math
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Circle

from wode.plotting import MARKERS, PALETTE, new_figure

POINTS = [10, 28, 62, 95, 120, 161, 178, 214, 243, 262, 301, 338]  # degrees
NEAR, FAR = (10, 28), (95, 161)
TEXT: dict[str, dict[str, Any]] = {
    "zh": {"turn": "转 {}°", "near": "近", "far": "远", "label": "旋转",
           "axes": ("第一个数", "第二个数"), "bucket": "桶 {}",
           "note": "近的一对（差 {} 度）{}，远的一对（差 {} 度）{}。"
           "各种转法里，近的一对有 {} 同桶，远的 {}。",
           "same": "同桶", "other": "不同桶"},
    "en": {"turn": "turned by {}°", "near": "near", "far": "far", "label": "turned by",
           "axes": ("first number", "second number"),
           "bucket": "bucket {}",
           "note": "The near pair ({} degrees apart): {}; the far pair ({} degrees): {}. "
           "Over all turns the near pair shares a bucket in {}, the far one in {}.",
           "same": "one bucket", "other": "two buckets"},
}  # fmt: skip


def bucket(angle: float, turn: float) -> int:
    """The paper's argmax of [xR; -xR] in the plane: four sectors of 90 degrees."""
    x = math.cos(math.radians(angle - turn)), math.sin(math.radians(angle - turn))
    values = [*x, *(-value for value in x)]
    return values.index(max(values))


def place(angle: float, radius: float = 1.0) -> tuple[float, float]:
    return radius * math.cos(math.radians(angle)), radius * math.sin(math.radians(angle))


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, panels = new_figure(5.6, 2.2, ncols=3, lang=lang)
    for axes, turn in zip(panels, (0, 30, 60), strict=True):
        axes.add_patch(Circle((0, 0), 1, facecolor="none", edgecolor="grey"))
        for side in (45, 135):
            (x, y), (u, v) = place(side + turn, 1.2), place(side + turn + 180, 1.2)
            axes.plot([x, u], [y, v], color="black", linewidth=0.9, linestyle="--")
        for angle in POINTS:
            mine = bucket(angle, turn)
            axes.plot(*place(angle), MARKERS[mine], color=PALETTE[mine], markersize=6)
        for pair, name in ((NEAR, text["near"]), (FAR, text["far"])):
            ends = [place(angle) for angle in pair]
            axes.plot([x for x, _ in ends], [y for _, y in ends], color="black", linewidth=1.1)
            at = place(sum(pair) / 2, 1.33)
            axes.text(*at, name, ha="center", va="center", fontsize=9)
        axes.set_title(text["turn"].format(turn), fontsize=10)
        axes.set_aspect("equal")
        axes.axis("off")
        axes.set_xlim(-1.45, 1.6)
        axes.set_ylim(-1.3, 1.45)
    return figure


def plotly(lang: str) -> dict[str, Any]:
    """The same circle, turned by a slider."""
    text = TEXT[lang]
    turns = list(range(0, 90, 5))
    symbols = ["circle", "square", "triangle-up", "diamond"]

    def state(turn: int) -> dict[str, Any]:
        data = []
        for mine in range(4):
            of = [place(angle) for angle in POINTS if bucket(angle, turn) == mine]
            data.append({"x": [x for x, _ in of], "y": [y for _, y in of]})
        for side in (45, 135):
            ends = place(side + turn, 1.15), place(side + turn + 180, 1.15)
            data.append({"x": [x for x, _ in ends], "y": [y for _, y in ends]})
        for pair in (NEAR, FAR):  # these lines do not turn
            ends = place(pair[0]), place(pair[1])
            data.append({"x": [x for x, _ in ends], "y": [y for _, y in ends]})
        said: list[Any] = []
        for pair in (NEAR, FAR):
            one, two = (bucket(angle, turn) for angle in pair)
            said += [pair[1] - pair[0], text["same" if one == two else "other"]]
        shares = [f"{1 - (pair[1] - pair[0]) / 90:.0%}" for pair in (NEAR, FAR)]
        return {"data": data, "note": text["note"].format(*said, *shares)}

    axis = {"range": [-1.3, 1.3], "tickvals": [-1, 0, 1]}
    across, up = ({**axis, "title": {"text": title}} for title in text["axes"])
    return {
        "width": 420,
        "aspect": 1,
        "choosers": [
            {"label": text["label"], "options": [f"{turn}°" for turn in turns], "slider": True}
        ],
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "name": text["bucket"].format(mine + 1),
                "marker": {"size": 14, "color": PALETTE[mine], "symbol": symbols[mine]},
                "hovertemplate": f"{text['bucket'].format(mine + 1)}<extra></extra>",
            }
            for mine in range(4)
        ]
        + [
            {
                "type": "scatter",
                "mode": "lines",
                "line": {"color": "#000000", "dash": "dash", "width": 1.3},
                "hoverinfo": "skip",
            }
        ]
        * 2
        + [
            {
                "type": "scatter",
                "mode": "lines",
                "line": {"color": "#000000", "width": 2},
                "hoverinfo": "skip",
            }
        ]
        * 2,
        "layout": {"xaxis": across, "yaxis": up},
        "states": [state(turn) for turn in turns],
    }
