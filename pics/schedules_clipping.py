"""The digits with and without a batch of huge pixels, clipped or not: final loss by rate."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

KINDS = ("calm_none", "calm_clip", "spike_none", "spike_clip")


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    numbers = results.read("schedules")["numbers"]
    names = (
        ("没有坏批，不裁剪", "没有坏批，裁到 1", "有坏批，不裁剪", "有坏批，裁到 1")
        if zh
        else ("calm, not clipped", "calm, clipped", "bad batch, not clipped", "bad batch, clipped")
    )
    figure, panels = new_figure(5.6, 2.9, ncols=2, lang=lang, sharey=True)
    for axes, name in zip(panels, ("SGD", "AdamW"), strict=True):
        rates, table = numbers["rates"][name], numbers["clip"][name]
        for k, kind in enumerate(KINDS):
            axes.loglog(
                rates,
                table[kind]["loss"],
                LINESTYLES[k],
                marker=MARKERS[k],
                markersize=5,
                color=PALETTE[k],
                label=names[k] if name == "SGD" else None,
            )
        axes.set_title(name, fontsize=10)
        axes.set_xlabel("学习率" if zh else "learning rate")
        axes.grid(visible=True)
    panels[0].set_ylabel("训练损失" if zh else "training loss")
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure
