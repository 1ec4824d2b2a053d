"""ListOps: the share of right values by depth, trained on depths 1 to 3, every seed.

Grey: three readers that learn nothing. Long dashes: the binary tree after 48 seconds.
"""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

WAYS = ("child_sum", "binary", "attention_edges", "lstm", "balanced", "attention")
READERS = {"no_sum": ":", "three_no_sum": (0, (1, 1)), "three_levels": (0, (4, 2, 1, 2))}
DEPTHS = range(1, 7)
TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "names": ("树：孩子求和", "树：二叉", "自注意力，只沿着树看", "LSTM",
                  "二叉，平衡的（错的）树", "自注意力"),
        "readers": ("不会求和的人", "不会求和、只读三层的人", "会求和、只读三层的人"),
        "late": "树：二叉，48 秒",
        "x": "深度（学的时候是 1 到 3）",
        "y": "答对的比例",
    },
    "en": {
        "names": ("tree: child-sum", "tree: binary", "self-attention along the tree", "LSTM",
                  "binary, balanced (wrong) tree", "self-attention"),
        "readers": ("reader who cannot add", "nor reads below level 3",
                    "adds, reads three levels"),
        "late": "tree: binary, 48 seconds",
        "x": "depth (1 to 3 were learned)",
        "y": "share of right answers",
    },
}  # fmt: skip


def draw(lang: str) -> Figure:
    lists, text = results.read("encoders")["numbers"]["listops"], TEXT[lang]
    figure, axes = new_figure(5.6, 3.9, lang=lang)
    for n, (name, way) in enumerate(zip(text["names"], WAYS, strict=True)):
        tables = [lists["ways"][way][f"d{depth}"] for depth in DEPTHS]
        axes.plot(
            DEPTHS, [one["mean"] for one in tables], color=PALETTE[n], marker=MARKERS[n],
            markersize=5, linestyle=LINESTYLES[n], label=name,
        )  # fmt: skip
        for x, one in zip(DEPTHS, tables, strict=True):
            seeds = one["seeds"]
            axes.plot([x] * len(seeds), seeds, color=PALETTE[n], marker="_", linestyle="none")
    late = [lists["late"]["binary"][f"d{depth}"] for depth in DEPTHS]
    axes.plot(
        DEPTHS, [one["mean"] for one in late], color=PALETTE[1], marker="p", markersize=7,
        linestyle=(0, (8, 3)), label=text["late"],
    )  # fmt: skip
    for reader, name, marker in zip(READERS, text["readers"], ("X", "*", "d"), strict=True):
        depths = (4, 5, 6) if reader == "three_levels" else DEPTHS  # before, all is right
        shares = [lists["baselines"][reader][f"d{depth}"] for depth in depths]
        axes.plot(
            depths, shares, color="gray", marker=marker, markersize=6, label=name,
            linestyle=READERS[reader],
        )  # fmt: skip
    axes.axvline(3.5, color="gray", linestyle=":", linewidth=1)
    axes.set_xlabel(text["x"])
    axes.set_ylabel(text["y"])
    axes.set_xticks(DEPTHS)
    axes.grid(visible=True, axis="y")
    figure.legend(
        *axes.get_legend_handles_labels(), fontsize=9, loc="outside upper center", ncols=2
    )
    return figure
