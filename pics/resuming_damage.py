"""Damaged files by what became of them, for four ways of loading."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

WAYS = {
    "torch": "torch.load",
    "safetensors": "safetensors\nload_file",
    "load_checkpoint": "wode\nload_checkpoint",
    "load_safetensors": "wode\nload_safetensors",
}
TEXT = {
    "zh": {
        "noticed": "报错",
        "harmless": "无害",
        "wrong": "不报错，权重是错的",
        "x": "损坏的文件",
    },
    "en": {
        "noticed": "an error",
        "harmless": "harmless",
        "wrong": "no error, wrong weights",
        "x": "damaged files",
    },
}
KINDS = (("wrong", 1, "///"), ("harmless", 4, ""), ("noticed", 2, "..."))


def draw(lang: str) -> Figure:
    damage = results.read("resuming")["numbers"]["damage"]
    figure, axes = new_figure(5.6, 3.0, lang=lang)
    rows = range(len(WAYS))
    left = [0] * len(WAYS)
    for kind, colour, hatch in KINDS:
        counts = [damage[way]["all"][kind] for way in WAYS]
        axes.barh(
            rows,
            counts,
            left=left,
            height=0.6,
            color=PALETTE[colour],
            alpha=0.75,
            hatch=hatch,
            edgecolor="white",
            label=TEXT[lang][kind],
        )
        for row, count in enumerate(counts):
            if count:
                middle = left[row] + count / 2
                axes.text(
                    middle,
                    row,
                    str(count),
                    ha="center",
                    va="center",
                    fontsize=9,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
                )
        left = [a + b for a, b in zip(left, counts, strict=True)]
    axes.set_yticks(rows, WAYS.values())
    axes.invert_yaxis()
    axes.set_xlabel(TEXT[lang]["x"])
    axes.legend(loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=3, fontsize=9)
    return figure
