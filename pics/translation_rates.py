"""BLEU by the highest learning rate: warm-up, the same without its rise, a constant rate."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("最高的学习率", "新句子 BLEU", "不变", "预热", "没有预热"),
    "en": ("highest learning rate", "BLEU, new sentences", "constant", "warm-up", "no warm-up"),
}


def draw(lang: str) -> Figure:
    numbers = results.read("translation_task")["numbers"]
    x, y, *names = TEXT[lang]
    figure, axes = new_figure(5.6, 2.8, lang=lang)
    peak, rates = numbers["peak"], numbers["rates"]
    lines = (
        (rates, [f"rate_{n}" for n in range(len(rates))]),
        ([peak, 2 * peak], ["base", "warmup_twice"]),
        ([peak, 2 * peak], ["cold", "cold_twice"]),
    )
    for k, ((places, ways), name) in enumerate(zip(lines, names, strict=True)):
        found = [numbers["ways"][way]["sentences"]["bleu"] for way in ways]
        mean = [one["mean"] for one in found]
        places = [place * (1 + 0.04 * (k - 1)) for place in places]  # side by side
        axes.errorbar(
            places, mean,
            [
                [one["mean"] - one["min"] for one in found],
                [one["max"] - one["mean"] for one in found],
            ],
            linestyle=LINESTYLES[k], marker=MARKERS[k], color=PALETTE[k], label=name, capsize=3,
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xticks(rates, [f"{rate:g}" for rate in rates])
    axes.minorticks_off()
    axes.set_ylim(0, 103)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(visible=True)
    axes.legend(loc="lower center")
    return figure
