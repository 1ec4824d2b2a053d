"""Which Chinese characters the decoder looks at as it says each English word."""

import numpy as np
from _maps import heat
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import chinese_font, new_figure
from wode.translation import tokens_of

PAIRS = (
    ("老师看见了学生。", "The teacher saw the student."),
    (
        "老师昨天在市场卖了两把旧椅子。",
        "The teacher sold two old chairs at the market yesterday.",
    ),
)


def draw_map(axes: Axes, way: str, row: int) -> None:
    """Rows are the English words to be said, columns the Chinese characters; black is 1."""
    zh, en = PAIRS[row]
    weights = np.array(results.read("translation_task")["numbers"]["ways"][way]["maps"][row])
    heat(axes, weights, cmap="Greys", aspect="auto")
    axes.set_xticks(range(len(tokens_of(zh))), tokens_of(zh), fontsize=9, family=chinese_font())
    words = [*tokens_of(en), "<end>"]
    axes.set_yticks(range(len(words)), words, fontsize=9)
    axes.tick_params(length=0)


def draw(lang: str) -> Figure:
    figure, panels = new_figure(5.6, 2.7, ncols=2, lang=lang, gridspec_kw={"width_ratios": [8, 15]})
    for row, axes in enumerate(panels):
        draw_map(axes, "base", row)
    return figure
