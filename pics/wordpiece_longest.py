"""The longest piece first: what is tried, what is taken, where it goes on."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

WORD = "embeded"
TAKEN = ((0, 2), (2, 5), (5, 7))  # em ##bed ##ed
WORDS = {
    "zh": ("词表里没有", "取这一片，从它后面接着切"),
    "en": ("not in the vocabulary", "taken; go on behind it"),
}


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 2.9, lang=lang)
    axes.axis("off")
    tries = [(a, end, end == b) for a, b in TAKEN for end in range(len(WORD), b - 1, -1)]
    for row, (begin, end, taken) in enumerate(tries):
        for place, letter in enumerate(WORD):
            inside = begin <= place < end
            axes.text(
                place + 0.5, -row - 0.04, letter, ha="center", va="center", fontsize=10.5,
                family="DejaVu Sans Mono", color="#000000" if inside else "#8a8a8a",
            )  # fmt: skip
        axes.add_patch(
            Rectangle(
                (begin + 0.06, -row - 0.42), end - begin - 0.12, 0.84,
                facecolor=PALETTE[2] if taken else "none",
                edgecolor=PALETTE[2] if taken else PALETTE[1],
                linestyle="-" if taken else "--", linewidth=1.3, alpha=0.4 if taken else 1,
            )
        )  # fmt: skip
        piece = ("##" if begin else "") + WORD[begin:end]
        axes.text(
            7.5, -row - 0.04, ("✓ " if taken else "✗ ") + piece, ha="left", va="center",
            fontsize=10, family="DejaVu Sans Mono",
        )  # fmt: skip
    for k, (text, color, style) in enumerate(
        zip(WORDS[lang], (PALETTE[1], PALETTE[2]), ("--", "-"), strict=True)
    ):
        axes.add_patch(
            Rectangle(
                (11.6, -2 * k - 1.3), 0.8, 0.6, facecolor="none", edgecolor=color,
                linestyle=style, linewidth=1.3,
            )
        )  # fmt: skip
        axes.text(12.7, -2 * k - 1, text, ha="left", va="center", fontsize=9)
    axes.set_xlim(-0.2, 20)
    axes.set_ylim(-len(tries) + 0.4, 0.6)
    return figure
