"""What heads of MiniLM look at in one sentence: four of them drawn, all 72 interactive."""

from typing import Any

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("第 {} 层，第 {} 个头", "列：被看的词元", "行：发出查询的词元"),
    "en": ("layer {}, head {}", "columns: tokens looked at", "rows: tokens that look"),
}

INTERACTIVE: dict[str, dict[str, Any]] = {
    "zh": {
        "choosers": (("层", "第 {} 层"), ("头", "第 {} 个头")),
        "hover": "%{text}：%{marker.size}%<extra></extra>",
        "note": "这句话里每个词平均给出的权重：前一个 {}（第一个词的前一个是 [CLS]），后一个 {}，"
        "自己 {}，[CLS] {}，[SEP] {}",
    },
    "en": {
        "choosers": (("layer", "{}"), ("head", "{}")),
        "hover": "%{text}: %{marker.size}%<extra></extra>",
        "note": "A word's average attention in this sentence: to the one before {} (for the first "
        "word that is [CLS]), the one after {}, itself {}, [CLS] {}, [SEP] {}",
    },
}


def table() -> tuple[list[str], np.ndarray]:
    """The sentence's tokens (T), and the weights in percent (layers, heads, T, T)."""
    numbers = results.read("attention_maps")["numbers"]
    maps = [
        [[list(map(int, row.split())) for row in head] for head in layer]
        for layer in numbers["maps"]
    ]
    return numbers["tokens"], np.array(maps)


def chosen(maps: np.ndarray) -> list[tuple[int, int]]:
    """The heads with most weight on the previous token, the next, [CLS], and the most even one."""
    words = np.arange(1, maps.shape[-1] - 1)
    even = -np.abs(maps / 100 - 1 / maps.shape[-1]).sum(axis=(-1, -2))
    kinds = (
        maps[:, :, words, words - 1].mean(-1),
        maps[:, :, words, words + 1].mean(-1),
        maps[:, :, words, 0].mean(-1),
        even,
    )
    found = []
    for kind in kinds:
        layer, head = np.unravel_index(int(kind.argmax()), kind.shape)
        found.append((int(layer), int(head)))
    return found


def draw(lang: str) -> Figure:
    tokens, maps = table()
    figure, panels = new_figure(5.6, 5.6, nrows=2, ncols=2, lang=lang, sharex=True, sharey=True)
    ticks = np.arange(len(tokens))
    for axes, (layer, head) in zip(panels.flat, chosen(maps), strict=True):
        weights = maps[layer, head]
        heat(axes, weights, vmax=100)
        axes.set_title(TEXT[lang][0].format(layer + 1, head + 1))
        axes.set_xticks(ticks, tokens, rotation=90, fontsize=9)
        axes.set_yticks(ticks, tokens, fontsize=9)
        axes.tick_params(length=0)
    join = "；" if lang == "zh" else "; "
    figure.supxlabel(join.join(TEXT[lang][1:]), fontsize=9)
    return figure


def plotly(lang: str) -> dict[str, Any]:
    """A disc a pair of tokens, its area the weight; layer and head are chosen."""
    tokens, maps = table()
    text = INTERACTIVE[lang]
    labels = [f"{number} {token}" for number, token in enumerate(tokens)]  # "the" stands twice
    words = np.arange(1, len(tokens) - 1)
    columns = words - 1, words + 1, words, 0, len(tokens) - 1

    def state(weights: np.ndarray) -> dict[str, Any]:
        shares = [f"{weights[words, column].mean():.0f}%" for column in columns]
        sizes = weights.flatten().tolist()
        return {"data": [{"marker": {"size": sizes}}], "note": text["note"].format(*shares)}

    axis = {
        "tickfont": {"size": 11},
        "tickvals": list(range(len(tokens))),
        "ticktext": tokens,
        "range": [-0.6, len(tokens) - 0.4],
        "spikethickness": 1,
        "spikedash": "solid",
        "spikemode": "across",
        "showspikes": True,
    }
    first = chosen(maps)[0]
    return {
        "width": 540,
        "aspect": 1.02,
        "choosers": [
            {
                "label": label,
                "options": [option.format(number + 1) for number in range(maps.shape[side])],
                "start": first[side],
                "slider": True,
            }
            for side, (label, option) in enumerate(text["choosers"])
        ],
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "x": [column for _ in tokens for column, _ in enumerate(tokens)],
                "y": [row for row, _ in enumerate(tokens) for _ in tokens],
                "text": [f"{row} → {column}" for row in labels for column in labels],
                "marker": {
                    "sizemode": "area",
                    "sizeref": 100 / 16**2,
                    "sizemin": 0,
                    "color": PALETTE[0],
                    "opacity": 1,
                    "line": {"width": 0},
                },
                "cliponaxis": False,
                "hovertemplate": text["hover"],
            }
        ],
        "layout": {
            "xaxis": {**axis, "tickangle": -90, "side": "top", "title": {"text": TEXT[lang][1]}},
            "yaxis": {**axis, "range": axis["range"][::-1], "title": {"text": TEXT[lang][2]}},
        },
        "states": [[state(head) for head in layer] for layer in maps],
    }
