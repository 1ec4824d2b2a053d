"""MiniLM's first epoch at three rates: loss by step, and how far the logits differ."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    table = results.read("learning_rate")["numbers"]["rates"]
    figure, (left, right) = new_figure(5.6, 2.4, ncols=2, lang=lang)
    for k, (rate, found) in enumerate(table.items()):
        style = {"linestyle": LINESTYLES[k], "color": PALETTE[k], "markersize": 4}
        for seed, (losses, looks) in enumerate(zip(found["loss"], found["looks"], strict=True)):
            label = rate if seed == 0 else None
            means = [sum(losses[i : i + 2]) / 2 for i in range(0, len(losses), 2)]
            left.plot(range(2, 21, 2), means, marker=MARKERS[k], label=label, **style)
            right.semilogy(
                [look[0] for look in looks], [look[3] for look in looks], marker=MARKERS[k], **style
            )
    left.axhline(0.693, color="0.5", linewidth=4, alpha=0.4)
    left.text(1, 0.62, "ln 2", va="top", fontsize=9, color="0.3")
    left.set_title(
        "训练损失（两步平均）" if zh else "training loss (mean of two steps)", fontsize=10
    )
    right.set_title("logits 的离散程度" if zh else "spread of the logits", fontsize=10)
    for axes in (left, right):
        axes.set_xlabel("步" if zh else "step")
        axes.set_xticks([1, 5, 10, 15, 20])
        axes.grid(visible=True)
    title = "学习率" if zh else "learning rate"
    figure.legend(*left.get_legend_handles_labels(), title=title, loc="outside right center")
    return figure
