"""Who sees whom in Longformer: the window, the global token, what is computed for it."""

from typing import Any

import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from wode.plotting import PALETTE, new_figure

LENGTH, SIDE, GLOBAL = 16, 2, 5
TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "titles": ("窗口 4", "全局词元 6", "分块计算"),
        "reads": "读谁 →",
        "row": "谁在读",
        "choosers": (("窗口", "{}"), ("全局词元", "第 {} 个")),
        "none": "没有",
        "hover": "第 %{y} 个读第 %{x} 个<extra></extra>",
        "note": "看 {} 对，分块计算要算 {} 对，全部是 256 对。第一个词元的消息要到最后一个：{} 层",
    },
    "en": {
        "titles": ("window 4", "global token 6", "computed in blocks"),
        "reads": "reads →",
        "row": "who reads",
        "choosers": (("window", "{}"), ("global token", "no. {}")),
        "none": "none",
        "hover": "no. %{y} reads no. %{x}<extra></extra>",
        "note": "{} pairs seen, {} computed in blocks, of 256. "
        "For news of the first token to reach the last: layers needed, {}",
    },
}


def seen(side: int, everywhere: int | None) -> Tensor:
    """(T, T): the row's token sees the column's."""
    place = torch.arange(LENGTH)
    mask = (place[:, None] - place).abs() <= side
    if everywhere is not None:
        mask[everywhere], mask[:, everywhere] = True, True
    return mask


def in_blocks(side: int) -> Tensor:
    """(T, T): what is computed so that the row's token can see its window."""
    block = torch.arange(LENGTH) // side
    return (block[:, None] - block).abs() <= 1


def layers_needed(mask: Tensor) -> int:
    """Until the last token has heard of the first."""
    reached, layers = torch.eye(LENGTH), 0
    while not reached[-1, 0]:
        reached, layers = (mask.float() @ reached).clamp(max=1), layers + 1
    return layers


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, panels = new_figure(5.6, 2.35, ncols=3, lang=lang)
    for axes, title, mask, more in zip(
        panels,
        text["titles"],
        (seen(SIDE, None), seen(SIDE, GLOBAL), seen(SIDE, None)),
        (None, None, in_blocks(SIDE)),
        strict=True,
    ):
        for row in range(LENGTH):
            for column in range(LENGTH):
                far = abs(row - column) > SIDE
                color = PALETTE[1] if far else PALETTE[0]
                if not mask[row, column]:
                    color = "#9ecae1" if more is not None and more[row, column] else "#eeeeee"
                axes.add_patch(Rectangle((column, row), 0.9, 0.9, facecolor=color))
        axes.set(xlim=(-0.1, LENGTH), ylim=(LENGTH, -0.1), aspect="equal", xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        axes.set_title(title, fontsize=10)
        axes.set_xlabel(text["reads"], fontsize=9)
    panels[0].set_ylabel(text["row"], fontsize=9)
    return figure


def plotly(lang: str) -> dict[str, Any]:
    """A square for each pair; the window's width and the global token are chosen."""
    text = TEXT[lang]
    windows, tokens = list(range(2, LENGTH, 2)), [None, *range(LENGTH)]

    def state(window: int, everywhere: int | None) -> dict[str, Any]:
        mask = seen(window // 2, everywhere)
        sizes = [17 if see else 5 for see in mask.flatten().tolist()]
        computed = mask | in_blocks(window // 2)
        note = text["note"].format(int(mask.sum()), int(computed.sum()), layers_needed(mask))
        return {"data": [{"marker": {"size": sizes}}], "note": note}

    ticks = {"tickvals": [1, 4, 8, 12, 16, 16.5], "ticktext": ["1", "4", "8", "12", "16", ""]}
    axis = {**ticks, "range": [0.3, LENGTH + 0.7], "tickfont": {"size": 11}}
    names = [text["none"], *(text["choosers"][1][1].format(n + 1) for n in range(LENGTH))]
    return {
        "width": 460,
        "aspect": 1.0,
        "choosers": [
            {
                "label": text["choosers"][0][0],
                "options": [str(window) for window in windows],
                "start": 1,
                "slider": True,
            },
            {"label": text["choosers"][1][0], "options": names, "start": 0, "slider": True},
        ],
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "x": [column + 1 for _ in range(LENGTH) for column in range(LENGTH)],
                "y": [row + 1 for row in range(LENGTH) for _ in range(LENGTH)],
                "marker": {
                    "symbol": "square",
                    "color": PALETTE[0],
                    "opacity": 1,
                    "line": {"width": 0},
                },
                "cliponaxis": False,
                "hovertemplate": text["hover"],
            }
        ],
        "layout": {
            "xaxis": {**axis, "side": "top", "title": {"text": text["reads"]}},
            "yaxis": {**axis, "range": axis["range"][::-1], "title": {"text": text["row"]}},
        },
        "states": [[state(window, token) for token in tokens] for window in windows],
    }
