"""What each rank holds of 16 bytes a parameter: all of it under DDP, a share under FSDP."""

from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

PARTS = {
    "zh": (("权重", 4), ("梯度", 4), ("两个矩", 8)),
    "en": (("weights", 4), ("gradients", 4), ("two moments", 8)),
}
COLUMNS = (("DDP", 2, 1), ("DDP", 4, 1), ("FSDP", 2, 2), ("FSDP", 4, 4))
LAYER = {"zh": "一层的权重，临时凑齐", "en": "one layer's weights, for a moment"}


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 2.0, lang=lang)
    for place, (_, _, share) in enumerate(COLUMNS):
        bottom = 0.0
        for k, (name, size) in enumerate(PARTS[lang]):
            style = {"color": PALETTE[k], "hatch": ("", "//", "..")[k], "alpha": 0.6}
            label = name if place == 0 else None
            axes.bar(place, size / share, 0.6, bottom, edgecolor="black", label=label, **style)
            bottom += size / share
        if share > 1:
            label = LAYER[lang] if share == 2 else None
            style = {"fill": False, "linestyle": ":", "edgecolor": "black"}
            axes.bar(place, 1, 0.6, bottom, label=label, **style)
    ranks = "{}\n{} 个进程" if lang == "zh" else "{}\n{} ranks"
    axes.set_xticks(range(4), [ranks.format(name, number) for name, number, _ in COLUMNS])
    axes.set_ylabel("每个参数的字节" if lang == "zh" else "bytes a parameter")
    axes.set_ylim(0, 17)
    axes.legend(fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
