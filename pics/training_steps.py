"""The seven steps as a loop: from the data to the loss, from the loss to the weights."""

import itertools

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from wode.plotting import PALETTE, new_figure

STEPS = {
    "zh": [
        ("1 取数据和标签", "images, labels"),
        ("2 前向", "logits = model(images)"),
        ("3 损失", "loss = loss_fn(…)"),
        ("4 清梯度", "optimizer.zero_grad()"),
        ("5 反向传播", "loss.backward()"),
        ("6 改权重", "optimizer.step()"),
        ("7 保存", "model.state_dict()"),
    ],
    "en": [
        ("1 take data, labels", "images, labels"),
        ("2 forward", "logits = model(images)"),
        ("3 loss", "loss = loss_fn(…)"),
        ("4 clear gradients", "optimizer.zero_grad()"),
        ("5 backward", "loss.backward()"),
        ("6 change weights", "optimizer.step()"),
        ("7 save", "model.state_dict()"),
    ],
}
# Where each box's centre stands: the first three above, from left to right; then back below.
PLACES = [(1.25, 3.2), (4.0, 3.2), (6.75, 3.2), (6.75, 1.55), (4.0, 1.55), (1.25, 1.55), (1.25, 0)]
NOTES = {
    "zh": [(".grad 清空", 6.75), (".grad 写入", 4.0), ("权重改变", 1.25)],
    "en": [(".grad is emptied", 6.75), (".grad is written", 4.0), ("weights change", 1.25)],
}


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 3.9, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-0.15, 8.15)
    axes.set_ylim(-0.55, 4.2)
    for number, ((title, code), (x, y)) in enumerate(zip(STEPS[lang], PLACES, strict=True)):
        colour = PALETTE[0] if number < 3 else PALETTE[1] if number < 6 else PALETTE[2]
        axes.add_patch(
            FancyBboxPatch(
                (x - 1.2, y - 0.4),
                2.4,
                0.8,
                boxstyle="round,pad=0.02,rounding_size=0.12",
                facecolor="none",
                edgecolor=colour,
                linewidth=1.6,
                linestyle="-" if number < 3 else "--" if number < 6 else ":",
            )
        )
        axes.text(x, y + 0.17, title, ha="center", va="center", fontsize=10.5)
        axes.text(x, y - 0.17, code, ha="center", va="center", fontsize=9)
    for text, x in NOTES[lang]:
        axes.text(x, 0.93, text, ha="center", va="center", fontsize=9, color=PALETTE[1])

    def arrow(start: tuple[float, float], end: tuple[float, float]) -> None:
        axes.add_patch(
            FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=12, color="black")
        )

    for (x, y), (u, v) in itertools.pairwise(PLACES[:6]):
        side = (u > x) - (u < x)
        if side:
            arrow((x + 1.22 * side, y), (u - 1.22 * side, v))
        else:
            arrow((x, y - 0.42), (u, v + 0.42))
    arrow((1.25, 1.97), (1.25, 2.78))  # the next batch
    axes.text(1.4, 2.37, "下一批" if lang == "zh" else "next batch", va="center", fontsize=9)
    arrow((1.25, 0.8), (1.25, 0.42))
    axes.text(
        2.6,
        0,
        "训练完，或每隔一段" if lang == "zh" else "at the end, and every so often",
        va="center",
        fontsize=9,
    )
    return figure
