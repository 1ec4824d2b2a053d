"""The two masks of one sentence in one order, drawn by the functions themselves."""

import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure
from wode.xlnet import visible_in

WORDS = ["[CLS]", "she", "saw", "new", "york", "yesterday", "[SEP]"]
ORDER = [0, 6, 5, 3, 1, 4, 2]
TEXT = {
    "zh": ("内容：看得见自己", "查询：看不见自己", "读谁 →", "第 {} 个：{}"),
    "en": ("content: sees itself", "query: does not", "reads →", "{}. {}"),
}


def draw(lang: str) -> Figure:
    content, query, reads, turn = TEXT[lang]
    visible = visible_in(torch.tensor([ORDER]))[0]
    size = len(WORDS)
    figure, panels = new_figure(5.6, 3.6, ncols=2, lang=lang)
    for axes, title, itself in zip(panels, (content, query), (True, False), strict=True):
        for row in range(size):
            for column in range(size):
                own = itself and row == column
                seen = bool(visible[row, column])
                box = Rectangle(
                    (column, row), 0.92, 0.92, edgecolor=PALETTE[1] if own else "none",
                    facecolor=PALETTE[0] if seen else "none" if own else "#e4e4e4",
                    hatch="////" if own else None, linewidth=1,
                )  # fmt: skip
                axes.add_patch(box)
        axes.set_xlim(-0.1, size)
        axes.set_ylim(size, -0.1)
        axes.set_aspect("equal")
        axes.set_xticks([n + 0.5 for n in range(size)], WORDS, rotation=90, fontsize=9)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_title(title)
        axes.set_xlabel(reads)
    when = {place: turn.format(n - 1, WORDS[place]) for n, place in enumerate(ORDER) if n > 1}
    names = [when.get(place, word) for place, word in enumerate(WORDS)]
    panels[0].set_yticks([n + 0.5 for n in range(size)], names, fontsize=9)
    panels[1].set_yticks([])
    return figure
