"""How often "positive" is said, by the four examples (results/calibration_causes.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("四个例子的标签，从前到后", "答 positive 的（%）", "相加", "平均线"),
    "en": ("labels of the four examples, first to last", "says positive (%)", "sum", "mean line"),
}


def draw(lang: str) -> Figure:
    examples, said, sums, middle = TEXT[lang]
    numbers = results.read("calibration_causes")["numbers"]["patterns"]
    order = sorted(numbers, key=lambda p: (p.count("1"), p[::-1]))
    figure, axes = new_figure(5.6, 3.0, lang=lang)
    for way, marker, colour, name in (("sum", "o", 0, sums), ("middle", "x", 1, middle)):
        y = [100 * numbers[p][way]["first"] for p in order]
        axes.plot(range(16), y, marker, color=PALETTE[colour], ms=6, label=name)
    axes.axhline(50, color="gray", lw=0.8, ls=":")
    for place in (0.5, 4.5, 10.5, 14.5):
        axes.axvline(place, color="0.8", lw=0.8)
    labels = ["\n".join("+" if one == "1" else "−" for one in p) for p in order]
    axes.set_xticks(range(16), labels, fontsize=10)
    axes.set_xlabel(examples)
    axes.set_ylabel(said)
    axes.set_ylim(-3, 103)
    axes.legend(loc="lower right", fontsize=9)
    return figure
