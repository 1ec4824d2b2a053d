"""The five pairs that each score likes best, on five words, before the first merge."""

from collections import Counter
from itertools import pairwise

from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure
from wode.subwords import association, frequency, likelihood

COUNTS = {"low": 5, "lower": 2, "newest": 6, "widest": 3, "quiz": 1}
NAMES = {
    "zh": ("频次", "似然升多少", "关联"),
    "en": ("frequency", "rise of the likelihood", "association"),
}


def draw(lang: str) -> Figure:
    single: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for word, n in COUNTS.items():
        single.update({c: n * k for c, k in Counter(word).items()})
        pairs.update({pair: n * k for pair, k in Counter(pairwise(word)).items()})
    figure, panels = new_figure(5.6, 2.0, ncols=3, lang=lang)
    for k, score in enumerate((frequency, likelihood, association)):
        values = {
            pair: score(both, single[pair[0]], single[pair[1]], single.total())
            for pair, both in pairs.items()
        }
        best = sorted(values, key=lambda pair: (-values[pair], pair))[:5]
        axes = panels[k]
        axes.barh(range(5), [values[pair] for pair in best], color=PALETTE[k], height=0.65)
        axes.set_yticks(range(5), [" ".join(pair) for pair in best], family="DejaVu Sans Mono")
        axes.invert_yaxis()
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.set_title(NAMES[lang][k], fontsize=10)
        for row, pair in enumerate(best):
            text = f" {values[pair]:.2g}" if k == 2 else f" {values[pair]:.0f}"
            axes.text(values[pair], row, text, va="center", fontsize=9)
        axes.set_xlim(0, 1.35 * max(values.values()))
    return figure
