"""Memory of reading every image at once and of keeping names only (results/datasets.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("构造时全部读进来", "只记名字", "图片张数（128 × 128，RGB）", "占用的内存（MiB）"),
    "en": ("read everything at once", "keep the names", "images (128 × 128, RGB)", "memory (MiB)"),
}


def draw(lang: str) -> Figure:
    eager, lazy, count, memory = TEXT[lang]
    numbers = results.read("datasets")["numbers"]["memory"]
    figure, axes = new_figure(5.6, 2.2, lang=lang)
    axes.loglog(numbers["sizes"], numbers["eager"], "--s", color=PALETTE[1], label=eager)
    axes.loglog(numbers["sizes"], numbers["lazy"], "-o", color=PALETTE[0], label=lazy)
    axes.set_xticks(numbers["sizes"], [str(size) for size in numbers["sizes"]])
    axes.set_yticks([0.01, 0.1, 1, 10, 100], ["0.01", "0.1", "1", "10", "100"])
    axes.minorticks_off()
    axes.set_xlabel(count)
    axes.set_ylabel(memory)
    axes.grid(visible=True)
    axes.legend(loc="center right", fontsize=9.5)
    return figure
