"""Who does what: the model only writes text; the program reads the call, runs it, asks again."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "sides": ("模型：只写文本", "程序：检查，运行"),
        "rows": (
            ("73 times 57?", "问题和工具的描述"),
            ('multiply {"a": 73, "b": 57}', "写下一个调用"),
            ("4161", "运行，结果放进提示"),
            ("The answer is 4161.", "接着写，没有调用：结束"),
        ),
    },
    "en": {
        "sides": ("model: only writes text", "program: checks and runs"),
        "rows": (
            ("73 times 57?", "question and tools"),
            ('multiply {"a": 73, "b": 57}', "writes a call"),
            ("4161", "runs it; the result joins the prompt"),
            ("The answer is 4161.", "writes on, no call: done"),
        ),
    },
}


def draw(lang: str) -> Figure:
    words = TEXT[lang]
    figure, axes = new_figure(5.6, 2.5, lang=lang)
    left, right, width = 1.9, 7.1, 3.7
    axes.text(left, 4.55, words["sides"][1], ha="center", fontsize=10, color=PALETTE[0])
    axes.text(right, 4.55, words["sides"][0], ha="center", fontsize=10, color=PALETTE[1])
    for place, (said, meaning) in enumerate(words["rows"]):
        y, model = 3.75 - place, place % 2
        box(axes, right if model else left, y, width, said, PALETTE[model])
        axes.text(
            left if model else right, y, meaning, ha="center", va="center", fontsize=9, color="0.35"
        )
        if place < 3:
            start, end = (right, left) if model else (left, right)
            sign = -1 if model else 1
            axes.annotate(
                "",
                (end - sign * 1.2, y - 0.67),
                (start + sign * 1.2, y - 0.36),
                arrowprops={"arrowstyle": "->", "color": PALETTE[model], "linewidth": 1.4},
            )
    axes.set_xlim(-0.2, 9.2)
    axes.set_ylim(0.2, 4.9)
    axes.axis("off")
    return figure


def box(axes: Any, x: float, y: float, width: float, text: str, edge: str) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - 0.3), width, 0.6, boxstyle="round,pad=0.02",
            facecolor="none", edgecolor=edge, linewidth=1.5,
        )
    )  # fmt: skip
    axes.text(x, y, text, ha="center", va="center", fontsize=9)
