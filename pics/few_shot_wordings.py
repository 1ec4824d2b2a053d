"""Zero-shot wordings, by the strict and by the fair scorer (results/few_shot_lab.json)."""

from _few_shot import TASKS, WAYS, numbers, spread, staggered
from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "strict": "一字不差才算对",
        "fair": "公道的判分",
        "y": "准确率（%）",
        "chosen": "用例子挑出的",
    },
    "en": {
        "strict": "strict: the whole answer must match",
        "fair": "fair",
        "y": "accuracy (%)",
        "chosen": "chosen on the examples",
    },
}
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "*"]
COLOURS = [0, 1, 2, 3, 4, 5, 0, 1]


def draw(lang: str) -> Figure:
    text, found = TEXT[lang], numbers()
    tasks = [name for name, one in found["choice"].items() if one["kind"] == "fair"]
    figure, both = new_figure(5.6, 6.2, nrows=2, lang=lang, sharex=True, sharey=True)
    for axes, kind in zip(both, ("strict", "fair"), strict=True):
        for place, name in enumerate(tasks):
            ways = found["wordings"][name]
            where = dict(zip(WAYS[lang], spread(place, len(WAYS[lang]), 0.8), strict=True))
            for way, part in ways.items():
                style = [*WAYS[lang]].index(way)
                axes.plot(
                    where[way],
                    100 * part["test"][kind],
                    MARKERS[style],
                    color=PALETTE[COLOURS[style]],
                    mfc="none" if style > 5 else None,
                    ms=5,
                    label="" if place else WAYS[lang][way],
                    clip_on=False,
                )
            chosen = found["choice"][name]
            if kind == "fair":
                ring = {"s": 130, "facecolors": "none", "edgecolors": "0.4", "linewidths": 1.3}
                label = "" if place else text["chosen"]
                axes.scatter(where[chosen["way"]], 100 * chosen["test"], label=label, **ring)
            if place:
                axes.axvline(place - 0.5, color="0.8", lw=0.7)
        axes.set_title(text[kind], fontsize=10)
        axes.set_ylim(0, 100)
        axes.set_ylabel(text["y"])
        axes.grid(visible=True, axis="y")
    names = staggered([TASKS[lang][name] for name in tasks])
    both[1].set_xticks(range(len(tasks)), names, fontsize=9, rotation=0)
    figure.legend(
        *both[1].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=9
    )
    return figure
