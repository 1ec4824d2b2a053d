"""The two clouds: English, the sister's own, and the sister's turned onto English."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": (("英语", "姐妹语言", "转过之后"), ("英语的词", "姐妹语言的词")),
    "en": (("English", "its sister", "turned"), ("English words", "the sister's words")),
}


def draw(lang: str) -> Figure:
    picture = results.read("unsupervised_translation")["numbers"]["picture"]
    titles, names = TEXT[lang]
    figure, axes = new_figure(5.6, 2.3, ncols=3, lang=lang, sharex=True, sharey=True)
    clouds = (("english", 0), ("apart", 1), ("laid", 1))
    for n, (axis, title, (cloud, kind)) in enumerate(zip(axes, titles, clouds, strict=True)):
        if n == 2:
            axis.scatter(
                *zip(*picture["english"], strict=True), s=60, marker=MARKERS[0], label=names[0],
                facecolors="none", edgecolors=PALETTE[0],
            )  # fmt: skip
        axis.scatter(
            *zip(*picture[cloud], strict=True), s=22, color=PALETTE[kind], marker=MARKERS[kind],
            label=names[kind],
        )  # fmt: skip
        if n < 2:
            words = picture["words" if n == 0 else "sister"]
            shown = (0, 5, 10)  # a few: all would not be read
            for m in shown:
                x, y = picture[cloud][m]
                axis.annotate(
                    words[m], (x, y), xytext=(0, 4), textcoords="offset points", fontsize=9,
                    ha="center",
                )  # fmt: skip
        axis.set_title(title, pad=12)
        axis.set_xticks([])
        axis.set_yticks([])
        axis.set_aspect("equal")
    axes[2].margins(0.15)
    handles, labels = axes[2].get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=9, loc="outside lower center", ncols=2)
    return figure
