"""What sharing costs, mode by mode: nats a word above the least possible (results/unilm.json)."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

MODES = ("bidirectional", "left_to_right", "right_to_left", "sequence_to_sequence")
TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "modes": ("双向", "自左向右", "自右向左", "序列到序列"),
        "rows": ("一种，{} 步", "四种，{} 步", "四种，{} 步", "一种，{} 步"),
        "x": "一个词的奈特数，减去最低可能（对数刻度）",
    },
    "en": {
        "modes": ("bidirectional", "left-to-right", "right-to-left", "sequence-to-sequence"),
        "rows": ("one mode, {} steps", "four, {} steps", "four, {} steps", "one mode, {} steps"),
        "x": "nats a word above the least possible (log scale)",
    },
}


def draw(lang: str) -> Figure:
    numbers, text = results.read("unilm")["numbers"], TEXT[lang]
    short, long = numbers["steps"], numbers["longer"]
    figure, panels = new_figure(5.6, 4.2, nrows=2, ncols=2, lang=lang, sharex=True, sharey=True)
    for axes, mode, title in zip(panels.flat, MODES, text["modes"], strict=True):
        ways = (f"{mode}_{short}", f"all_{short}", f"all_{long}", f"{mode}_{long}")
        for row, way in enumerate(ways):
            seeds = numbers["ways"][way]["nats"][mode]["seeds"]
            above = [value - numbers["floor"][mode] for value in seeds]
            shared = way.startswith("all")
            axes.scatter(
                above, [row] * len(above), s=22, marker=MARKERS[int(shared)],
                color=PALETTE[int(shared)], alpha=0.8, linewidth=0,
            )  # fmt: skip
        axes.set_xscale("log")
        axes.set_title(title)
        axes.set_ylim(3.5, -0.5)
        steps = (short, short, long, long)
        axes.set_yticks(
            range(4), [row.format(n) for row, n in zip(text["rows"], steps, strict=True)]
        )
        axes.grid(axis="x")
    figure.supxlabel(text["x"], fontsize=9)
    return figure
