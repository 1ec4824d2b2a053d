"""Accuracy on SST-2 against the share of weights that learn: every method, every seed."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("全部权重", "瓶颈 4、16、64", "LoRA 1、8、32", "偏置", "pooler 和头", "只学头",
           "LoRA 8，用平均", "冻结的平均向量 + 线性层", "词袋", "多数类", "要学的权重占多少",
           "准确率（SST-2 测试集）"),
    "en": ("all weights", "bottleneck 4, 16, 64", "LoRA 1, 8, 32", "biases", "pooler and head",
           "head alone", "LoRA 8 on the mean", "frozen mean + linear layer", "bag of words",
           "majority", "share of weights that learn", "accuracy (SST-2 test)"),
}  # fmt: skip
FAMILIES = [
    ["full"],
    ["houlsby4", "houlsby16", "houlsby64"],
    ["lora1", "lora8", "lora32"],
    ["bias"],
    ["pooler"],
    ["head"],
    ["lora8_mean"],
]


def draw(lang: str) -> Figure:
    numbers = results.read("adapters")["numbers"]
    *names, frozen, words, majority, across, up = TEXT[lang]
    rows = numbers["methods"] | {
        "lora8_mean": numbers["other"]["lora8_mean"]
        | {"share": numbers["methods"]["lora8"]["share"]}
    }
    figure, axes = new_figure(5.6, 4.4, lang=lang)
    colours, markers = [*PALETTE, "black"], [*MARKERS, "*"]
    for family, name, colour, marker in zip(FAMILIES, names, colours, markers, strict=True):
        shares = [rows[one]["share"] * (1.25 if one == "lora8_mean" else 1) for one in family]
        means = [rows[one]["mean"] for one in family]
        axes.plot(shares, means, color=colour, linewidth=0.8)
        for share, one in zip(shares, family, strict=True):
            seeds = rows[one]["seeds"]
            axes.plot([share] * len(seeds), seeds, ".", color=colour, markersize=4, alpha=0.6)
        axes.plot(
            shares, means, marker, color=colour, label=name, markersize=7, markerfacecolor="none"
        )
    lines = [
        (numbers["frozen"]["mean"]["mean"], frozen, "--"),
        (numbers["frozen"]["words"]["mean"], words, "-."),
        (numbers["majority"], majority, ":"),
    ]
    for level, name, style in lines:
        axes.axhline(level, color="grey", linestyle=style, linewidth=1)
        axes.text(2.2e-5, level + 0.004, name, ha="left", va="bottom", fontsize=9)
    axes.set_xscale("log")
    axes.set_xlim(2e-5, 1.6)
    axes.set_xticks(
        [1e-4, 1e-3, 1e-2, 1e-1, 1], ["0.01 %", "0.1 %", "1 %", "10 %", "100 %"], fontsize=9
    )
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid(visible=True, axis="y")
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure
