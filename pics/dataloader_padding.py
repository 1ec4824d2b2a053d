"""Four sentences padded to the longest, and their mask."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

SENTENCES = [[5, 2, 9], [7, 1, 4, 8, 3], [6, 6], [2, 8, 5, 1]]


def draw(lang: str) -> Figure:
    titles = (
        ("编号 ids (4, 5)", "掩码 mask (4, 5)") if lang == "zh" else ("ids (4, 5)", "mask (4, 5)")
    )
    figure, axes = new_figure(5.6, 2.3, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-0.1, 11.6)
    axes.set_ylim(-4.2, 0.8)
    for row, numbers in enumerate(SENTENCES):
        for column in range(5):
            real = column < len(numbers)
            style: dict[str, Any] = {
                "ec": PALETTE[0] if real else "0.6",
                "ls": "-" if real else ":",
                "lw": 1.2,
            }
            style["fc"] = (PALETTE[0], 0.25) if real else "none"
            texts = (str(numbers[column]) if real else "0", "1" if real else "0")
            for left, text in zip((0, 6.5), texts, strict=True):
                axes.add_patch(Rectangle((left + column, -row - 1), 0.9, 0.8, **style))
                axes.text(
                    left + column + 0.45, -row - 0.62, text, ha="center", va="center", fontsize=10
                )
    for left, title in zip((2.45, 8.95), titles, strict=True):
        axes.text(left, 0.3, title, ha="center", va="center", fontsize=10)
    return figure
