"""What each model sees of a sentence when the second word is asked for."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

NAMES = {"zh": ("因果", "掩码"), "en": ("causal", "masked")}
WORDS = ("she", "?", "two", "red", "books", "yesterday", ".")


def draw_rows(axes: Axes, names: tuple[str, str], later: tuple[str, ...]) -> None:
    """A row of boxes for each model; ``later`` is what the masked one sees after the gap."""
    axes.axis("off")
    for row, (name, words) in enumerate(zip(names, (WORDS[:2], (*WORDS[:2], *later)), strict=True)):
        axes.text(-0.6, -row, name, ha="right", va="center", fontsize=10)
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
            axes.text(place, -row, word, ha="center", va="center", fontsize=9)
    axes.set_xlim(-1.35, len(WORDS) - 0.45)
    axes.set_ylim(-1.5, 0.5)


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 1.2, lang=lang)
    draw_rows(axes, NAMES[lang], WORDS[2:])
    return figure
