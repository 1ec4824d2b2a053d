"""What heads of MiniLM look at in one sentence: four of them drawn, all 72 interactive."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("第 {} 层，第 {} 个头", "列：被看的词元；行：发出查询的词元"),
    "en": ("layer {}, head {}", "columns: tokens looked at; rows: tokens that look"),
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
    figure, panels = new_figure(5.6, 6.1, nrows=2, ncols=2, lang=lang, sharex=True, sharey=True)
    ticks = np.arange(len(tokens))
    for axes, (layer, head) in zip(panels.flat, chosen(maps), strict=True):
        weights = maps[layer, head]
        axes.imshow(weights, cmap="Blues", vmin=0, vmax=100, interpolation="none")
        axes.set_title(TEXT[lang][0].format(layer + 1, head + 1))
        axes.set_xticks(ticks, tokens, rotation=90, fontsize=9)
        axes.set_yticks(ticks, tokens, fontsize=9)
        axes.tick_params(length=0)
    figure.supxlabel(TEXT[lang][1], fontsize=9)
    return figure


def plotly(lang: str) -> dict[str, Any]:
    """A disc a pair of tokens, its area the weight; a slider chooses the head."""
    tokens, maps = table()
    labels = [f"{number} {token}" for number, token in enumerate(tokens)]  # "the" stands twice
    pairs = [(row, column) for row in range(len(tokens)) for column in range(len(tokens))]
    first = chosen(maps)[0]

    def weights(layer: int, head: int) -> list[int]:
        return [int(weight) for weight in maps[layer, head].flatten()]

    names = [(layer, head) for layer in range(maps.shape[0]) for head in range(maps.shape[1])]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [labels[column] for _, column in pairs],
        "y": [labels[row] for row, _ in pairs],
        "text": weights(*first),
        "marker": {
            "size": weights(*first),
            "sizemode": "area",
            "sizeref": 100 / 20**2,
            "sizemin": 0,
            "color": PALETTE[0],
        },
        "hovertemplate": "%{y} → %{x}: %{text} %<extra></extra>",
    }
    steps = [
        {
            "method": "restyle",
            "label": TEXT[lang][0].format(layer + 1, head + 1),
            "args": [{"marker.size": [weights(layer, head)], "text": [weights(layer, head)]}],
        }
        for layer, head in names
    ]
    axis = {"tickfont": {"size": 10}, "categoryorder": "array", "categoryarray": labels}
    return {
        "data": [trace],
        "layout": {
            "xaxis": {**axis, "tickangle": -90, "side": "top"},
            "yaxis": {**axis, "autorange": "reversed"},
            "margin": {"l": 90, "r": 10, "t": 90, "b": 10},
            "height": 560,
            "showlegend": False,
            "sliders": [
                {
                    "active": names.index(first),
                    "steps": steps,
                    "currentvalue": {"prefix": ""},
                    "ticklen": 0,
                    "minorticklen": 0,
                    "font": {"size": 1},
                }
            ],
        },
    }
