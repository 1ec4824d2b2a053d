"""How often questions still find their paragraph when a part of MiniLM is changed."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

NAMES = {
    "zh": {
        "as_is": "原样",
        "no_positions": "没有位置",
        "random_positions": "位置打乱",
        "b_for_a": "A 换成 B",
        "no_types": "没有 A/B",
        "random_type": "随机的 A/B",
        "times_2": "分数 × 2",
        "no_scale": "分数 × √32",
        "times_32": "分数 × 32",
        "no_scores": "分数 × 0",
        "no_attention": "注意力加 0",
        "no_residual": "没有残差",
        "x": "答对的比例",
    },
    "en": {
        "as_is": "as it is",
        "no_positions": "no positions",
        "random_positions": "positions shuffled",
        "b_for_a": "B for A",
        "no_types": "no A/B",
        "random_type": "random A/B",
        "times_2": "scores × 2",
        "no_scale": "scores × √32",
        "times_32": "scores × 32",
        "no_scores": "scores × 0",
        "no_attention": "attention adds 0",
        "no_residual": "no residual",
        "x": "share right",
    },
}


def draw(lang: str) -> Figure:
    right, names = results.read("bert")["numbers"]["right"], NAMES[lang]
    order = [name for name in names if name != "x"]
    figure, axes = new_figure(5.6, 3.0, lang=lang)
    for row, name in enumerate(order):
        values = right[name]
        axes.barh(row, sum(values) / len(values), color=PALETTE[0], alpha=0.35)
        axes.plot(values, [row] * len(values), MARKERS[0], color=PALETTE[0], markersize=5)
        axes.text(
            max(values) + 0.02, row, f"{sum(values) / len(values):.0%}", va="center", fontsize=9
        )
    axes.set_yticks(range(len(order)), [names[name] for name in order])
    axes.invert_yaxis()
    axes.set_xlim(0, 1.1)
    axes.set_xlabel(names["x"])
    axes.grid(visible=False, axis="y")
    return figure
