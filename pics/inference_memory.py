"""What a forward pass keeps and how long it takes, with gradients and without."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    table = results.read("inference")["numbers"]["memory"]
    sizes = table["batch_sizes"]
    names = {"grad": "记梯度" if zh else "gradients", "no_grad": "no_grad"}
    names["inference_mode"] = "inference_mode"
    figure, (left, right) = new_figure(5.6, 2.2, ncols=2, lang=lang)
    for k, (way, name) in enumerate(names.items()):
        style = {"marker": MARKERS[k], "color": PALETTE[k], "label": name, "ms": 8 - 2 * k}
        style |= {"mfc": "none"} if k else {}
        left.plot(sizes, [value / 1024 for value in table["bytes"][way]], LINESTYLES[k], **style)
        right.plot(sizes, table["ratio"][way], LINESTYLES[k], **style)
    left.set_ylabel("留下的内存（KiB）" if zh else "memory kept (KiB)")
    right.set_ylabel("用时（记梯度为 1）" if zh else "relative time")
    right.set_ylim(0, 1.2)
    for axes in (left, right):
        axes.set_xscale("log", base=4)
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.set_xlabel("批大小" if zh else "batch size")
        axes.grid(visible=True)
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure
