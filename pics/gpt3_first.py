"""The answer and a copy of the question: their probabilities, by prompt (results/gpt3.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("答案（took）", "照抄（take）", ("0 个例子", "1 个例子", "4 个例子", "0 个，写明要什么"),
           "平均概率"),
    "en": ("the answer (took)", "a copy (take)",
           ("no example", "1 example", "4 examples", "none, but named"), "mean probability"),
}  # fmt: skip


def draw(lang: str) -> Figure:
    right, copy, names, mean = TEXT[lang]
    numbers = results.read("gpt3")["numbers"]["first"]
    figure, axes = new_figure(5.6, 2.4, lang=lang)
    for place, way in enumerate(("k0", "k1", "k4", "named")):
        for offset, key, colour, hatch in ((-0.2, "right", 0, ""), (0.2, "copy", 1, "//")):
            share = numbers[way][key]
            axes.barh(
                place + offset,
                share,
                0.36,
                color=PALETTE[colour],
                hatch=hatch,
                ec="white",
                label=None if place else (right if key == "right" else copy),
            )
            axes.text(share + 0.01, place + offset, f"{share:.2f}", va="center", fontsize=9)
    axes.set_yticks(range(4), names, fontsize=10)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.05)
    axes.set_xlabel(mean)
    axes.legend(loc="lower right", fontsize=9)
    return figure
