"""Time of reading one tensor or all from a 90 MB file, divided by all of safetensors."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, PALETTE, new_figure

WORDS = {
    "zh": {"all": "全部", "one": "一个", "x": "用时 ÷ safetensors 全部读完"},
    "en": {"all": "all", "one": "one", "x": "time ÷ reading all of safetensors"},
}


def draw(lang: str) -> Figure:
    table = results.read("checkpoints")["numbers"]["lazy"]
    words = WORDS[lang]
    labels = []
    for way in table["ways"]:
        *kind, part = way.split(", ")
        labels.append(f"{' '.join(kind)}, {words[part]}")
    figure, axes = new_figure(5.6, 2.6, lang=lang)
    rows = range(len(labels))
    axes.barh(rows, table["ratio"], color=[PALETTE[0]] * 2 + [PALETTE[1]] * 3, height=0.55)
    for row, value in enumerate(table["ratio"]):
        axes.text(value * 1.15, row, f"{value:.2g}", va="center", fontsize=9)
    axes.axvline(1, color="black", linestyle=LINESTYLES[3], linewidth=1)
    axes.set_xscale("log")
    axes.set_xlim(0.001, 15)
    axes.set_yticks(rows, labels)
    axes.invert_yaxis()
    axes.set_xlabel(words["x"])
    return figure
