"""Three segments of four tokens, two layers: all that one answer rests on, and where it is cut."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Circle

from wode.plotting import PALETTE, new_figure

T, SEGMENTS, LAYERS, UP = 4, 3, 2, 2.2  # the memory is one segment; layers are UP apart
TEXT: dict[str, dict[str, Any]] = {
    "zh": {"rows": ("词", "第 1 层", "第 2 层"), "segments": "第 {} 段",
           "kinds": ("这一段里读", "从记忆里读：梯度不往回走")},
    "en": {"rows": ("words", "layer 1", "layer 2"), "segments": "segment {}",
           "kinds": ("read within the segment", "read from the memory: no gradient goes back")},
}  # fmt: skip


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 2.9, lang=lang)
    rested = {(T * SEGMENTS - T, LAYERS)}  # the first token of the last segment
    for layer in range(LAYERS, 0, -1):
        for place in sorted(one for one, height in rested if height == layer):
            begin = place // T * T
            for read in range(max(0, begin - T), place + 1):
                inside = read >= begin
                axes.plot(
                    [place, read], [UP * layer, UP * (layer - 1)],
                    color=PALETTE[0 if inside else 1], linestyle="-" if inside else "--",
                    linewidth=1.3 if layer == LAYERS else 0.8, zorder=1,
                )  # fmt: skip
                rested.add((read, layer - 1))
    for place in range(T * SEGMENTS):
        for layer in range(LAYERS + 1):
            color = "black" if (place, layer) in rested else "white"
            axes.add_patch(
                Circle((place, UP * layer), 0.16, facecolor=color, edgecolor="black", lw=1)
            )
    for n in range(SEGMENTS):
        middle = n * T + (T - 1) / 2
        axes.text(middle, -0.75, TEXT[lang]["segments"].format(n + 1), ha="center", fontsize=9)
        if n:
            axes.axvline(n * T - 0.5, color="gray", linestyle=":", linewidth=1)
    for layer, name in enumerate(TEXT[lang]["rows"]):
        axes.text(-0.5, UP * layer, name, ha="right", va="center", fontsize=9)
    for n, name in enumerate(TEXT[lang]["kinds"]):
        axes.plot([], [], color=PALETTE[n], linestyle=("-", "--")[n], label=name)
    axes.legend(fontsize=9, loc="upper center", bbox_to_anchor=(0.5, 1.22), ncols=2)
    axes.set_xlim(-2.2, T * SEGMENTS - 0.5)
    axes.set_ylim(-1, UP * LAYERS + 0.3)
    axes.set_aspect("equal")
    axes.set_axis_off()
    return figure
