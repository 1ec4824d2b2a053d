"""One tool: calls that it may write, and must write, and a rival (results/tool_calls.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": (
        ("乘", "加", "减"),
        ("可以调用：合法", "可以调用：对", "必须调用：对", "正则表达式：对"),
        "题目（%）",
    ),
    "en": (
        ("multiply", "add", "subtract"),
        ("may call: valid", "may call: right", "must call: right", "regex: right"),
        "questions (%)",
    ),
}
WAYS = ("free_valid", "free_right", "forced_right", "in_order")


def draw(lang: str) -> Figure:
    names, ways, questions = TEXT[lang]
    numbers = results.read("tool_calls")["numbers"]["with_tool"]
    figure, axes = new_figure(5.6, 2.9, lang=lang)
    for place, (way, label) in enumerate(zip(WAYS, ways, strict=True)):
        color, marker = PALETTE[place], MARKERS[place]
        for x, name in enumerate(("multiply", "add", "subtract")):
            point, at = numbers[name][way], x + (place - 1.5) * 0.18
            axes.plot([at] * 2, [100 * f(point["runs"]) for f in (min, max)], lw=1.5, color=color)
            axes.plot(
                at, 100 * point["mean"], ls="", marker=marker, ms=7, color=color,
                label=None if x else label,
            )  # fmt: skip
    axes.set_xticks(range(3), names)
    axes.set_ylabel(questions)
    axes.set_ylim(-4, 104)
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure
