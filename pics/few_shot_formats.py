"""Antonyms in three formats of the examples, all seeds (results/few_shot_lab.json)."""

from _few_shot import numbers, percent, spread
from matplotlib.figure import Figure

from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {"x": "例子数", "y": "准确率（%）"},
    "en": {"x": "examples", "y": "accuracy (%)"},
}
FORMATS = {"neutral": "Q: … A:", "input": "Input: … Output:", "arrow": "… =>"}


def draw(lang: str) -> Figure:
    text, found = TEXT[lang], numbers()
    neutral = {k: part["fair"] for k, part in found["tasks"]["antonyms"].items()}
    formats = {"neutral": neutral, **found["controls"]["antonyms"]}
    figure, axes = new_figure(5.6, 3.2, lang=lang)
    shots = (0, 1, 4, 16)
    for style, (name, label) in enumerate(FORMATS.items()):
        look = {"color": PALETTE[style], "marker": MARKERS[style]}
        places = [place + 0.26 * (style - 1) for place in range(len(shots))]
        for place, k in zip(places, shots, strict=True):
            values = percent(formats[name][f"k{k}"]["values"])
            where = spread(place, len(values), 0.2)
            axes.plot(where, values, ls="", ms=3.5, alpha=0.5, mew=0, **look)
        means = [100 * formats[name][f"k{k}"]["mean"] for k in shots]
        axes.plot(places, means, ls=LINESTYLES[style], ms=6, label=label, **look)
    axes.set_xticks(range(len(shots)), [str(k) for k in shots])
    axes.set_xlabel(text["x"])
    axes.set_ylabel(text["y"])
    axes.set_ylim(0, 100)
    axes.grid(visible=True, axis="y")
    axes.legend(fontsize=9)
    return figure
