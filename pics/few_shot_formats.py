"""Antonyms in three formats of the examples, all seeds (results/few_shot_lab.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {"x": "例子数", "y": "准确率（%）"},
    "en": {"x": "examples", "y": "accuracy (%)"},
}
FORMATS = {"neutral": "Q: … A:", "input": "Input: … Output:", "arrow": "… =>"}


def draw(lang: str) -> Figure:
    text, found = TEXT[lang], results.read("few_shot_lab")["numbers"]
    formats = {"neutral": found["tasks"]["antonyms"], **found["formats"]}
    figure, axes = new_figure(5.6, 3.2, lang=lang)
    shots = (0, 1, 4, 16)
    for style, (name, label) in enumerate(FORMATS.items()):
        points = [formats[name][f"k{k}"]["accuracy"] for k in shots]
        mean, low, high = ([100 * p[key] for p in points] for key in ("mean", "low", "high"))
        bars = [
            [m - b for m, b in zip(mean, low, strict=True)],
            [t - m for m, t in zip(mean, high, strict=True)],
        ]
        places = [place + 0.1 * (style - 1) for place in range(len(shots))]
        look = {"color": PALETTE[style], "marker": MARKERS[style], "ls": LINESTYLES[style]}
        axes.errorbar(places, mean, bars, ms=6, capsize=3, label=label, **look)
    axes.set_xticks(range(len(shots)), [str(k) for k in shots])
    axes.set_xlabel(text["x"])
    axes.set_ylabel(text["y"])
    axes.set_ylim(0, 100)
    axes.grid(visible=True, axis="y")
    axes.legend(fontsize=9)
    return figure
