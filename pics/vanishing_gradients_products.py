"""The norm of dy_T/dy_{T-k} of a tanh RNN by the distance, for four sizes of its matrix."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    table = results.read("sequence_encoding")["numbers"]["vanishing"]
    figure, axes = new_figure(5.6, 3.3, lang=lang)
    for k, radius in enumerate(table["radii"]):
        norms = table["norms"][k]
        axes.plot(
            norms,
            LINESTYLES[k],
            color=PALETTE[k],
            marker=MARKERS[k],
            markevery=10,
            markersize=5,
            label=f"ρ = {radius}",
        )
    axes.set_yscale("log")
    axes.set_ylim(1e-8, 1e3)
    axes.set_xlabel("距离" if zh else "distance")
    axes.set_ylabel("梯度的范数" if zh else "norm of the gradient")
    axes.grid(visible=True)
    axes.legend(loc="lower right", ncols=2)
    return figure
