"""Scans and drawings changed in several ways: how many the network still recognises."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

CHANGES = {
    "as_is": ("原样", "as they are"),
    "black": ("去掉灰色", "no greys"),
    "soft": ("描粗，边缘灰", "wider, grey edges"),
    "soft_black": ("描粗，没有灰色", "wider, no greys"),
    "spread": ("描粗，墨不增加", "wider, same ink"),
    "shifted": ("移一个像素", "moved by a pixel"),
}
GROUPS = {
    "scans": ("360 张扫描", "360 scans"),
    "pencil": ("铅笔（10 张）", "pencil (10)"),
    "marker": ("粗笔（10 张）", "marker (10)"),
    "thin": ("细线的三种（30 张）", "three thin hands (30)"),
}


def draw(lang: str) -> Figure:
    table = results.read("inference")["numbers"]["two_layers"]
    figure, axes = new_figure(5.6, 3.1, lang=lang)
    for k, (group, names) in enumerate(GROUPS.items()):
        places = [-row + 0.24 - 0.16 * k for row in range(len(CHANGES))]
        means = [table[change][group]["mean"] for change in CHANGES]
        axes.plot(
            means,
            places,
            MARKERS[k],
            color=PALETTE[k],
            markersize=7,
            mfc="none" if k % 2 else PALETTE[k],
            mew=1.6,
            label=names[lang == "en"],
        )
        for place, change in zip(places, CHANGES, strict=True):
            spread = table[change][group]
            if "low" in spread:
                axes.plot([spread["low"], spread["high"]], [place] * 2, color=PALETTE[k], lw=1)
    for row in range(1, len(CHANGES)):
        axes.axhline(-row + 0.5, color="0.8", lw=0.8)
    axes.set_yticks([-row for row in range(len(CHANGES))])
    axes.set_yticklabels([names[lang == "en"] for names in CHANGES.values()])
    axes.set_xlim(0, 1.02)
    axes.grid(visible=True, axis="x")
    axes.set_xlabel("认对的比例" if lang == "zh" else "share recognised")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure
