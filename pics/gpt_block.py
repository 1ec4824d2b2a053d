"""GPT-2 from the bottom to the top: two embeddings, L blocks with two roads each, the words."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "ids": "词的编号  (B, T)",
        "embed": "词嵌入 + 位置嵌入",
        "ln": "层归一化",
        "attn": "因果注意力",
        "mlp": "前馈：E → 4E → E",
        "head": "与词嵌入同一个矩阵",
        "out": "下一个词  (B, T, V)",
        "times": "× L 层",
        "shape": "每条线上都是 (B, T, E)",
    },
    "en": {
        "ids": "word ids  (B, T)",
        "embed": "word + position embedding",
        "ln": "layer norm",
        "attn": "causal attention",
        "mlp": "feed-forward: E → 4E → E",
        "head": "the word embeddings again",
        "out": "next word  (B, T, V)",
        "times": "× L blocks",
        "shape": "(B, T, E) on every line",
    },
}


def draw(lang: str) -> Figure:
    words = TEXT[lang]
    figure, axes = new_figure(5.6, 3.4, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(0, 11)
    axes.set_ylim(-0.3, 11.6)
    trunk = 3.2
    axes.plot([trunk, trunk], [0.9, 10.2], color="black", lw=1.3, zorder=0)
    axes.text(trunk, 0.0, words["ids"], ha="center", va="center", fontsize=10)
    _arrow(axes, (trunk, 0.3), (trunk, 0.8))
    _box(axes, trunk, 1.2, 4.9, 0.75, PALETTE[2], words["embed"])
    for y, name, colour in ((3.4, "attn", 0), (6.2, "mlp", 1)):
        axes.plot([trunk, 7.8], [y - 0.85, y - 0.85], color="black", lw=1.3)
        axes.plot([7.8, 7.8], [y - 0.85, y + 1.5], color="black", lw=1.3, zorder=0)
        _arrow(axes, (7.8, y + 1.5), (trunk + 0.28, y + 1.5))
        _box(axes, 7.8, y - 0.15, 2.9, 0.7, "0.4", words["ln"], "--")
        _box(axes, 7.8, y + 0.8, 4.6, 0.75, PALETTE[colour], words[name])
        axes.plot([trunk], [y + 1.5], "o", ms=15, mfc="white", mec="black")
        axes.text(trunk, y + 1.47, "+", ha="center", va="center", fontsize=12)
    frame: dict[str, Any] = {
        "boxstyle": "round,pad=0,rounding_size=0.2",
        "fc": "none",
        "ec": "0.5",
        "ls": ":",
    }
    axes.add_patch(FancyBboxPatch((2.3, 2.1), 8.3, 6.2, **frame))
    axes.text(2.1, 5.2, words["times"], ha="right", va="center", fontsize=10)
    axes.text(10.5, 0.6, words["shape"], ha="right", va="center", fontsize=9)
    _box(axes, trunk, 9.0, 2.9, 0.7, "0.4", words["ln"], "--")
    _box(axes, trunk, 10.1, 4.9, 0.75, PALETTE[2], words["head"])
    _arrow(axes, (trunk, 10.5), (trunk, 11.0))
    axes.text(trunk, 11.3, words["out"], ha="center", va="center", fontsize=10)
    return figure


def _box(
    axes: Axes,
    x: float,
    y: float,
    width: float,
    height: float,
    colour: str,
    text: str,
    ls: str = "-",
) -> None:
    style: dict[str, Any] = {
        "boxstyle": "round,pad=0,rounding_size=0.12",
        "fc": "white",
        "ec": colour,
        "lw": 1.6,
    }
    box = FancyBboxPatch((x - width / 2, y - height / 2), width, height, ls=ls, **style)
    axes.add_patch(box)
    axes.text(x, y, text, ha="center", va="center", fontsize=10)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": "black"})
