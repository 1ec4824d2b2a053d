"""Which Chinese characters the decoder looks at as it says each English word."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import chinese_font, new_figure
from wode.translation import tokens_of

TEXT = {"zh": ("有位置", "没有位置"), "en": ("with positions", "without positions")}
PAIRS = (
    ("老师看见了学生。", "The teacher saw the student."),
    (
        "老师昨天在市场卖了两把旧椅子。",
        "The teacher sold two old chairs at the market yesterday.",
    ),
)


def draw(lang: str) -> Figure:
    ways = results.read("translation_task")["numbers"]["ways"]
    figure, panels = new_figure(
        5.6, 5.6, nrows=2, ncols=2, lang=lang,
        gridspec_kw={"height_ratios": [8, 13]},
    )  # fmt: skip
    for column, (way, title) in enumerate(zip(("base", "no_positions"), TEXT[lang], strict=True)):
        for row, (zh, en) in enumerate(PAIRS):
            weights, axes = np.array(ways[way]["maps"][row]), panels[row][column]
            axes.imshow(weights, cmap="Greys", vmin=0, vmax=1, aspect="auto")
            axes.set_xticks(
                range(len(tokens_of(zh))), tokens_of(zh), fontsize=9, family=chinese_font()
            )
            words = [*tokens_of(en), "<end>"] if not column else [""] * (len(tokens_of(en)) + 1)
            axes.set_yticks(range(len(words)), words, fontsize=9)
            axes.tick_params(length=0)
            if not row:
                axes.set_title(title)
    return figure
