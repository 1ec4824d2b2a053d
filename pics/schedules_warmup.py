"""Six layers that say a sequence backwards: norms after or before, with and without warm-up."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

KINDS = ("post_none", "post_warm", "pre_none", "pre_warm")


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    table = results.read("schedules")["numbers"]["warmup"]
    names = (
        (
            "在后，不预热",
            "在后，预热",
            "在前，不预热",
            "在前，预热",
            "在后，先空跑",
            "在后，第 60 步跳、清零",
        )
        if zh
        else (
            "after, none",
            "after, warm-up",
            "before, none",
            "before, warm-up",
            "after, idle first",
            "after, jump, means lost",
        )
    )
    figure, (left, right) = new_figure(5.6, 3.2, ncols=2, lang=lang)
    for k, kind in ((0, "post_none"), (1, "post_warm"), (4, "post_idle"), (5, "post_both")):
        for seed, losses in enumerate(table[kind]["1e-2"]["loss"]):
            left.plot(
                range(5, 200, 10),
                losses,
                linestyle=LINESTYLES[k],
                marker=MARKERS[k],
                markersize=3,
                markevery=(seed, 4),
                color=PALETTE[k],
                label=names[k] if seed == 0 else None,
            )
    for k, kind in enumerate(KINDS):
        rates = sorted(table[kind], key=float)
        style = {"linestyle": LINESTYLES[k], "marker": MARKERS[k], "color": PALETTE[k]}
        each = [table[kind][rate]["each"] for rate in rates]
        mean = [sum(row) / len(row) for row in each]
        bars = [
            [m - min(row) for m, row in zip(mean, each, strict=True)],
            [max(row) - m for m, row in zip(mean, each, strict=True)],
        ]
        x = [float(rate) * 1.05 ** (k - 1.5) for rate in rates]
        label = None if k < 2 else names[k]
        right.errorbar(x, mean, yerr=bars, capsize=3, markersize=5, label=label, **style)
    right.set_xscale("log")
    right.set_xticks([1e-3, 3e-3, 1e-2], ["0.001", "0.003", "0.01"])
    right.minorticks_off()
    right.axhline(1 / 16, color="0.5", linestyle=":")
    left.set_title("训练损失，学习率 0.01" if zh else "training loss, rate 0.01", fontsize=10)
    right.set_title("答对的份额" if zh else "share answered rightly", fontsize=10)
    left.set_xlabel("步" if zh else "step")
    right.set_xlabel("学习率" if zh else "learning rate")
    for axes in (left, right):
        axes.grid(visible=True)
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure
