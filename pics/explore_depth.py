"""Four layers under a name in torch, and how deep each way of asking sees."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from wode.plotting import PALETTE, new_figure

LAYERS = {
    "zh": ["有什么：名字", "怎么用：签名与说明", "怎么写的：Python 源码", "底下：C++ 源码"],
    "en": ["what there is: names", "how to use it: docs", "how it is written", "below: C++"],
}
EXAMPLES = [
    "relu, conv2d, softmax …",
    "relu(input, inplace=False)",
    "def relu(...):",
    "aten/src/ATen/native/",
]
TOOLS = [("dir", 1), ("help, ?", 2), ("??", 3), ("GitHub", 4)]


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 2.7, lang=lang)
    for k, (layer, example) in enumerate(zip(LAYERS[lang], EXAMPLES, strict=True)):
        top = 4 - k
        axes.add_patch(
            Rectangle(
                (0, top - 1),
                11,
                0.94,
                facecolor=PALETTE[0],
                alpha=0.08 + 0.11 * k,
                edgecolor="none",
            )
        )
        axes.text(0.15, top - 0.32, layer, va="center", fontsize=10)
        axes.text(0.15, top - 0.72, example, va="center", fontsize=9, family="monospace")
    for k, (tool, depth) in enumerate(TOOLS):
        x = 6.1 + 1.4 * k
        axes.text(x, 4.35, tool, ha="center", va="bottom", fontsize=9.5, family="monospace")
        axes.add_patch(
            FancyArrowPatch(
                (x, 4.25),
                (x, 4 - depth + 0.35),
                arrowstyle="-|>",
                mutation_scale=13,
                linewidth=2,
                color=PALETTE[1],
            )
        )
    axes.set(xlim=(-0.05, 11.05), ylim=(-0.05, 4.9))
    axes.axis("off")
    return figure
