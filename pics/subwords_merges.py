"""Four merges of byte-pair encoding on five words: what is joined in each step."""

from itertools import pairwise

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure
from wode.subwords import frequency, learn, merged

COUNTS = {"low": 5, "lower": 2, "newest": 6, "widest": 3}
STEPS = 4
WORDS = {"zh": ("开始", "合并 {}+{}：{} 次"), "en": ("start", "merge {}+{}: {} times")}


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 2.5, lang=lang)
    axes.axis("off")
    _, merges = learn(COUNTS, STEPS, frequency)
    texts = {word: list(word) for word in COUNTS}
    for row in range(STEPS + 1):
        name, pair = WORDS[lang][0], None
        if row:
            pair = merges[row - 1]
            both = sum(
                COUNTS[word] * sum(p == pair for p in pairwise(symbols))
                for word, symbols in texts.items()
            )
            texts = {word: merged(s, pair, "".join(pair)) for word, s in texts.items()}
            name = WORDS[lang][1].format(*pair, both)
        axes.text(-0.5, -row, name, ha="right", va="center", fontsize=9)
        left = 0.0
        for word, symbols in texts.items():
            for symbol in symbols:
                new = pair is not None and symbol == "".join(pair)
                axes.add_patch(
                    FancyBboxPatch(
                        (left + 0.07, -row - 0.34), len(symbol) - 0.14, 0.68,
                        boxstyle="round,pad=0,rounding_size=0.12",
                        facecolor=PALETTE[1] if new else "none",
                        edgecolor=PALETTE[1] if new else "#808080",
                        alpha=0.45 if new else 1, linewidth=1.1,
                    )
                )  # fmt: skip
                axes.text(
                    left + len(symbol) / 2, -row - 0.03, symbol, ha="center", va="center",
                    fontsize=9, family="DejaVu Sans Mono",
                )  # fmt: skip
                left += len(symbol)
            if row == 0:
                axes.text(left - len(word) / 2, 0.95, f"{word} × {COUNTS[word]}", ha="center",
                          va="center", fontsize=9)  # fmt: skip
            left += 1.2
    axes.set_xlim(-9.2, left - 1)
    axes.set_ylim(-STEPS - 0.5, 1.4)
    return figure
