"""One tree as arcs, as a number for each word, and as brackets."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from wode.patterns import brackets
from wode.plotting import PALETTE, new_figure

WORDS = ("Maria", "opened", "his", "ticket", "from", "the", "office")
HEADS = (1, 1, 3, 1, 6, 6, 3)
TEXT = {
    "zh": ("从每个词指向它挂靠的词", "每个词一个位置", "括号：一个序列"),
    "en": (
        "from each word to the one it hangs on",
        "a place for each word",
        "brackets: a sequence",
    ),
}


def draw(lang: str) -> Figure:
    arcs, places, sequence = TEXT[lang]
    figure, axes = new_figure(5.6, 3.3, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-0.6, 6.6)
    axes.set_ylim(-3.0, 2.75)
    axes.text(-0.55, 2.55, arcs, ha="left", va="center", fontsize=9.5, color=PALETTE[0])
    for i, (word, head) in enumerate(zip(WORDS, HEADS, strict=True)):
        axes.text(i, 0, word, ha="center", va="center", fontsize=10)
        axes.text(i, -0.42, str(i), ha="center", va="center", fontsize=9, color="0.35")
        if head == i:
            axes.add_patch(
                FancyArrowPatch(
                    (i, 2.1), (i, 0.25), arrowstyle="-|>", mutation_scale=10, color="black"
                )
            )
            continue
        side = 1 if head < i else -1
        bend = 0.55 if abs(head - i) == 1 else 0.42
        axes.add_patch(
            FancyArrowPatch(
                (i, 0.25),
                (head + 0.12 * side, 0.25),
                connectionstyle=f"arc3,rad={bend * side}",
                arrowstyle="-|>",
                mutation_scale=10,
                linewidth=1.3,
                color=PALETTE[0],
            )
        )
    axes.text(-0.55, -0.95, places, ha="left", va="center", fontsize=9.5, color=PALETTE[1])
    for i, head in enumerate(HEADS):
        axes.add_patch(
            Rectangle((i - 0.4, -1.62), 0.8, 0.42, facecolor="none", edgecolor=PALETTE[1])
        )
        axes.text(i, -1.41, str(head), ha="center", va="center", fontsize=10)
    axes.text(-0.55, -2.0, sequence, ha="left", va="center", fontsize=9.5, color=PALETTE[2])
    written = brackets(WORDS, HEADS)
    both = f"{' '.join(written[:10])}\n{' '.join(written[10:])}"
    axes.text(
        -0.55, -2.6, both, ha="left", va="center", fontsize=10, family="monospace",
        linespacing=1.5,
    )  # fmt: skip
    return figure
