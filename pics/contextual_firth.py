"""How often a word's made-up name lands nearest to it, by how often the word occurs."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {"x": "这个词出现几次", "y": "新名字离旧名字最近的比例",
           "kinds": ("左右 4 个词", "左右 1 个词", "打乱之后"),
           "bands": ("40–79", "80–159", "160–319", "320 以上")},
    "en": {"x": "how often the word occurs", "y": "new name nearest to the old",
           "kinds": ("4 words on each side", "1 word on each side", "mixed up"),
           "bands": ("40–79", "80–159", "160–319", "from 320")},
}  # fmt: skip


def draw(lang: str) -> Figure:
    firth, text = results.read("contextual_embeddings")["numbers"]["firth"], TEXT[lang]
    figure, axes = new_figure(5.6, 2.7, lang=lang)
    for n, way in enumerate(("window4", "window1", "shuffled")):
        shares = [one["first"] for one in firth[way]["bands"].values()]
        axes.bar(
            [place + 0.27 * (n - 1) for place in range(4)], shares, 0.25, color=PALETTE[n],
            hatch=("", "//", "..")[n], edgecolor="white", label=text["kinds"][n],
        )  # fmt: skip
    axes.set_xticks(range(4), text["bands"])
    axes.set_xlabel(text["x"])
    axes.set_ylabel(text["y"], fontsize=9)
    axes.set_ylim(0, 1.03)
    figure.legend(
        *axes.get_legend_handles_labels(), fontsize=9, loc="outside upper center", ncols=3
    )
    return figure
