"""Which tool: three ways to draw the line, two rivals, chance (results/tool_calls.json)."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "titles": ("加、减、乘", "乘、电话"),
        "ways": ("相加", "N/A", "平均线", "词袋", "MiniLM"),
        "each": "每个工具 {} 个示范",
        "right": "选对的（%）",
    },
    "en": {
        "titles": ("add, subtract, multiply", "multiply, phone"),
        "ways": ("sum", "N/A", "mean line", "words", "MiniLM"),
        "each": "shown of each: {}",
        "right": "right (%)",
    },
}
WAYS = ("sum", "content_free", "middle", "words", "minilm")


def draw(lang: str) -> Figure:
    words = TEXT[lang]
    numbers = results.read("tool_calls")["numbers"]["choice"]
    figure, panels = new_figure(5.6, 3.0, ncols=2, sharey=True, lang=lang)
    kinds = ("alike", "unlike")
    for panel, kind, title in zip(panels, kinds, words["titles"], strict=True):
        panel.axhline(100 / (3 if kind == "alike" else 2), color="gray", lw=0.8, ls=":")
        for place, each in enumerate((1, 4)):
            points = [numbers[kind][f"each{each}"][way] for way in WAYS]
            x = [way + (place - 0.5) * 0.3 for way in range(len(WAYS))]
            style = {"color": PALETTE[place], "marker": MARKERS[place], "ls": ""}
            panel.plot(
                x, [100 * point["mean"] for point in points], ms=6,
                label=words["each"].format(each), **style,
            )  # fmt: skip
            for at, point in zip(x, points, strict=True):
                runs = [100 * run for run in point["runs"]]
                panel.plot([at] * len(runs), runs, color=PALETTE[place], lw=1, alpha=0.5)
        panel.set_title(title, fontsize=9.5)
        panel.set_xticks(range(len(WAYS)), words["ways"], rotation=30, fontsize=9)
        panel.set_ylim(-4, 104)
    panels[0].set_ylabel(words["right"])
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=9)
    return figure
