"""The first sixteen bytes of five kinds of file; those that tell the kind are framed."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {"zip": "zip", "old": "旧的 pickle", "lfs": "LFS 指针", "x": "第几个字节"},
    "en": {"zip": "zip", "old": "old pickle", "lfs": "LFS pointer", "x": "byte"},
}
TELLING = {"zip": (0, 2), "old": (0, 8), "safetensors": (8, 1), "gguf": (0, 4), "lfs": (0, 8)}


def draw(lang: str) -> Figure:
    found, text = results.read("checkpoints")["numbers"]["first"], TEXT[lang]
    figure, axes = new_figure(5.6, 2.1, lang=lang)
    for row, (kind, (begin, count)) in enumerate(TELLING.items()):
        axes.add_patch(
            Rectangle(
                (begin - 0.5, row - 0.45),
                count,
                0.9,
                facecolor=PALETTE[1],
                alpha=0.25,
                edgecolor=PALETTE[1],
                linewidth=1.5,
            )
        )
        for place, byte in enumerate(found[kind]):
            shown = chr(byte) if 32 < byte < 127 else f"{byte:02x}"
            axes.text(place, row, shown, ha="center", va="center", fontsize=9)
    axes.set_xlim(-0.6, 15.6)
    axes.set_ylim(len(TELLING) - 0.45, -0.55)
    names = {"gguf": "GGUF", "safetensors": "safetensors"} | text
    axes.set_yticks(range(len(TELLING)), [names[kind] for kind in TELLING])
    axes.set_xticks(range(0, 16, 4), [str(place + 1) for place in range(0, 16, 4)])
    axes.set_xlabel(text["x"])
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.grid(False)
    return figure
