"""Alone and with a tool, by digits (results/tool_calls.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": (("加", "减", "乘"), "独自", "用工具", "几位数", "答对的（%）"),
    "en": (("add", "subtract", "multiply"), "alone", "with the tool", "digits", "right (%)"),
}


def draw(lang: str) -> Figure:
    titles, alone, tool, digits, right = TEXT[lang]
    numbers = results.read("tool_calls")["numbers"]
    figure, panels = new_figure(5.6, 2.5, ncols=3, sharey=True, lang=lang)
    for panel, name, title in zip(panels, ("add", "subtract", "multiply"), titles, strict=True):
        rows = [[numbers["alone"][name][f"digits{d}"] for d in (1, 2, 3)]]
        rows.append([numbers["with_tool"][name][f"digits{d}"]["answer"] for d in (1, 2, 3)])
        for place, (row, label) in enumerate(zip(rows, (alone, tool), strict=True)):
            style = {"color": PALETTE[place], "ls": LINESTYLES[place], "label": label}
            panel.plot((1, 2, 3), [100 * point["mean"] for point in row], lw=1.5, **style)
            for x, point in zip((1, 2, 3), row, strict=True):
                y = [100 * run for run in point["runs"]]
                panel.plot([x] * len(y), y, MARKERS[place], color=PALETTE[place], ms=4, alpha=0.6)
        panel.set_title(title, fontsize=10)
        panel.set_xticks((1, 2, 3))
        panel.set_xlim(0.8, 3.2)
        panel.set_ylim(-4, 104)
        panel.set_xlabel(digits)
    panels[0].set_ylabel(right)
    panels[0].legend(loc="center left", fontsize=9)
    return figure
