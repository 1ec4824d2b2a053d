"""Test accuracy of WodeNet, of WodeNet without a piece, and of its rivals; five seeds each."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

KINDS = ["wodenet", "flatten", "no_norm", "neither", "wide", "two_layers", "linear"]
TEXT = {
    "zh": {
        "wodenet": "WodeNet",
        "flatten": "拉平，不求平均",
        "no_norm": "去掉批量归一化",
        "neither": "拉平，也去掉归一化",
        "wide": "两层线性，1256 宽",
        "two_layers": "TwoLayers",
        "linear": "一层线性",
        "parameters": "{:,} 个参数",
        "nearest": "最近邻",
        "accuracy": "测试准确率（5 个种子）",
    },
    "en": {
        "wodenet": "WodeNet",
        "flatten": "flattened, no mean",
        "no_norm": "without batch norm",
        "neither": "flattened, no batch norm",
        "wide": "two layers, 1256 wide",
        "two_layers": "TwoLayers",
        "linear": "one linear layer",
        "parameters": "{:,} parameters",
        "nearest": "nearest neighbour",
        "accuracy": "test accuracy (5 seeds)",
    },
}


def draw(lang: str) -> Figure:
    text, found = TEXT[lang], results.read("wodenet")["numbers"]
    figure, axis = new_figure(5.6, 4.2, lang=lang)
    names = []
    for row, kind in enumerate(KINDS):
        numbers = found["kinds"][kind]
        names.append(f"{text[kind]}\n{text['parameters'].format(numbers['parameters'])}")
        colour = PALETTE[0] if row < 4 else PALETTE[1]
        axis.plot(
            numbers["accuracy"], [-row] * len(numbers["accuracy"]), MARKERS[0 if row < 4 else 1],
            ls="none", color=colour, ms=5, mfc="none",
        )  # fmt: skip
        axis.plot([numbers["mean"]] * 2, [-row - 0.3, -row + 0.3], color="black", lw=2)
        axis.text(1.002, -row, f"{numbers['mean']:.3f}", va="center", fontsize=9.5)
    axis.axvline(found["nearest"], ls="--", color="0.45", lw=1)
    axis.text(found["nearest"], 0.62, text["nearest"], ha="center", va="bottom", fontsize=9.5)
    axis.set_yticks([-row for row in range(len(KINDS))], names, fontsize=9)
    axis.set(xlabel=text["accuracy"], ylim=(-len(KINDS) + 0.5, 0.6), xlim=(None, 1.0))
    axis.grid(axis="x")
    return figure
