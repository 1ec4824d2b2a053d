"""Accuracy by the share of wrong labels among 4 to 24 examples (results/calibration.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

SHARES = ("0", "25", "50", "75", "100")
TEXT = {
    "zh": ("相加", "平均线", "标签写错的例子（%）", "准确率（%）", "{} 个例子"),
    "en": ("sum", "mean line", "examples with a wrong label (%)", "accuracy (%)", "{} examples"),
}


def draw(lang: str) -> Figure:
    sums, middle, wrong, accuracy, name = TEXT[lang]
    numbers = results.read("calibration")["numbers"]["flipped"]
    figure, panels = new_figure(5.6, 3.0, ncols=2, sharey=True, lang=lang)
    for panel, way, title in zip(panels, ("sum", "middle"), (sums, middle), strict=True):
        for place, k in enumerate((4, 8, 16, 24)):
            points = [numbers[f"k{k}"][share][way] for share in SHARES]
            panel.plot(
                range(5),
                [100 * point["right"] for point in points],
                color=PALETTE[place],
                ls=LINESTYLES[place],
                lw=1.5,
                marker=MARKERS[place],
                ms=5,
                label=name.format(k),
            )
            for x, point in enumerate(points):
                y = [100 * run for run in point["runs"]]
                x = [x + 0.08 * (place - 1.5)] * len(y)
                panel.plot(x, y, MARKERS[place], color=PALETTE[place], ms=3, alpha=0.5)
        panel.axhline(50, color="gray", lw=0.8, ls=":")
        panel.set_title(title, fontsize=10)
        panel.set_xticks(range(5), SHARES)
        panel.set_ylim(-3, 103)
    figure.supxlabel(wrong, fontsize=10)
    panels[0].set_ylabel(accuracy)
    panels[0].legend(loc="lower left", fontsize=9)
    return figure
