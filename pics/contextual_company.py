"""From whom a word stands beside to a short vector: counts, PPMI, factors; on four words."""

import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.cooccurrence import cooccurrences, factorized, ppmi
from wode.plotting import PALETTE, new_figure

TEXTS = ("the cat drinks milk", "the dog drinks water", "the cat sleeps", "the dog sleeps",
         "the car needs oil", "the bus needs oil", "the dog drinks milk")  # fmt: skip
ROWS = ("cat", "dog", "car", "bus")
TEXT = {
    "zh": ("与谁为伍：次数", "比碰巧多几倍（对数）", "两个数"),
    "en": ("who stands near: counts", "times chance (log)", "two numbers"),
}  # fmt: skip


def draw(lang: str) -> Figure:
    texts = [text.split() for text in TEXTS]
    words = sorted({word for text in texts for word in text})
    counts = cooccurrences(texts, words, 2)
    M = ppmi(counts)
    short = factorized(M, 2)
    rows = [words.index(word) for word in ROWS]
    columns = [words.index(word) for word in ("the", "drinks", "sleeps", "needs")]
    figure, panels = new_figure(5.6, 2.3, ncols=3, lang=lang)
    for axes, table, form in zip(panels, (counts, M), ("{:.0f}", "{:.1f}"), strict=False):
        some = table[rows][:, columns]
        for i, row in enumerate(some.tolist()):
            for j, value in enumerate(row):
                shade = value / max(1e-9, float(some.max()))
                axes.add_patch(
                    Rectangle((j, i), 1, 1, facecolor=PALETTE[0], alpha=0.65 * shade, ec="none")
                )
                axes.add_patch(Rectangle((j, i), 1, 1, fill=False, ec="gray", lw=0.6))
                axes.text(j + 0.5, i + 0.5, form.format(value), ha="center", va="center",
                          fontsize=9)  # fmt: skip
        axes.set(xlim=(0, 4), ylim=(4, 0))
        axes.set_yticks([i + 0.5 for i in range(4)], ROWS, fontsize=9)
        axes.set_xticks([j + 0.5 for j in range(4)], [words[c] for c in columns], fontsize=9,
                        rotation=35)  # fmt: skip
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    points = torch.stack([short[row] for row in rows])
    panels[2].scatter(points[:, 0], points[:, 1], s=25, color=PALETTE[1])
    for word, (x, y) in zip(ROWS, points.tolist(), strict=True):
        left = word in ("bus", "dog")
        panels[2].annotate(
            word, (x, y), xytext=(-5 if left else 5, -4 if left else 4),
            textcoords="offset points", ha="right" if left else "left",
            va="top" if left else "bottom", fontsize=10,
        )  # fmt: skip
    panels[2].margins(0.45)
    panels[2].set(xticks=[], yticks=[])
    for axes, title in zip(panels, TEXT[lang], strict=True):
        axes.set_title(title, fontsize=9)
    return figure
