"""BLEU, and the answers' length beside the references', by the width of the beam."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("束宽 k", "BLEU", "长度 ÷ 参考译文", "{} 轮"),
    "en": ("beams, k", "BLEU", "length ÷ reference", "{} epochs"),
}


def draw(lang: str) -> Figure:
    numbers = results.read("decoding_beams")["numbers"]
    x, bleu, length, epochs = TEXT[lang]
    widths = numbers["widths"]
    figure, panels = new_figure(5.6, 3.5, nrows=2, ncols=len(numbers["each"]), lang=lang)
    for column, (name, part) in enumerate(numbers["each"].items()):
        for row, kind in enumerate(("bleu", "length")):
            axes = panels[row][column]
            for k, alpha in enumerate(numbers["alphas"]):
                values = [part[f"a{k}_k{width}"][kind] for width in widths]
                axes.plot(
                    widths,
                    values,
                    LINESTYLES[k],
                    marker=MARKERS[k],
                    markersize=4,
                    color=PALETTE[k],
                    label=f"α = {alpha:g}",
                )
            axes.set_xscale("log", base=2)
            axes.set_xticks(widths, [str(width) for width in widths])
            axes.minorticks_off()
            axes.grid(visible=True)
            axes.set_ylim(0, 2.2 if row else None)
            if kind == "length":
                axes.axhline(1, color="#777777", linewidth=1)
                axes.set_xlabel(x)
        panels[0][column].set_title(epochs.format(name.removeprefix("epochs")))
    panels[0][0].set_ylabel(bleu)
    panels[1][0].set_ylabel(length)
    panels[1][2].legend(loc="upper left", fontsize=9)
    return figure
