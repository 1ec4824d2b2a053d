"""How many sentences the alignment takes: no pair of words known, ten, all; five or forty tries."""

import statistics

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": (("不给词对，试五次", "不给词对，试四十次", "给十对，试五次", "全部给"),
           "每种语言的句数", "对的词的比例"),
    "en": (("no pair, five tries", "no pair, forty tries", "ten pairs, five tries", "all pairs"),
           "sentences of each language", "share of words right"),
}  # fmt: skip


def draw(lang: str) -> Figure:
    numbers = results.read("unsupervised_translation")["numbers"]
    clouds, begun = numbers["clouds"], numbers["starts"]
    names, across, up = TEXT[lang]
    figure, axes = new_figure(5.6, 2.5, lang=lang)
    lines = [int(name[1:]) for name in clouds]
    for n, way in enumerate(("none", "forty", "from_ten", "all")):
        each = {
            int(name[1:]): (table[way]["right"] if way in table else begun[name][way])["seeds"]
            for name, table in clouds.items()
            if way in table or name in begun
        }
        axes.plot(
            each.keys(), [statistics.mean(one) for one in each.values()], color=PALETTE[n],
            linestyle=LINESTYLES[n],
        )  # fmt: skip
        for x, values in each.items():
            axes.scatter(
                [x * (0.91 + 0.06 * n)] * len(values), values, s=18, color=PALETTE[n],
                marker=MARKERS[n], alpha=0.7, label=names[n] if x == lines[-1] else None,
            )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xticks(lines, [f"{one:,}" for one in lines])
    axes.minorticks_off()
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid(visible=True)
    figure.legend(
        *axes.get_legend_handles_labels(), fontsize=9, loc="outside upper center", ncols=2
    )
    return figure
