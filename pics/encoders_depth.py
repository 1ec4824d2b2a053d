"""ListOps: the share of right values by depth, trained on depths 1 to 3, every seed."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

WAYS = ("child_sum", "binary", "lstm", "attention", "balanced")
TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "names": ("树：孩子求和", "树：二叉", "LSTM", "自注意力", "二叉，平衡的（错的）树",
                  "最外的运算符用在所有数字上"),
        "x": "深度（学的时候是 1 到 3）",
        "y": "答对的比例",
        "hover": "%{fullData.name}，深度 %{x}：%{y:.2f}<extra></extra>",
    },
    "en": {
        "names": ("tree: child-sum", "tree: binary", "LSTM", "self-attention",
                  "binary, balanced (wrong) tree", "outer operator on all digits"),
        "x": "depth (1 to 3 were learned)",
        "y": "share of right answers",
        "hover": "%{fullData.name}, depth %{x}: %{y:.2f}<extra></extra>",
    },
}  # fmt: skip


def lines(lang: str) -> list[tuple[str, list[float], list[list[float]]]]:
    """Name, mean by depth, seeds by depth."""
    numbers, names = results.read("encoders")["numbers"]["listops"], TEXT[lang]["names"]
    found = []
    for name, way in zip(names, WAYS, strict=False):
        tables = [numbers["ways"][way][f"d{depth}"] for depth in range(1, 7)]
        found.append((name, [one["mean"] for one in tables], [one["seeds"] for one in tables]))
    flat = numbers["baselines"]["flat"]
    found.append((names[-1], [flat[f"d{depth}"] for depth in range(1, 7)], []))
    return found


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, axes = new_figure(5.6, 3.7, lang=lang)
    for n, (name, means, seeds) in enumerate(lines(lang)):
        color = PALETTE[n] if seeds else "gray"
        axes.plot(
            range(1, 7), means, color=color, marker=MARKERS[n], markersize=5,
            linestyle=LINESTYLES[n], label=name,
        )  # fmt: skip
        for x, values in enumerate(seeds, start=1):
            axes.plot([x] * len(values), values, color=color, marker="_", linestyle="none")
    axes.axvline(3.5, color="gray", linestyle=":", linewidth=1)
    axes.set_xlabel(text["x"])
    axes.set_ylabel(text["y"])
    axes.set_xticks(range(1, 7))
    axes.grid(visible=True, axis="y")
    figure.legend(
        *axes.get_legend_handles_labels(), fontsize=9, loc="outside upper center", ncols=2
    )
    return figure
