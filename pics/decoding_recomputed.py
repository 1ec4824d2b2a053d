"""What is computed at each step of writing: everything again, or the new token alone."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("没有缓存", "有缓存", "位置", "第几步", "新算的", "存着的"),
    "en": ("without a cache", "with a cache", "position", "step", "computed", "kept"),
}
LENGTH = 6


def draw(lang: str) -> Figure:
    *titles, x, y, computed, kept = TEXT[lang]
    figure, panels = new_figure(5.6, 2.5, ncols=2, lang=lang)
    for cached, (axes, title) in enumerate(zip(panels, titles, strict=True)):
        for t in range(LENGTH):
            for s in range(t + 1):
                fresh = not cached or s == t
                axes.add_patch(
                    Rectangle(
                        (s + 0.55, t + 0.55), 0.9, 0.9,
                        facecolor=PALETTE[0] if fresh else "white", edgecolor=PALETTE[0],
                    )
                )  # fmt: skip
        axes.set_xlim(0.4, LENGTH + 0.6)
        axes.set_ylim(LENGTH + 0.6, 0.4)
        axes.set_aspect("equal")
        axes.set_xticks(range(1, LENGTH + 1))
        axes.set_yticks(range(1, LENGTH + 1))
        axes.set_xlabel(x)
        axes.set_title(title)
        if not cached:
            axes.set_ylabel(y)
        else:
            handles = [
                Rectangle((0, 0), 1, 1, facecolor=PALETTE[0]),
                Rectangle((0, 0), 1, 1, facecolor="white", edgecolor=PALETTE[0]),
            ]
            axes.legend(handles, (computed, kept), loc="upper right")
    return figure
