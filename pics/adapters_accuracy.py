"""Accuracy on SST-2, a row for each method: every seed, the mean, what learns, at which rate."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("全部权重", "瓶颈 {}", "LoRA，秩 {}", "LoRA，秩 8，读平均", "偏置和头", "pooler 和头",
           "只学头", "各词元输出的平均", "[CLS] 的输出", "[CLS] 再过 pooler", "平均，编码器没训过",
           "词袋", "占多少", "学习率", "平均", "冻结 + 线性层：",
           "准确率（SST-2 测试集；点线：多数类）"),
    "en": ("all weights", "bottlenecks, {}", "LoRA, rank {}", "LoRA, 8, on the mean",
           "biases and head", "pooler and head", "head alone", "mean of the outputs",
           "output at [CLS]", "[CLS] after the pooler", "mean, untrained encoder",
           "bag of words", "share", "rate", "mean", "frozen + linear layer:",
           "accuracy (SST-2 test; dotted: majority)"),
}  # fmt: skip
SHARE, RATE, MEAN = 1.02, 1.26, 1.46  # where the columns stand, in widths of the axes


def draw(lang: str) -> Figure:
    numbers = results.read("adapters")["numbers"]
    (full, bottleneck, lora, of_mean, bias, pooler, head, *vectors, words,
     share, rate, mean, still, across) = TEXT[lang]  # fmt: skip
    methods, frozen = numbers["methods"], numbers["frozen"]
    lora8 = methods["lora8"]
    rows = [
        (full, methods["full"]),
        *((bottleneck.format(size), methods[f"houlsby{size}"]) for size in (64, 16, 4)),
        *((lora.format(rank), methods[f"lora{rank}"]) for rank in (32, 8, 1)),
        (of_mean, {key: lora8[key] for key in ("share", "lr")} | numbers["other"]["lora8_mean"]),
        (bias, methods["bias"]),
        (pooler, methods["pooler"]),
        (head, methods["head"]),
        (still, None),
        *zip(vectors, (frozen[key] for key in ("mean", "cls", "pooled", "new_mean")), strict=True),
        (words, frozen["words"]),
    ]
    figure, axes = new_figure(6.0, 4.6, lang=lang)
    figure.set_layout_engine("constrained", rect=(0, 0, 0.86, 1))  # room for the last column
    beside = axes.get_yaxis_transform()  # across in widths of the axes, up in rows
    for place, (_, row) in enumerate(rows):
        if row is None:
            continue
        colour = PALETTE[0] if "share" in row else PALETTE[1]
        seeds = row["seeds"]
        axes.plot(seeds, [place] * len(seeds), ".", color=colour, markersize=5, alpha=0.7)
        axes.plot(row["mean"], place, "|", color="black", markersize=11, markeredgewidth=1.6)
        texts = [(MEAN, f"{row['mean']:.3f}")]
        if "share" in row:
            digits = 3 if row["share"] < 1e-4 else 0 if row["share"] == 1 else 2
            texts += [(SHARE, f"{row['share']:.{digits}%}"), (RATE, f"{row['lr']:.0e}")]
        for x, text in texts:
            axes.text(x, place, text, transform=beside, ha="left", va="center", fontsize=9)
    for x, text in ((SHARE, share), (RATE, rate), (MEAN, mean)):
        axes.text(x, -1, text, transform=beside, ha="left", va="center", fontsize=9)
    axes.axvline(numbers["majority"], color="grey", linestyle=":", linewidth=1)
    axes.axvline(frozen["mean"]["mean"], color="grey", linestyle="--", linewidth=1)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows], fontsize=9)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel(across)
    axes.grid(visible=True, axis="x")
    return figure
