"""How well a buffer mixes, by its size; what digits sorted by label train to behind it."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    numbers = results.read("streaming")["numbers"]
    figure, (order, accuracy) = new_figure(5.6, 3.0, ncols=2, lang=lang)
    shares = [size / numbers["count"] for size in numbers["sizes"]]
    measured = [numbers["mixed"][str(size)]["correlation"] for size in numbers["sizes"]]
    order.semilogx(shares, measured, "o-", color=PALETTE[0], label="测得" if zh else "measured")
    small = [share for share in shares if share <= 0.4]
    order.semilogx(
        small,
        [1 - 6 * share**2 for share in small],
        "--",
        color="black",
        label="1 - 6(k/N)²",
    )
    order.set_ylabel("还像原来的顺序（秩相关）" if zh else "like the old order (rank corr.)")
    order.set_xlabel("缓冲区占数据的比例 k/N" if zh else "buffer by data, k/N")
    order.legend(fontsize=9)
    total = numbers["buffers"][-1]
    shares = [size / total for size in numbers["buffers"]]
    for k, epochs in enumerate(("5", "15", "45")):
        runs = [
            numbers["trained"]["buffer"][str(size)]["0.1"][epochs] for size in numbers["buffers"]
        ]
        accuracy.semilogx(
            shares,
            [run["mean"] for run in runs],
            linestyle=LINESTYLES[k],
            marker=MARKERS[k],
            color=PALETTE[k],
            label=f"{epochs} 轮" if zh else f"{epochs} epochs",
        )
        accuracy.fill_between(
            shares,
            [run["low"] for run in runs],
            [run["high"] for run in runs],
            color=PALETTE[k],
            alpha=0.15,
        )
    accuracy.set_ylabel("测试准确率" if zh else "test accuracy")
    accuracy.set_xlabel("缓冲区占数据的比例 k/N" if zh else "buffer by data, k/N")
    accuracy.set_ylim(0, 1)
    accuracy.legend(fontsize=9, loc=(0.0, 0.23), labelspacing=0.2)
    return figure
