"""Three ways to take a word from the source: places alone, two softmaxes and a gate, one."""

from typing import Any

from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

WORDS, PLACES = ("opens", "shop", "in"), ("mayor", "cordahl", "did")
BARS = {  # what the vocabulary's words and the source's places get: made up, to show what sums to 1
    "pointer": ((0, 0, 0), (0.15, 0.75, 0.10)),
    "gate": ((0.18, 0.08, 0.04), (0.07, 0.56, 0.07)),
    "one": ((0.18, 0.08, 0.04), (0.07, 0.56, 0.07)),
}
TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "titles": ("指针网络", "指针–生成器", "CopyNet"),
        "notes": (
            "一个 softmax\n只有原文的位置",
            "两个 softmax\n用门混合：0.3 和 0.7",
            "一个 softmax\n词和位置一起分",
        ),
        "kinds": ("词表里的词", "原文里的位置"),
    },
    "en": {
        "titles": ("pointer network", "pointer–generator", "CopyNet"),
        "notes": ("one softmax\nover places alone", "two softmaxes,\na gate: 0.3 and 0.7",
                  "one softmax over\nwords and places"),
        "kinds": ("words of the vocabulary", "places of the source"),
    },
}  # fmt: skip


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, panels = new_figure(5.6, 2.5, ncols=3, lang=lang, sharex=True, sharey=True)
    for axes, way, title, note in zip(panels, BARS, text["titles"], text["notes"], strict=True):
        written, copied = BARS[way]
        axes.barh([6, 5, 4], written, color=PALETTE[0], label=text["kinds"][0])
        axes.barh([2.5, 1.5, 0.5], copied, color=PALETTE[1], hatch="///", edgecolor="white",
                  label=text["kinds"][1])  # fmt: skip
        groups = {"pointer": [(0, 3)], "gate": [(0, 3), (3.5, 6.5)], "one": [(0, 6.5)]}[way]
        for low, high in groups:  # a bracket around what one softmax covers
            axes.plot([0.88, 0.94, 0.94, 0.88], [low, low, high, high], color="black", linewidth=1)
        axes.set_title(title, fontsize=10)
        axes.set_xlabel(note, fontsize=9)
        axes.set_xlim(0, 1)
        axes.set_xticks([])
        axes.tick_params(length=0)
    panels[0].set_yticks([6, 5, 4, 2.5, 1.5, 0.5], [*WORDS, *PLACES], fontsize=9)
    figure.legend(*panels[0].get_legend_handles_labels(), fontsize=9, loc="outside upper center",
                  ncols=2)  # fmt: skip
    return figure
