"""The large rate for one part of the weights alone: accuracy and spread after twenty steps."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

NAMES = {
    "2e-4": ("无", "none"),
    "head": ("头部", "head"),
    "embeddings": ("词和位置的向量", "embeddings"),
    "vectors": ("偏置和归一化", "biases, norms"),
    "matrices": ("编码器的矩阵", "encoder's matrices"),
    "3e-3": ("全部", "all"),
}


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    numbers = results.read("learning_rate")["numbers"]
    figure, (left, right) = new_figure(5.6, 2.3, ncols=2, sharey=True, lang=lang)
    for place, name in enumerate(NAMES):
        found = numbers["rates" if name in numbers["rates"] else "parts"][name]
        k = 1 if name in ("matrices", "3e-3") else 0
        style = {"linestyle": "", "marker": MARKERS[k], "color": PALETTE[k], "markersize": 6}
        rows = [place + 0.18 * (seed - 1) for seed in range(len(found["accuracy"]))]
        left.plot(found["accuracy"], rows, **style)
        right.semilogx(found["spread"], rows, **style)
    left.set_yticks(range(len(NAMES)), [names[0 if zh else 1] for names in NAMES.values()])
    left.invert_yaxis()
    left.axvline(0.5, color="0.5", linewidth=4, alpha=0.4)
    left.set_xlim(0.45, 1.0)
    left.set_ylabel("用 3e-3 的" if zh else "at 3e-3")
    left.set_xlabel("准确率" if zh else "accuracy")
    right.set_xlabel("离散程度" if zh else "spread")
    for axes in (left, right):
        axes.grid(visible=True)
    return figure
