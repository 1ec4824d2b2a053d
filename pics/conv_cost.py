"""CPU time of a convolution in loops, as a matrix product and in torch, against image size."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "x": "图片边长（像素）",
        "y": "每次调用的 CPU 毫秒数",
        "loops": "conv2d_loops（循环）",
        "unfold": "conv2d_unfold（矩阵乘法）",
        "torch": "F.conv2d",
    },
    "en": {
        "x": "image side (pixels)",
        "y": "CPU milliseconds a call",
        "loops": "conv2d_loops",
        "unfold": "conv2d_unfold (matrix product)",
        "torch": "F.conv2d",
    },
}


def draw(lang: str) -> Figure:
    numbers, text = results.read("convolution")["numbers"], TEXT[lang]
    figure, axes = new_figure(5.2, 3.2, lang=lang)
    for index, name in enumerate(("loops", "unfold", "torch")):
        milliseconds = [1000 * numbers["cost"][str(size)][name] for size in numbers["sizes"]]
        axes.plot(
            numbers["sizes"],
            milliseconds,
            color=PALETTE[index],
            marker=MARKERS[index],
            ls=LINESTYLES[index],
            label=text[name],
        )
    axes.set(xscale="log", yscale="log", xlabel=text["x"], ylabel=text["y"])
    axes.set_xticks(numbers["sizes"], [str(size) for size in numbers["sizes"]])
    axes.set_xticks([], minor=True)
    axes.set_ylim(top=1e5)
    axes.legend(loc="upper left", ncols=1)
    axes.grid(True)
    return figure
