"""The four masks of UniLM on one text, drawn by the function itself; interactive: who sees whom."""

from typing import Any

import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from wode.plotting import PALETTE, new_figure
from wode.unilm import MODES, visible

SOURCE = ["[CLS]", "yesterday", "york", "she", "sees", "[SEP]"]
TARGET = ["she", "saw", "new", "york", "yesterday", "[SEP]"]
WORDS = SOURCE + TARGET
HIDDEN = "#e4e4e4"
TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "modes": ("双向：BERT", "自左向右：GPT", "自右向左", "序列到序列：编码器和解码器"),
        "reads": "列：被看的词元",
        "row": "行：在看的词元",
        "choosers": ("方式", "在看的词元"),
        "note": "{}：{} 看得见 {} 个词元：{}。看得见它的有 {} 个：{}",
        "join": "、",
        "label": "第 {} 个，{}",
    },
    "en": {
        "modes": (
            "bidirectional: BERT",
            "left-to-right: GPT",
            "right-to-left",
            "sequence-to-sequence",
        ),
        "reads": "columns: tokens looked at",
        "row": "rows: tokens that look",
        "choosers": ("mode", "the token that looks"),
        "note": "{}: {} sees {} tokens: {}. It is seen by {}: {}",
        "join": ", ",
        "label": "{}, {}",
    },
}


def table(mode: str) -> Tensor:
    """(T, T), true where the row sees the column."""
    types = torch.tensor([[0] * len(SOURCE) + [1] * len(TARGET)])
    return visible(mode, types)[0]


def draw(lang: str) -> Figure:
    text, size = TEXT[lang], len(WORDS)
    figure, panels = new_figure(5.6, 6.1, nrows=2, ncols=2, lang=lang, sharex=True, sharey=True)
    for axes, mode, title in zip(panels.flat, MODES, text["modes"], strict=True):
        sees = table(mode)
        for row in range(size):
            for column in range(size):
                colour = PALETTE[0] if sees[row, column] else HIDDEN
                box = Rectangle((column, row), 0.9, 0.9, facecolor=colour, edgecolor="none")
                axes.add_patch(box)
        for line in (axes.axvline, axes.axhline):
            line(len(SOURCE) - 0.05, color=PALETTE[1], linewidth=1.5)
        axes.set_xlim(-0.1, size)
        axes.set_ylim(size, -0.1)
        axes.set_aspect("equal")
        axes.set_xticks([n + 0.45 for n in range(size)], WORDS, rotation=90, fontsize=9)
        axes.set_yticks([n + 0.45 for n in range(size)], WORDS, fontsize=9)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_title(title)
    join = "；" if lang == "zh" else "; "
    figure.supxlabel(join.join((text["reads"], text["row"])), fontsize=9)
    return figure


def plotly(lang: str) -> dict[str, Any]:
    """A square a pair of tokens, large where it is seen; mode and token are chosen."""
    text, size = TEXT[lang], len(WORDS)
    numbered = [text["label"].format(number + 1, word) for number, word in enumerate(WORDS)]

    def state(mode: str, title: str, token: int) -> dict[str, Any]:
        sees = table(mode)
        row, column = (
            [WORDS[n] for n in line.nonzero()[:, 0].tolist()]
            for line in (sees[token], sees[:, token])
        )
        chosen = torch.zeros(size, dtype=torch.long)
        chosen[token] = 1
        colours = sees.long() + (sees & (chosen == 1)[:, None]).long()
        lists = (len(row), text["join"].join(row), len(column), text["join"].join(column))
        return {
            "data": [
                {
                    "marker": {
                        "size": torch.where(sees, 15, 4).flatten().tolist(),
                        "color": colours.flatten().tolist(),
                    },
                }
            ],
            "note": text["note"].format(title, numbered[token], *lists),
        }

    axis = {
        "tickfont": {"size": 11},
        "tickvals": list(range(size)),
        "ticktext": WORDS,
        "range": [-0.7, size - 0.3],
    }
    return {
        "width": 480,
        "aspect": 1.02,
        "choosers": [
            {"label": text["choosers"][0], "options": [*text["modes"]], "start": 3},
            {"label": text["choosers"][1], "options": numbered, "start": 7, "slider": True},
        ],
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "x": [column for _ in WORDS for column in range(size)],
                "y": [row for row in range(size) for _ in WORDS],
                "text": [f"{row} → {column}" for row in numbered for column in numbered],
                "marker": {
                    "symbol": "square",
                    "colorscale": [[0, "#a9a9a9"], [0.5, PALETTE[0]], [1, PALETTE[1]]],
                    "cmin": 0,
                    "cmax": 2,
                    "opacity": 1,
                    "line": {"width": 0},
                },
                "cliponaxis": False,
                "hovertemplate": "%{text}<extra></extra>",
            }
        ],
        "layout": {
            "xaxis": {**axis, "tickangle": -90, "side": "top", "title": {"text": text["reads"]}},
            "yaxis": {**axis, "range": axis["range"][::-1], "title": {"text": text["row"]}},
        },
        "states": [
            [state(mode, title, token) for token in range(size)]
            for mode, title in zip(MODES, text["modes"], strict=True)
        ],
    }
