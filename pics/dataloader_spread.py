"""How far a batch's gradient lies from the full gradient (results/dataloader.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": (
        "按标签排序的批",
        "随机的批（100 次打乱的平均）",
        "公式",
        "批大小 $B$",
        "与全体梯度的平均平方距离",
    ),
    "en": (
        "batches sorted by label",
        "random batches (mean of 100 shuffles)",
        "formula",
        "batch size $B$",
        "mean squared distance\nfrom the full gradient",
    ),
}


def draw(lang: str) -> Figure:
    by_label, random, formula, size, distance = TEXT[lang]
    spread = results.read("dataloader")["numbers"]["spread"]
    figure, axes = new_figure(5.6, 3.2, lang=lang)
    sizes = spread["batch_sizes"]
    axes.loglog(sizes, spread["sorted"], "--^", color=PALETTE[1], ms=5, label=by_label)
    axes.loglog(sizes, spread["formula"], "-", color=PALETTE[0], label=formula)
    axes.loglog(sizes, spread["random"], "o", color=PALETTE[0], ms=5, label=random)
    axes.set_xticks(sizes, [str(value) for value in sizes])
    axes.minorticks_off()
    axes.set_xlabel(size)
    axes.set_ylabel(distance)
    axes.grid(visible=True)
    axes.legend(loc="lower left", fontsize=9)
    return figure
