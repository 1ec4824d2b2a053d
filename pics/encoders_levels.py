"""Two trees of a batch, computed height by height: what stands in one row is one call."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.listops import parse
from wode.plotting import PALETTE, new_figure

TREES = [parse("[MAX 2 9 [MIN 4 7 ] 0 ]"), parse("[SM 1 [MED 3 [MIN 8 5 ] 6 ] ]")]
TEXT = {
    "zh": {"row": "高度 {}：一次算 {} 个节点", "leaves": "高度 0：{} 片叶子"},
    "en": {"row": "height {}: {} nodes in one call", "leaves": "height 0: {} leaves"},
}


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 2.7, lang=lang)
    text, counts, start = TEXT[lang], dict[int, int](), 0.0

    def place(node: Any) -> tuple[float, int]:
        nonlocal start
        if isinstance(node, int):
            x, height, label = start, 0, str(node)
            start += 1
        else:
            ends = [place(child) for child in node[1:]]
            x = sum(one[0] for one in ends) / len(ends)
            height, label = 1 + max(one[1] for one in ends), node[0][1:]
            for end in ends:
                axes.plot([end[0], x], [end[1], height], color="gray", linewidth=0.9, zorder=2)
        counts[height] = counts.get(height, 0) + 1
        axes.text(
            x, height, label, ha="center", va="center", fontsize=9.5, zorder=3,
            bbox={"boxstyle": "round,pad=0.28", "facecolor": "white",
                  "edgecolor": PALETTE[height % 3], "linewidth": 1.4},
        )  # fmt: skip
        return x, height

    for tree in TREES:
        place(tree)
        start += 1.2
    right = start - 1.2
    for height, count in sorted(counts.items()):
        axes.add_patch(
            Rectangle((-0.7, height - 0.33), right + 0.4, 0.66, facecolor=PALETTE[height % 3],
                      alpha=0.12, linewidth=0, zorder=1)
        )  # fmt: skip
        words = text["row" if height else "leaves"]
        said = words.format(height, count) if height else words.format(count)
        axes.text(right + 0.1, height, said, va="center", fontsize=9)
    axes.set_xlim(-0.9, right + 5.6)
    axes.set_ylim(-0.6, max(counts) + 0.6)
    axes.set_axis_off()
    return figure
