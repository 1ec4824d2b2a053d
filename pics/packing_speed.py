"""How near the limit a batch is computed, by its share of padding; and the training step."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

WORDS = {
    "zh": {
        "ours": "wode",
        "buckets": "transformers，分桶",
        "theirs": "transformers，补齐",
        "limit": "只做矩阵乘法",
        "goal": "transformers × 1/(1−p)",
        "x": "填充的份额 p（%）",
        "forward": "前向：占极限的份额",
        "step": "训练一步：速度之比",
    },
    "en": {
        "ours": "wode",
        "buckets": "transformers, buckets",
        "theirs": "transformers, padded",
        "limit": "the products alone",
        "goal": "transformers × 1/(1−p)",
        "x": "share of padding p (%)",
        "forward": "forward: share of the limit",
        "step": "training step: ratio of speeds",
    },
}


def draw(lang: str) -> Figure:
    numbers, words = results.read("packing")["numbers"], WORDS[lang]
    figure, (left, right) = new_figure(5.6, 3.0, ncols=2, lang=lang)
    shares, steps = (
        [100 * share for share in numbers[what]["padding"]] for what in ("forward", "step")
    )
    for axes, title in ((left, "forward"), (right, "step")):
        axes.axhline(1, color="#606060", linestyle=":")
        axes.set_title(words[title], fontsize=10)
        axes.set_xlabel(words["x"])
        axes.set_ylim(0, 1.25)
    for n, name in enumerate(("ours", "buckets", "theirs")):
        style = {"color": PALETTE[n], "marker": MARKERS[n], "linestyle": LINESTYLES[n]}
        left.plot(shares, numbers["forward"][f"cpu_{name}"], label=words[name], **style)
        if name == "ours":
            right.plot(steps, numbers["step"][f"cpu_{name}"], label=words[name], **style)
    left.text(0, 1.03, words["limit"], fontsize=9, va="bottom")
    right.text(0, 0.97, words["goal"], fontsize=9, va="top")
    left.legend(loc="lower left", fontsize=9)
    right.legend(loc="lower left", fontsize=9)
    return figure
