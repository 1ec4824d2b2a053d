"""BLEU, and the answers' length beside the references', by the width of the beam."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("束宽 k", "BLEU", "长度 ÷ 参考译文的长度"),
    "en": ("beams, k", "BLEU", "length ÷ the references'"),
}


def draw(lang: str) -> Figure:
    numbers = results.read("decoding_beams")["numbers"]
    x, *titles = TEXT[lang]
    figure, panels = new_figure(5.6, 2.9, ncols=2, lang=lang)
    for axes, kind, title in zip(panels, ("bleu", "length"), titles, strict=True):
        for k, alpha in enumerate(numbers["alphas"]):
            values = [row[kind] for row in numbers["each"][str(alpha)]]
            axes.plot(
                numbers["widths"], values, LINESTYLES[k], marker=MARKERS[k], color=PALETTE[k],
                label=f"α = {alpha:g}",
            )  # fmt: skip
        axes.set_xscale("log", base=2)
        axes.set_xticks(numbers["widths"], [str(width) for width in numbers["widths"]])
        axes.minorticks_off()
        axes.set_title(title)
        axes.set_xlabel(x)
        axes.grid(visible=True)
    panels[1].axhline(1, color="#777777", linewidth=1)
    panels[0].set_ylim(bottom=0)
    panels[0].legend(loc="lower left")
    return figure
