"""Sentences that are right, by steps, and what counting words writes (results/gpt.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": (
        "训练步数",
        "对的句子（%）",
        "GPT，三个种子",
        ("按前 1 个词数", "按前 2、3 个", "按前 4 个"),
    ),
    "en": (
        "training steps",
        "sentences right (%)",
        "GPT, three seeds",
        ("counting 1 before", "2 or 3 before", "4 before"),
    ),
}


def draw(lang: str) -> Figure:
    steps_word, right, ours, counting = TEXT[lang]
    numbers = results.read("gpt")["numbers"]
    figure, axes = new_figure(5.6, 2.4, lang=lang)
    steps = range(100, 900, 100)
    runs = zip(*(numbers["curves"][f"s{step}"]["runs"] for step in steps), strict=True)
    for seed, run in enumerate(runs):
        share = [100 * x for x in run]
        label = ours if seed == 0 else None
        axes.plot(steps, share, color=PALETTE[0], marker=MARKERS[seed], ms=5, lw=1.2, label=label)
    for n in (1, 2, 3, 4):
        share = 100 * numbers["counted"][f"n{n}"]["right"]
        axes.axhline(share, color=PALETTE[1], ls=(0, (6 - n, n)), lw=1.3)
    for n, label in zip((1, 2, 4), counting, strict=True):
        share = 100 * numbers["counted"][f"n{n}"]["right"]
        axes.annotate(label, (865, share), va="center", fontsize=9, annotation_clip=False)
    axes.set_xlim(50, 850)
    axes.set_ylim(-3, 103)
    axes.set_xlabel(steps_word)
    axes.set_ylabel(right)
    axes.legend(loc="lower right", fontsize=9)
    return figure
