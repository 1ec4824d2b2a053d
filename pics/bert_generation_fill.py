"""What each model reads when the second word is asked for: in a gap, and in writing."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

NAMES = {
    "zh": ("因果", "掩码：填空", "掩码：写"),
    "en": ("causal", "masked: gap", "masked: writing"),
}
WORDS = ("she", "?", "two", "red", "books", "yesterday", ".")
ROWS = (WORDS[:2], WORDS, (*WORDS[:2], *("[MASK]",) * 5))


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 1.4, lang=lang)
    axes.axis("off")
    for row, (name, words) in enumerate(zip(NAMES[lang], ROWS, strict=True)):
        axes.text(-0.6, -row, name, ha="right", va="center", fontsize=9)
        for place, word in enumerate(words):
            asked, hidden = word == "?", word == "[MASK]"
            color = PALETTE[1] if asked else PALETTE[0] if hidden else "#606060"
            axes.add_patch(
                Rectangle(
                    (place - 0.48, -row - 0.36), 0.96, 0.72,
                    facecolor=PALETTE[1] if asked else "none", edgecolor=color,
                    alpha=0.35 if asked else 1, linewidth=1.3, linestyle="--" if hidden else "-",
                )
            )  # fmt: skip
            axes.text(place, -row, word, ha="center", va="center", fontsize=8)
    axes.set_xlim(-2.35, len(WORDS) - 0.45)
    axes.set_ylim(-2.5, 0.5)
    return figure
