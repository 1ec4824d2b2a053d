"""Summaries of docstrings: ROUGE-1 and the rare words that were written, each way, every seed."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

ROWS = ("name", "first_words", "most_alike", "plain", "plain_replaced", "pieces",
        "pointer", "pointer_replaced", "coverage", "copynet")  # fmt: skip
KINDS = ("ways", "other", "longer")
TEXT = {
    "zh": {
        "rows": ("函数名", "原文头 10 个词", "最像的一条的摘要", "不抄", "不抄，换掉 <unknown>",
                 "子词，不抄", "指针–生成器", "同上，换掉 <unknown>", "指针–生成器，带覆盖",
                 "CopyNet"),
        "x": ("ROUGE-1", "写对的生僻词"),
        "kinds": ("没有学", "{steps} 步", "{steps} 步，另一个学习率", "{longer_steps} 步"),
    },
    "en": {
        "rows": ("the name", "the first 10 words", "the most alike one's", "no copying",
                 "no copying, replaced", "subwords, no copying", "pointer–generator",
                 "the same, replaced", "with coverage", "CopyNet"),
        "x": ("ROUGE-1", "rare words found"),
        "kinds": ("nothing learned", "{steps} steps", "{steps}, the other rate",
                  "{longer_steps} steps"),
    },
}  # fmt: skip


def draw(lang: str) -> Figure:
    numbers, text = results.read("copying")["numbers"], TEXT[lang]
    figure, panels = new_figure(5.6, 3.0, ncols=2, lang=lang, sharey=True)
    for axes, name, label in zip(panels, ("rouge1", "there"), text["x"], strict=True):
        points = [[(numbers["baselines"][way][name], len(ROWS) - n) for n, way in enumerate(ROWS)
                   if way in numbers["baselines"]]]  # fmt: skip
        for kind in KINDS:
            rows = [(numbers[kind][way], len(ROWS) - n) for n, way in enumerate(ROWS)
                    if way in numbers[kind]]  # fmt: skip
            points.append([(value, y) for row, y in rows for value in row[name]["seeds"]])
        for n, found in enumerate(points):
            axes.scatter(
                *zip(*found, strict=True), s=26, color=PALETTE[n], marker=MARKERS[n], alpha=0.8,
                label=text["kinds"][n].format(**numbers),
            )  # fmt: skip
        axes.set_xlabel(label)
        axes.set_xlim(left=-0.01)
        axes.grid(visible=True)
    panels[0].set_yticks([len(ROWS) - row for row in range(len(ROWS))], text["rows"])
    handles = panels[0].get_legend_handles_labels()
    figure.legend(*handles, fontsize=9, loc="outside upper center", ncols=2)
    return figure
