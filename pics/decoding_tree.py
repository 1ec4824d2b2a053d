"""All sentences of a small table as a tree: greedy's path and that of two beams."""

from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("贪心", "最好的", "概率"),
    "en": ("greedy", "the best", "probability"),
}
# place, word, share, and the place it comes from
NODES = {
    "": (0.0, 2.0, "", 1.0, None),
    "the": (1.5, 3.0, "the", 0.6, ""),
    "a": (1.5, 0.7, "a", 0.4, ""),
    "the old": (3.2, 3.8, "old", 0.4, "the"),
    "the new": (3.2, 3.0, "new", 0.35, "the"),
    "the .": (3.2, 2.2, ".", 0.25, "the"),
    "a big": (3.2, 1.1, "big", 0.9, "a"),
    "a .": (3.2, 0.3, ".", 0.1, "a"),
}
ENDS = {"the old": 0.24, "the new": 0.21, "the .": 0.15, "a big": 0.36, "a .": 0.04}
PATHS = {"the": 0, "the old": 0, "a": 1, "a big": 1}


def draw(lang: str) -> Figure:
    greedy, best, probability = TEXT[lang]
    figure, axes = new_figure(5.6, 2.6, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-0.5, 5.3)
    axes.set_ylim(-0.05, 4.5)
    for name, (x, y, word, share, parent) in NODES.items():
        kind = PATHS.get(name)
        color = "#777777" if kind is None else PALETTE[kind]
        if parent is not None:
            from_x, from_y = NODES[parent][:2]
            axes.plot(
                [from_x + 0.28, x - 0.3], [from_y, y], color=color,
                linestyle=":" if kind is None else ["-", "--"][kind],
                linewidth=1.2 if kind is None else 2.4,
            )  # fmt: skip
            axes.text(
                (from_x + x) / 2, (from_y + y) / 2 + 0.14, f"{share:g}", fontsize=9.5,
                ha="center", color="#444444",
            )  # fmt: skip
        axes.text(
            x, y, word or "<begin>", ha="center", va="center", fontsize=10.5,
            bbox={"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": color},
        )  # fmt: skip
        if name in ENDS:
            label = {"the old": f"  {greedy}", "a big": f"  {best}"}.get(name, "")
            axes.text(
                x + 0.55, y, f"{ENDS[name]:.2f}{label}", va="center", fontsize=10, color=color
            )
    axes.text(3.75, 4.35, probability, fontsize=9.5, va="center")
    return figure
