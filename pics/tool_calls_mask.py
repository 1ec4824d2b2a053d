"""The first token: what the model wants, what is left of it (results/tool_calls.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("模型想写的", "不许的都是 0", "概率", "第一个词元"),
    "en": ("what the model wants", "all else is 0", "probability", "first token"),
}


def draw(lang: str) -> Figure:
    free, masked, probability, token = TEXT[lang]
    step = results.read("tool_calls")["numbers"]["step"]
    figure, panels = new_figure(5.6, 2.2, ncols=2, lang=lang)
    for place, (panel, name, title) in enumerate(
        zip(panels, ("free", "masked"), (free, masked), strict=True)
    ):
        rows = [row for row in step[name] if row[1] > 0]
        y = range(len(rows))
        panel.barh(y, [row[1] for row in rows], color=PALETTE[place], height=0.65)
        panel.set_yticks(y, [repr(row[0]) for row in rows], fontsize=9)
        panel.set_ylim(4.6, -0.6)
        panel.set_xlim(0, 1)
        panel.set_title(title, fontsize=10)
        panel.set_xlabel(probability)
    panels[0].set_ylabel(token)
    return figure
