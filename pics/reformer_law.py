"""How often two vectors share a bucket, by the angle between them: the law, and counted."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("两个向量的夹角（度）", "同桶的概率", "{} 个桶"),
    "en": ("angle between two vectors (degrees)", "chance of one bucket", "{} buckets"),
}


def draw(lang: str) -> Figure:
    across, up, name = TEXT[lang]
    numbers = results.read("reformer")["numbers"]["collisions"]
    figure, axes = new_figure(5.6, 2.7, lang=lang)
    for k, buckets in enumerate((2, 4, 16, 64)):
        axes.plot(
            numbers["degrees"], numbers[f"law_{buckets}"], linestyle=LINESTYLES[k],
            color=PALETTE[k], label=name.format(buckets),
        )  # fmt: skip
        axes.plot(
            numbers["degrees"], numbers[f"counted_{buckets}"], MARKERS[k], color=PALETTE[k],
            markersize=4.5,
        )  # fmt: skip
    axes.set_xticks(range(0, 181, 30))
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid(visible=True)
    axes.legend(fontsize=9)
    return figure
