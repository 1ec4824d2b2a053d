"""One greedy translation: the three likeliest words at each step, and the one that is taken."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {"zh": ("第几步", "概率"), "en": ("step", "probability")}


def draw(lang: str) -> Figure:
    numbers = results.read("decoding_greedy")["numbers"]
    x, y = TEXT[lang]
    steps = numbers["steps"][:7]
    figure, axes = new_figure(5.6, 2.2, lang=lang)
    for t, candidates in enumerate(steps, start=1):
        for k, (word, p) in enumerate(candidates):
            axes.barh(
                -t + 0.27 * (1 - k), p, 0.24,
                color=PALETTE[0] if not k else "white", edgecolor=PALETTE[0],
                hatch=None if not k else "//",
            )  # fmt: skip
            if not k or p > 0.02:
                axes.text(p + 0.01, -t + 0.27 * (1 - k), word, va="center", fontsize=9)
    axes.set_yticks([-t for t in range(1, len(steps) + 1)], range(1, len(steps) + 1))
    axes.set_xlim(0, 1.15)
    axes.set_xlabel(y)
    axes.set_ylabel(x)
    return figure
