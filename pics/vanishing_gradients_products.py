"""The norm of dy_T/dy_{T-k} of a tanh RNN by distance: four sizes of U, small and large inputs."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TITLES = {
    "zh": {"small": "输入标准差 0.1", "unit": "输入标准差 1"},
    "en": {"small": "inputs of deviation 0.1", "unit": "inputs of deviation 1"},
}


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    table = results.read("vanishing_gradients")["numbers"]["products"]
    figure, panels = new_figure(5.6, 3.2, ncols=2, lang=lang, sharey=True)
    for axes, (which, title) in zip(panels, TITLES[lang].items(), strict=True):
        for k, radius in enumerate(table["radii"]):
            axes.plot(
                table[which][k],
                linestyle=LINESTYLES[k],
                color=PALETTE[k],
                marker=MARKERS[k],
                markevery=12,
                markersize=5,
                label=f"ρ = {radius}",
            )
        axes.set_yscale("log")
        axes.set_ylim(1e-16, 1e3)
        axes.set_title(title)
        axes.set_xlabel("距离" if zh else "distance")
        axes.grid(visible=True)
    panels[0].set_ylabel("乘积的范数" if zh else "norm of the product")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=9)
    return figure
