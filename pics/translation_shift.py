"""What the decoder reads and what it is to say: the same words, one place apart."""

from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("解码器读", "要答的", "不算损失"),
    "en": ("decoder reads", "it is to say", "not in the loss"),
}
READS = ["<begin>", "the", "teacher", "saw", "<pad>", "<pad>"]
SAYS = ["the", "teacher", "saw", "<end>", "<pad>", "<pad>"]


def draw(lang: str) -> Figure:
    reads, says, left_out = TEXT[lang]
    figure, axes = new_figure(5.6, 1.9, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-2.0, 5.55)
    axes.set_ylim(-0.75, 1.45)
    for row, (name, words) in enumerate(((says, SAYS), (reads, READS))):
        axes.text(-2.0, row, name, va="center", fontsize=10, color=PALETTE[row])
        for t, word in enumerate(words):
            padding = word == "<pad>"
            axes.text(
                t, row, word, ha="center", va="center", fontsize=10,
                color="#888888" if padding else "black",
                bbox={
                    "boxstyle": "round,pad=0.25", "facecolor": "none",
                    "edgecolor": "#888888" if padding else PALETTE[row],
                    "linestyle": ":" if padding else "-",
                },
            )  # fmt: skip
    for t in range(4):
        axes.annotate("", (t, 0.28), (t, 0.72), arrowprops={"arrowstyle": "->", "lw": 1.2})
    for t in range(3):  # the same word, one place further
        axes.annotate(
            "", (t + 0.8, 0.78), (t + 0.2, 0.24),
            arrowprops={"arrowstyle": "-", "linestyle": ":", "color": PALETTE[2], "lw": 1.4},
        )  # fmt: skip
    axes.text(4.5, -0.6, left_out, ha="center", va="center", fontsize=9.5, color="#666666")
    return figure
