"""Examples with their own answers and with one another's (results/few_shot_lab.json)."""

from _few_shot import TASKS, numbers, percent, spread, staggered
from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "right": "答案配对",
        "wrong": "答案错配",
        "none": "没有例子",
        "title": "{} 个例子",
        "y": "准确率（%）",
    },
    "en": {
        "right": "each its own answer",
        "wrong": "another's answer",
        "none": "no example",
        "title": "{} examples",
        "y": "accuracy (%)",
    },
}
STYLES = {"right": ("o", 0, -0.2), "wrong": ("s", 1, 0.2)}


def draw(lang: str) -> Figure:
    text, found = TEXT[lang], numbers()
    names = list(found["mispaired"])
    figure, both = new_figure(5.6, 5.0, nrows=2, lang=lang, sharex=True, sharey=True)
    for axes, k in zip(both, ("k4", "k16"), strict=True):
        for place, name in enumerate(names):
            parts = {"right": found["tasks"][name][k], "wrong": found["mispaired"][name][k]}
            for kind, (marker, colour, beside) in STYLES.items():
                values = percent(parts[kind]["fair"]["values"])
                where = spread(place + beside, len(values), 0.3)
                label = "" if place else text[kind]
                axes.plot(where, values, marker, color=PALETTE[colour], ms=4, label=label)
            zero = 100 * found["tasks"][name]["k0"]["fair"]["mean"]
            label, ends = "" if place else text["none"], [place - 0.4, place + 0.4]
            axes.plot(ends, [zero, zero], ":", color="0.5", lw=2, label=label)
        axes.set_title(text["title"].format(k[1:]), fontsize=10)
        axes.set_ylim(-3, 103)
        axes.set_ylabel(text["y"])
        axes.grid(visible=True, axis="y")
    ticks = staggered([TASKS[lang][name] for name in names])
    both[1].set_xticks(range(len(names)), ticks, fontsize=9)
    figure.legend(
        *both[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=9
    )
    return figure
