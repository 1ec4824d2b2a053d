"""How near the limit a batch is computed, by its share of padding."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

WORDS = {
    "zh": {
        "ours": "wode",
        "buckets": "transformers，分桶",
        "theirs": "transformers，补齐",
        "limit": "极限：只做矩阵乘法",
        "x": "填充的份额 p（%）",
        "y": "占极限的份额",
    },
    "en": {
        "ours": "wode",
        "buckets": "transformers, buckets",
        "theirs": "transformers, padded",
        "limit": "the limit: the products alone",
        "x": "share of padding p (%)",
        "y": "share of the limit",
    },
}


def draw(lang: str) -> Figure:
    table, words = results.read("packing")["numbers"]["forward"], WORDS[lang]
    figure, axes = new_figure(5.6, 2.6, lang=lang)
    axes.axhline(1, color="#606060", linestyle=":")
    axes.text(70, 1.03, words["limit"], fontsize=9, va="bottom", ha="right")
    for n, name in enumerate(("ours", "buckets", "theirs")):
        style = {"color": PALETTE[n], "marker": MARKERS[n], "linestyle": LINESTYLES[n]}
        shares = [100 * share for share in table["padding"]]
        axes.plot(shares, table[f"cpu_{name}"], label=words[name], **style)
    axes.set_xlabel(words["x"])
    axes.set_ylabel(words["y"])
    axes.set_ylim(0, 1.2)
    axes.legend(loc="lower left", fontsize=9)
    return figure
