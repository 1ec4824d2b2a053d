"""AdamW on the digits in batches of 8: loss by step at one rate, and what each rate ends with."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

SHAPES = ("constant", "linear", "cosine")


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    numbers = results.read("schedules")["numbers"]
    rates, table = numbers["rates"]["AdamW"], numbers["decay"]["AdamW"]
    names = ("不变", "线性", "余弦") if zh else SHAPES
    figure, (left, right) = new_figure(5.6, 2.8, ncols=2, lang=lang)
    for k, shape in enumerate(SHAPES):
        found = table[shape]
        style = {"linestyle": LINESTYLES[k], "color": PALETTE[k], "marker": MARKERS[k]}
        curve = [row[3] for row in found["curve"]]  # at 0.03
        steps = range(20, 20 * len(curve) + 1, 20)
        left.semilogy(steps, curve, markevery=(k, 6), markersize=4, **style)
        low = [min(row) for row in found["each"]]
        high = [max(row) for row in found["each"]]
        right.fill_between(rates, low, high, color=PALETTE[k], alpha=0.15)
        right.loglog(rates, found["loss"], markersize=5, label=names[k], **style)
    left.set_title("学习率 0.03" if zh else "rate 0.03", fontsize=10)
    right.set_title("900 步之后" if zh else "after 900 steps", fontsize=10)
    left.set_ylabel("训练损失" if zh else "training loss")
    left.set_xlabel("步" if zh else "step")
    right.set_xlabel("最高学习率" if zh else "highest rate")
    for axes in (left, right):
        axes.grid(visible=True)
    figure.legend(loc="outside lower center", ncols=3)
    return figure
