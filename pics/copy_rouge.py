"""Summaries of docstrings: ROUGE-1 and the rare words that were copied, each way, every seed."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

ROWS = ("name", "first_words", "most_alike", "plain", "replaced", "pieces", "pieces_pointer",
        "pointer", "coverage", "copynet")  # fmt: skip
TEXT = {
    "zh": {
        "rows": ("函数名", "原文头 10 个词", "最像的一条的摘要", "不抄", "不抄，换掉 <unknown>",
                 "子词，不抄", "子词，抄", "指针–生成器", "同上，带覆盖", "CopyNet"),
        "x": ("ROUGE-1", "抄到的生僻词"),
        "kinds": ("没有学", "{} 步", "{} 步"),
    },
    "en": {
        "rows": ("the name", "the first 10 words", "the most alike one's", "no copying",
                 "no copying, replaced", "pieces, no copying", "pieces, copying",
                 "pointer–generator", "with coverage", "CopyNet"),
        "x": ("ROUGE-1", "rare words found"),
        "kinds": ("nothing learned", "{} steps", "{} steps"),
    },
}  # fmt: skip


def draw(lang: str) -> Figure:
    numbers, text = results.read("copying")["numbers"], TEXT[lang]
    figure, panels = new_figure(5.6, 3.6, ncols=2, lang=lang, sharey=True)
    steps = ("", numbers["steps"], numbers["longer_steps"])
    for axes, name, label in zip(panels, ("rouge1", "there"), text["x"], strict=True):
        points = {0: [], 1: [], 2: []}
        for row, way in enumerate(ROWS):
            y = len(ROWS) - row
            if way in numbers["baselines"]:
                points[0].append((numbers["baselines"][way][name], y))
            else:
                points[1] += [(value, y) for value in numbers["ways"][way][name]["seeds"]]
            if way in numbers["longer"]:
                points[2].append((numbers["longer"][way][name], y))
        for n, found in points.items():
            axes.scatter(
                *zip(*found, strict=True), s=26, color=PALETTE[n], marker=MARKERS[n], alpha=0.8,
                label=text["kinds"][n].format(steps[n]),
            )  # fmt: skip
        axes.set_xlabel(label)
        axes.set_xlim(left=-0.01)
        axes.grid(visible=True)
    panels[0].set_yticks([len(ROWS) - row for row in range(len(ROWS))], text["rows"])
    handles = panels[0].get_legend_handles_labels()
    figure.legend(*handles, fontsize=9, loc="outside upper center", ncols=3)
    return figure
