"""Denoising and back-translation: what is read, what is written, and by whom."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from wode.plotting import PALETTE, new_figure

TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "names": ("去噪", "回译"), "noise": "丢词、打乱", "model": "模型写", "learn": "学着写回",
        "real": "真的句子", "made": "弄坏的", "own": "自己的译文（没有梯度）",
    },
    "en": {
        "names": ("denoising", "back-translation"), "noise": "drop, shuffle",
        "model": "the model writes", "learn": "learn to write back", "real": "a real sentence",
        "made": "damaged", "own": "own translation",
    },
}  # fmt: skip
REAL = "<a> the fox eats the fish"
MIDDLE = ("fox the fish the", "<b> tamena lasoga bobu")


def box(axes: Axes, x: float, y: float, text: str, note: str, color: str) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (x - 1.35, y - 0.2), 2.7, 0.4, boxstyle="round,pad=0.06", facecolor="none",
            edgecolor=color, linewidth=1.4,
        )
    )  # fmt: skip
    axes.text(x, y, text, ha="center", va="center", fontsize=10)
    axes.text(x, y - 0.36, note, ha="center", va="top", fontsize=9)


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, axes = new_figure(5.6, 2.6, lang=lang)
    rows = ((0.0, 0, text["noise"], text["made"]), (-1.6, 1, text["model"], text["own"]))
    for y, n, does, note in rows:
        box(axes, 0, y, REAL, text["real"], PALETTE[0])
        box(axes, 4.4, y, MIDDLE[n], note, PALETTE[1])
        for there, up, label, style in (
            (True, 0.12, does, "--"),
            (False, -0.1, text["learn"], "-"),
        ):
            ends = [(1.45, y + up), (2.95, y + up)]
            axes.add_patch(
                FancyArrowPatch(
                    *(ends if there else ends[::-1]), arrowstyle="-|>", mutation_scale=12,
                    linestyle=style, color="black", linewidth=1.2,
                )
            )  # fmt: skip
            height, align = (y + 0.3, "bottom") if there else (y - 0.36, "top")
            axes.text(2.2, height, label, ha="center", va=align, fontsize=9)
        axes.text(-1.4, y + 0.42, text["names"][n], ha="left", fontsize=11)
    axes.set_xlim(-1.5, 5.9)
    axes.set_ylim(-2.3, 0.8)
    axes.set_axis_off()
    return figure
