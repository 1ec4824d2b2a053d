"""Test loss minus train loss of 100 runs, for the model and for the line that made the data."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    rows = results.read("first_model")["numbers"]["rows"]
    figure, ax = new_figure(5.6, 2.3, lang=lang)
    names = (
        ("model", "模型" if zh else "model", "o", PALETTE[0]),
        ("true", "造数据的线" if zh else "true line", "^", PALETTE[2]),
        ("nearest", "照抄最近的" if zh else "copy nearest", "s", PALETTE[3]),
    )
    for height, (name, _, marker, color) in enumerate(reversed(names)):
        gaps = [test - train for train, test in rows[name]]
        spread = [height + (i * 37 % 100 - 50) / 180 for i in range(len(gaps))]
        ax.plot(gaps, spread, marker, color=color, markersize=3.5, alpha=0.7, linestyle="none")
        ax.plot(gaps[0], height, "*", color="black", markersize=13)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(range(3), [label for _, label, _, _ in reversed(names)])
    ax.set_xlabel(
        "测试损失 − 训练损失（★ 是页上这一次）"
        if zh
        else "test loss − train loss (★ is this page's run)"
    )
    return figure
