"""Where 40 reviews lie, and where each way draws the line (results/calibration.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

PAIRS = ("1_1", "1_4", "4_1")
TEXT = {
    "zh": ("好评", "差评", "相加：0", "“N/A”", "40 条的平均", "ln P(左) − ln P(右)", "{} ｜ {}"),
    "en": ("good", "bad", "the sum: 0", '"N/A"', "mean of the 40", "ln P(left) − ln P(right)",
           "{} | {}"),
}  # fmt: skip
LABELS = {
    "1_1": ("positive", "negative"),
    "1_4": ("good", "not good at all"),
    "4_1": ("not bad at all", "bad"),
}


def draw(lang: str) -> Figure:
    good, bad, sums, free, mean, axis, title = TEXT[lang]
    numbers = results.read("calibration")["numbers"]
    figure, panels = new_figure(5.6, 4.0, nrows=3, lang=lang)
    for panel, pair in zip(panels, PAIRS, strict=True):
        found = numbers["zero"]["sentiment"][pair]
        apart = found["apart"]
        for height, kind, marker, colour, label in (
            (0.7, 1, "o", 0, good),
            (0.3, 0, "x", 1, bad),
        ):
            x = [a for a, g in zip(apart, numbers["good"], strict=True) if g == kind]
            panel.plot(x, [height] * len(x), marker, color=PALETTE[colour], ms=5, label=label)
        lines = ((0, sums, "-"), (found["line"], free, "--"), (sum(apart) / len(apart), mean, ":"))
        for x, label, style in lines:
            panel.axvline(x, color="black", ls=style, lw=1.4, label=label)
        panel.set_title(title.format(*LABELS[pair]), fontsize=10)
        panel.set_yticks([])
        panel.set_ylim(0, 1)
        panel.spines["left"].set_visible(False)
    panels[-1].set_xlabel(axis)
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=5, fontsize=9, columnspacing=1)
    return figure
