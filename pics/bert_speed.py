"""BERT packed against BERT padded: times and peak memory, by the share of padding."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

WORDS = {
    "zh": {
        "ideal": "理想：1/(1−p)",
        "forward": "前向",
        "step": "训练一步",
        "x": "填充的份额 p（%）",
        "time": "时间之比",
        "memory": "内存峰值之比",
    },
    "en": {
        "ideal": "ideal: 1/(1−p)",
        "forward": "forward",
        "step": "training step",
        "x": "share of padding p (%)",
        "time": "time: padded / packed",
        "memory": "peak memory: padded / packed",
    },
}


def draw(lang: str) -> Figure:
    numbers, words = results.read("bert_speed")["numbers"], WORDS[lang]
    figure, (left, right) = new_figure(7.0, 3.0, ncols=2, lang=lang)
    shares = [100 * share for share in numbers["shares"]]
    for axes, found in (
        (left, {what: numbers[what] for what in ("forward", "step")}),
        (right, {what: numbers["memory"][what]["ratio"] for what in ("forward", "step")}),
    ):
        axes.plot(
            shares, numbers["ideal"], color="#606060", linestyle=":", label=words["ideal"], zorder=1
        )
        for n, (what, values) in enumerate(found.items()):
            axes.plot(
                shares,
                values,
                color=PALETTE[n],
                marker=MARKERS[n],
                linestyle=LINESTYLES[n],
                label=words[what],
            )
        axes.set_xlabel(words["x"])
        axes.set_ylim(0.8, None)
    left.set_ylabel(words["time"])
    right.set_ylabel(words["memory"])
    left.legend(loc="upper left")
    return figure
