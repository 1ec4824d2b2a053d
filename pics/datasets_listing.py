"""What os.listdir gave on two file systems: place in the listing, number in the name."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("在列表里排第几", "名字里的数", "图片（.png）", "标签（.txt）", "排好序"),
    "en": ("place in the listing", "number in the name", "images (.png)", "labels (.txt)",
           "sorted"),
}  # fmt: skip


def draw(lang: str) -> Figure:
    place, number, images, labels, in_order = TEXT[lang]
    listing = results.read("datasets")["numbers"]["listing"]
    figure, panels = new_figure(5.6, 2.6, ncols=2, sharey=True, lang=lang)
    for axes, name in zip(panels, ("ext4", "tmpfs"), strict=True):
        found = listing[name]["in_order"]
        axes.plot([0, 99], [0, 99], color="0.6", lw=1, label=in_order)
        axes.plot(found["images"], "o", color=PALETTE[0], ms=3.5, label=images)
        axes.plot(found["labels"], "x", color=PALETTE[1], ms=4.5, label=labels)
        axes.set_title(name)
        axes.set_xlabel(place)
    panels[0].set_ylabel(number)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
