"""How many sentences the alignment takes: with no pair of words known, and with ten."""

import statistics

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": (("不给词对", "给十对", "全部给"), "每种语言的句数", "对的词的比例"),
    "en": (("no pair given", "ten pairs", "all pairs"), "sentences of each language",
           "share of words right"),
}  # fmt: skip


def draw(lang: str) -> Figure:
    clouds = results.read("unsupervised_translation")["numbers"]["clouds"]
    names, across, up = TEXT[lang]
    figure, axes = new_figure(5.6, 2.9, lang=lang)
    lines = [int(name[1:]) for name in clouds]
    for n, way in enumerate(("none", "ten", "all")):
        each = [table[way]["right"]["seeds"] for table in clouds.values()]
        axes.plot(
            lines, [statistics.mean(one) for one in each], color=PALETTE[n], linestyle=LINESTYLES[n]
        )
        for x, values in zip(lines, each, strict=True):
            axes.scatter(
                [x * (0.94 + 0.06 * n)] * len(values), values, s=18, color=PALETTE[n],
                marker=MARKERS[n], alpha=0.7, label=names[n] if x == lines[0] else None,
            )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xticks(lines, [f"{one:,}" for one in lines])
    axes.minorticks_off()
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid(visible=True)
    axes.legend(fontsize=9)
    return figure
