"""One class: of all the encoder's outputs only that of [CLS] goes through pooler and head."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("编码器的输出 h：(T, E)", "pooler：tanh，(E)", "头：(K) 个分数"),
    "en": ("the encoder's output h: (T, E)", "pooler: tanh, (E)", "head: (K) scores"),
}
PIECES = ["[CLS]", "my", "box", "is", "late", "[SEP]"]


def draw(lang: str) -> Figure:
    hidden, pooler, head = TEXT[lang]
    figure, axes = new_figure(5.6, 1.9, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-0.2, 12.2)
    axes.set_ylim(-0.8, 3.2)
    for place, piece in enumerate(PIECES):
        color = PALETTE[1] if place == 0 else "gray"
        for unit in range(4):
            axes.add_patch(
                Rectangle(
                    (place + 0.3, unit * 0.45),
                    0.4,
                    0.45,
                    facecolor="none",
                    edgecolor=color,
                    hatch="///" if place == 0 else None,
                )
            )
        axes.text(place + 0.5, -0.3, piece, ha="center", va="center", fontsize=9)
    axes.text(3.0, 2.5, hidden, ha="center", fontsize=9)
    arrow = {"arrowstyle": "-|>", "linewidth": 1.0, "connectionstyle": "arc3,rad=-0.22"}
    axes.annotate("", (7.4, 1.5), (0.6, 1.85), arrowprops=arrow)
    for unit in range(4):
        axes.add_patch(
            Rectangle((7.5, unit * 0.45), 0.4, 0.45, facecolor="none", edgecolor=PALETTE[0])
        )
    axes.text(7.7, 2.5, pooler, ha="center", fontsize=9)
    axes.annotate("", (10.3, 0.9), (8.0, 0.9), arrowprops={"arrowstyle": "-|>", "linewidth": 1.0})
    for unit in range(3):
        axes.add_patch(
            Rectangle((10.4, 0.2 + unit * 0.45), 0.4, 0.45, facecolor="none", edgecolor=PALETTE[2])
        )
    axes.text(10.8, 2.5, head, ha="center", fontsize=9)
    return figure
