"""Four folds: each part of the training data is held out once; the test data stay aside."""

from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    figure, ax = new_figure(5.6, 1.9, lang=lang)
    for fold in range(4):
        for part in range(4):
            held = part == fold
            ax.barh(
                -fold,
                0.95,
                left=part,
                height=0.75,
                color=PALETTE[1] if held else "white",
                edgecolor="black",
                hatch="" if held else "///",
                alpha=0.75 if held else 0.6,
            )
            if held:
                ax.text(part + 0.475, -fold, "验证" if zh else "validate", ha="center", va="center")
    ax.barh(-1.5, 1.2, left=4.5, height=3.75, color=PALETTE[4], edgecolor="black", alpha=0.5)
    ax.text(
        5.1,
        -1.5,
        "测试\n最后用一次" if zh else "test\nonce,\nat the end",
        ha="center",
        va="center",
    )
    ax.text(2, 0.75, "训练数据，斜线是训练" if zh else "training data; hatched: train", ha="center")
    ax.set_xlim(-0.1, 5.8)
    ax.set_ylim(-3.5, 1.2)
    ax.axis("off")
    return figure
