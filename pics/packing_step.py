"""A training step beside what the padding left out would give; writing beside its limit."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

WORDS = {
    "zh": {
        "goal": "transformers × 1/(1−p)",
        "x": "填充的份额 p（%）",
        "step": "训练一步：速度之比",
        "writing": "写作：占极限的份额",
    },
    "en": {
        "goal": "transformers × 1/(1−p)",
        "x": "share of padding p (%)",
        "step": "training step: ratio of speeds",
        "writing": "writing: share of the limit",
    },
}


def draw(lang: str) -> Figure:
    numbers, words = results.read("packing")["numbers"], WORDS[lang]
    figure, (left, right) = new_figure(5.6, 2.6, ncols=2, lang=lang)
    left.plot(
        [100 * share for share in numbers["step"]["padding"]],
        numbers["step"]["cpu_ours"],
        color=PALETTE[0],
        marker=MARKERS[0],
        label="wode",
    )
    left.text(0, 0.97, words["goal"], fontsize=9, va="top")
    left.set_xlabel(words["x"])
    left.set_title(words["step"], fontsize=10)
    writing = numbers["writing"]
    shares = {"wode": writing["limit_over_ours"], "transformers": writing["limit_over_theirs"]}
    for place, share in enumerate(shares.values()):
        right.bar(place, share, 0.6, color=PALETTE[place], hatch="/" if place else "")
        right.text(place, share + 0.03, f"{share:.2f}", ha="center", fontsize=9)
    right.set_xticks(range(len(shares)), list(shares))
    right.set_title(words["writing"], fontsize=10)
    for axes in (left, right):
        axes.axhline(1, color="#606060", linestyle=":")
        axes.set_ylim(0, 1.2)
    left.legend(loc="lower left", fontsize=9)
    return figure
