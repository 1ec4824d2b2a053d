"""Right answers alone, with a call that it may write, and must write (results/tool_calls.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("独自作答", "可以调用", "必须调用", "算对的（%）"),
    "en": ("alone", "may call", "must call", "right (%)"),
}
ASKED = (
    ("multiply", 1, "9 × 7"), ("multiply", 2, "73 × 57"), ("multiply", 3, "731 × 576"),
    ("add", 2, "73 + 57"), ("subtract", 2, "73 − 57"),
)  # fmt: skip


def draw(lang: str) -> Figure:
    alone, free, forced, right = TEXT[lang]
    numbers = results.read("tool_calls")["numbers"]
    figure, axes = new_figure(5.6, 2.8, lang=lang)
    for place, label in enumerate((alone, free, forced)):
        for x, (name, digits, _) in enumerate(ASKED):
            point = numbers["with_tool" if place else "alone"][name][f"digits{digits}"]
            if place:
                point = point[("free_right", "forced_right")[place - 1]]
            at = x + (place - 1) * 0.2
            style = {"color": PALETTE[place]}
            axes.plot([at] * 2, [100 * f(point["runs"]) for f in (min, max)], lw=1.5, **style)
            axes.plot(
                at, 100 * point["mean"], MARKERS[place], ms=7, label=label if not x else None,
                **style,
            )  # fmt: skip
    axes.set_xticks(range(len(ASKED)), [text for *_, text in ASKED])
    axes.set_ylabel(right)
    axes.set_ylim(-4, 104)
    figure.legend(loc="outside lower center", ncols=3, fontsize=9)
    return figure
