"""What changes while a model is trained: two boxes of state, four of chance, and the step."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "state": "训练走到了哪里",
        "chance": "随机数走到了哪里",
        "model": "model：权重",
        "optimizer": "optimizer：梯度的两个平均、步数",
        "scheduler": "scheduler：学习率降到哪里",
        "epoch": "epoch：第几轮",
        "order": "order：打乱的顺序",
        "python": "python：图片移几格",
        "numpy": "numpy：加什么噪声",
        "torch": "torch：丢掉哪些数",
        "step": "下一步",
    },
    "en": {
        "state": "where the training is",
        "chance": "where chance is",
        "model": "model: weights",
        "optimizer": "optimizer: two averages, steps",
        "scheduler": "scheduler: how far the rate fell",
        "epoch": "epoch: which one",
        "order": "order: the shuffle",
        "python": "python: how far images move",
        "numpy": "numpy: the noise",
        "torch": "torch: what is dropped",
        "step": "the next step",
    },
}
COLUMNS = (
    ("state", 0, ("model", "optimizer", "scheduler", "epoch")),
    ("chance", 1, ("order", "python", "numpy", "torch")),
)


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, axes = new_figure(5.6, 2.7, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(0, 10)
    axes.set_ylim(0.2, 6.2)
    for column, (title, colour, names) in enumerate(COLUMNS):
        x = 0.1 + 5.05 * column
        axes.text(x + 2.35, 5.85, text[title], ha="center", va="center", fontsize=10.5)
        for row, name in enumerate(names):
            y = 4.75 - 0.95 * row
            axes.add_patch(
                FancyBboxPatch(
                    (x + 0.05, y),
                    4.6,
                    0.62,
                    boxstyle="round,pad=0.05",
                    facecolor="none",
                    edgecolor=PALETTE[colour],
                    linestyle="-" if column == 0 else "--",
                    linewidth=1.4,
                )
            )
            axes.text(x + 2.35, y + 0.3, text[name], ha="center", va="center", fontsize=9.5)
        axes.annotate(
            "",
            (5.0, 0.95),
            (x + 2.35, 1.8),
            arrowprops={"arrowstyle": "->", "color": PALETTE[colour], "linewidth": 1.4},
        )
    axes.text(5.0, 0.6, text["step"], ha="center", va="center", fontsize=10.5)
    return figure
