"""Where MiniLM's 22.7 million parameters are, by the formula of the page."""

from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("词表", "位置等", "注意力 × 6", "前馈网络 × 6", "pooler", "百万个参数"),
    "en": (
        "words",
        "positions …",
        "attention × 6",
        "feed-forward × 6",
        "pooler",
        "million parameters",
    ),
}
E, V, P = 384, 30522, 512


def draw(lang: str) -> Figure:
    *names, label = TEXT[lang]
    sizes = [
        V * E,
        (P + 4) * E,
        6 * (4 * E**2 + 6 * E),
        6 * (8 * E**2 + 7 * E),
        E**2 + E,
    ]
    figure, axes = new_figure(5.6, 1.65, lang=lang)
    axes.barh(range(len(sizes)), [size / 1e6 for size in sizes], color=PALETTE[0], alpha=0.6)
    for row, size in enumerate(sizes):
        axes.text(size / 1e6 + 0.15, row, f"{size / 1e6:.1f}", va="center", fontsize=9)
    axes.set_yticks(range(len(sizes)), names)
    axes.invert_yaxis()
    axes.set_xlabel(label)
    axes.grid(visible=False, axis="y")
    return figure
