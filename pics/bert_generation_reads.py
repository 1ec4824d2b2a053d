"""What each model reads when it learns and when it writes: the causal one twice the same."""

from bert_generation_fill import NAMES, WORDS, draw_rows
from matplotlib.figure import Figure

from wode.plotting import new_figure

TITLES = {"zh": ("学的时候", "写的时候"), "en": ("learning", "writing")}


def draw(lang: str) -> Figure:
    figure, panels = new_figure(5.6, 2.7, nrows=2, lang=lang)
    later = WORDS[2:]
    for axes, title, seen in zip(
        panels, TITLES[lang], (later, ("[MASK]",) * len(later)), strict=True
    ):
        axes.set_title(title, fontsize=11, loc="left")
        draw_rows(axes, NAMES[lang], seen)
    return figure
