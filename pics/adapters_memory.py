"""What a training step keeps in memory, in parts, for all weights and for few."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("权重", "梯度", "AdamW 的两个平均", "为反向保留的中间结果",
           "全部权重", "瓶颈 16", "LoRA 8", "偏置", "只学头", "MB，float32，一批 16 句"),
    "en": ("weights", "gradients", "AdamW's two averages", "kept for the backward pass",
           "all weights", "bottleneck 16", "LoRA 8", "biases", "head alone",
           "MB, float32, a batch of 16 sentences"),
}  # fmt: skip
PARTS = ["weights_mb", "gradients_mb", "moments_mb", "saved_mb"]
METHODS = ["full", "houlsby16", "lora8", "bias", "head"]
HATCHES = ["", "////", "....", "xxxx"]


def draw(lang: str) -> Figure:
    rows = results.read("adapters")["numbers"]["cost"]["step"]
    texts = TEXT[lang]
    parts, names, across = texts[:4], texts[4:9], texts[9]
    figure, axes = new_figure(5.6, 3.2, lang=lang)
    left = [0.0] * len(METHODS)
    for i, (part, name) in enumerate(zip(PARTS, parts, strict=True)):
        widths = [rows[method][part] for method in METHODS]
        axes.barh(
            range(len(METHODS)),
            widths,
            0.62,
            left,
            facecolor="#d9d9d9" if i == 0 else "none",
            edgecolor="black" if i == 0 else PALETTE[i],
            hatch=HATCHES[i],
            label=name,
        )
        left = [a + b for a, b in zip(left, widths, strict=True)]
    for place, total in enumerate(left):
        axes.text(total + 6, place, f"{total:.0f}", ha="left", va="center", fontsize=9)
    axes.set_yticks(range(len(METHODS)), names)
    axes.invert_yaxis()
    axes.set_xlim(0, 470)
    axes.set_xlabel(across)
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure
