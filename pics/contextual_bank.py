"""bank in 40 held-out sentences, before the network and after its last layer, on a plane."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

LAYERS, SENSES = ("layer0", "layer6"), ("money", "river")
TEXT: dict[str, dict[str, Any]] = {
    "zh": {"titles": ("第 0 层", "第 6 层"), "senses": ("银行", "河岸"),
           "x": "第一个方向", "y": "第二个方向", "chooser": "哪一层"},
    "en": {"titles": ("layer 0", "layer 6"), "senses": ("money", "river"),
           "x": "first direction", "y": "second direction", "chooser": "which layer"},
}  # fmt: skip


def points(layer: str, sense: str) -> tuple[list[float], list[float], list[str]]:
    drawn = results.read("contextual_embeddings")["numbers"]["drawn"]["bank"][layer]
    rows = [n for n, one in enumerate(drawn["senses"]) if one == sense]
    x, y = (
        [drawn["points"][2 * n + axis] / max(map(abs, drawn["points"])) for n in rows]
        for axis in (0, 1)
    )
    return x, y, [drawn["texts"][n] for n in rows]


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, panels = new_figure(5.6, 2.7, ncols=2, lang=lang)
    for axes, layer, title in zip(panels, LAYERS, text["titles"], strict=True):
        for n, sense in enumerate(SENSES):
            x, y, _ = points(layer, sense)
            axes.scatter(x, y, s=22, color=PALETTE[n], marker=MARKERS[n], alpha=0.75,
                         label=text["senses"][n])  # fmt: skip
        axes.set_title(title, fontsize=10)
        axes.set_xlabel(text["x"], fontsize=9)
        axes.set(xticks=[], yticks=[])
    panels[0].set_ylabel(text["y"], fontsize=9)
    panels[1].legend(fontsize=9)
    return figure
