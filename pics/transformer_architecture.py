"""Encoder and decoder: sublayers, residuals, who looks at whom."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from wode.plotting import PALETTE, chinese_font, new_figure

TEXT = {
    "zh": {
        "embed": "嵌入 + 位置",
        "self": "自注意力",
        "masked": "自注意力\n（因果）",
        "cross": "交叉注意力",
        "ffn": "前馈网络",
        "norm": "残差 + 归一化",
        "linear": "线性 + softmax",
        "source": "她 来 了",
        "target": "<begin> She",
        "next": "→ came",
        "encoder": "编码器 × N",
        "decoder": "解码器 × N",
        "memory": "K, V",
    },
    "en": {
        "embed": "embedding + position",
        "self": "self-attention",
        "masked": "self-attention\n(causal)",
        "cross": "cross-attention",
        "ffn": "feed-forward",
        "norm": "residual + norm",
        "linear": "linear + softmax",
        "source": "她 来 了",
        "target": "<begin> She",
        "next": "→ came",
        "encoder": "encoder × N",
        "decoder": "decoder × N",
        "memory": "K, V",
    },
}
WIDTH = 3.0


def box(axes: Axes, x: float, y: float, text: str, colour: int, height: float = 0.62) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (x - WIDTH / 2, y - height / 2),
            WIDTH,
            height,
            boxstyle="round,pad=0.02,rounding_size=0.1",
            facecolor="none",
            edgecolor=PALETTE[colour],
            linewidth=1.6,
        )
    )
    axes.text(x, y, text, ha="center", va="center", fontsize=9.5, linespacing=1.1)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], bend: str = "") -> None:
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=10,
            color="black",
            connectionstyle=bend or "arc3",
            shrinkA=0,
            shrinkB=0,
        )
    )


def residual(axes: Axes, x: float, low: float, high: float) -> None:
    """The straight way round a sublayer, at its left."""
    left = x - WIDTH / 2 - 0.3
    axes.plot([x, left, left], [low, low, high], color="black", linewidth=1)
    arrow(axes, (left, high), (x - WIDTH / 2 - 0.04, high))


def frame(axes: Axes, x: float, low: float, high: float, title: str) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (x - 2.05, low),
            4.1,
            high - low,
            boxstyle="round,pad=0.02,rounding_size=0.15",
            facecolor="none",
            edgecolor="#888888",
            linestyle=":",
            linewidth=1.2,
        )
    )
    axes.text(x + 1.95, high + 0.1, title, ha="right", va="bottom", fontsize=10)


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, axes = new_figure(5.6, 5.2, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(0, 10)
    axes.set_ylim(-0.2, 10.4)
    left, right = 2.4, 7.5

    axes.text(left, 0.1, text["source"], ha="center", fontsize=9.5, fontfamily=chinese_font())
    box(axes, left, 1.0, text["embed"], 5)
    arrow(axes, (left, 0.4), (left, 0.67))
    for y, name in ((2.6, "self"), (4.6, "ffn")):
        box(axes, left, y, text[name], 0 if name == "self" else 2)
        box(axes, left, y + 0.95, text["norm"], 3)
        arrow(axes, (left, y + 0.33), (left, y + 0.62))
        residual(axes, left, y - 0.5, y + 0.95)
    arrow(axes, (left, 1.33), (left, 2.27))
    arrow(axes, (left, 3.88), (left, 4.27))
    frame(axes, left, 1.85, 6.1, text["encoder"])

    axes.text(right, 0.1, text["target"], ha="center", fontsize=9.5)
    box(axes, right, 1.0, text["embed"], 5)
    arrow(axes, (right, 0.4), (right, 0.67))
    for y, name in ((2.6, "masked"), (4.7, "cross"), (6.7, "ffn")):
        box(
            axes, right, y, text[name], 2 if name == "ffn" else 0, 0.8 if name == "masked" else 0.62
        )
        box(axes, right, y + 0.95, text["norm"], 3)
        arrow(axes, (right, y + (0.42 if name == "masked" else 0.33)), (right, y + 0.62))
        residual(axes, right, y - 0.6, y + 0.95)
    arrow(axes, (right, 1.33), (right, 2.18))
    arrow(axes, (right, 3.88), (right, 4.37))
    arrow(axes, (right, 5.98), (right, 6.37))
    frame(axes, right, 1.8, 8.2, text["decoder"])
    box(axes, right, 9.0, text["linear"], 5)
    arrow(axes, (right, 7.98), (right, 8.67))
    arrow(axes, (right, 9.33), (right, 9.75))
    axes.text(right, 9.9, text["next"], ha="center", fontsize=9.5)

    axes.plot([left, left, 4.9, 4.9], [5.88, 6.6, 6.6, 4.7], color="black", linewidth=1)
    arrow(axes, (4.9, 4.7), (right - WIDTH / 2 - 0.04, 4.7))
    axes.text(3.9, 6.75, text["memory"], ha="center", fontsize=9)
    for artist in axes.get_children():  # nothing is beyond the axes: fewer bytes on a heavy page
        artist.set_clip_on(False)
    return figure
