"""The way of one request: from the program through the client to the server's model, and back."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "sides": ("你的程序", "服务器"),
        "here": ("消息", "openai 客户端", "一段一段的文本"),
        "there": ("对话模板", "分词器", "模型", "分词器"),
        "then": ("一段文本", "词元编号", "逐个生成", "变回文本"),
        "wire": ("POST，JSON", "data: {…}\ndata: {…}"),
    },
    "en": {
        "sides": ("your program", "server"),
        "here": ("messages", "openai client", "pieces of text"),
        "there": ("chat template", "tokenizer", "model", "tokenizer"),
        "then": ("one text", "token ids", "one by one", "text again"),
        "wire": ("POST, JSON", "data: {…}\ndata: {…}"),
    },
}


def draw(lang: str) -> Figure:
    words = TEXT[lang]
    figure, axes = new_figure(5.6, 2.7, lang=lang)
    for (left, width), name in zip(((0, 2.6), (5, 4.4)), words["sides"], strict=True):
        axes.add_patch(Rectangle((left, 0), width, 6.1, facecolor="none", edgecolor="0.6"))
        axes.text(left + width / 2, 6.3, name, ha="center", va="bottom", fontsize=10)
    for y, name in zip((5.0, 3.0, 1.0), words["here"], strict=True):
        box(axes, 1.3, y, 2.2, name, PALETTE[0] if y == 3 else "0.4")
    axes.annotate("", (1.3, 3.5), (1.3, 4.5), arrowprops={"arrowstyle": "->"})
    axes.annotate("", (1.3, 1.5), (1.3, 2.5), arrowprops={"arrowstyle": "->"})
    rows = zip((5.2, 3.8, 2.4, 1.0), words["there"], words["then"], strict=True)
    for y, name, then in rows:
        box(axes, 6.2, y, 2.1, name, PALETTE[1] if y == 2.4 else "0.4")
        axes.text(7.5, y, then, va="center", fontsize=9)
        if y > 1:
            axes.annotate("", (6.2, y - 0.95), (6.2, y - 0.45), arrowprops={"arrowstyle": "->"})
    axes.annotate("", (5.1, 5.2), (2.45, 3.2), arrowprops={"arrowstyle": "->", "color": PALETTE[0]})
    style = {"arrowstyle": "->", "color": PALETTE[1], "linestyle": "--"}
    axes.annotate("", (2.45, 2.8), (5.1, 1.0), arrowprops=style)
    axes.text(3.8, 5.0, words["wire"][0], ha="center", va="bottom", fontsize=9)
    axes.text(3.8, 0.95, words["wire"][1], ha="center", va="top", fontsize=9)
    axes.set_xlim(-0.1, 9.5)
    axes.set_ylim(-0.1, 7)
    axes.axis("off")
    return figure


def box(axes: Any, x: float, y: float, width: float, name: str, edge: str) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - 0.4),
            width,
            0.8,
            boxstyle="round,pad=0.02",
            facecolor="none",
            edgecolor=edge,
            linewidth=1.5,
        )
    )
    axes.text(x, y, name, ha="center", va="center", fontsize=9)
