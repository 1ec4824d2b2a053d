"""The loss as a bowl over w: small steps go down its side, large ones jump over it and climb."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    bowl = results.read("first_model")["numbers"]["bowl"]
    figure, axes = new_figure(5.6, 2.4, ncols=2, lang=lang)
    for ax, steps, rate in zip(axes, ("small", "large"), ("0.1", "0.4"), strict=True):
        ax.plot(bowl["w"], bowl["loss"], color="black", linewidth=1)
        w, loss = zip(*bowl[steps], strict=True)
        ax.plot(w, loss, "o-" if steps == "small" else "s--", color=PALETTE[1], markersize=5)
        ax.annotate(
            "起点" if zh else "start",
            (w[0], loss[0]),
            xytext=(0, -14),
            textcoords="offset points",
            ha="right",
        )
        ax.set_title(f"学习率 {rate}" if zh else f"learning rate {rate}")
        ax.set_xlabel("w（b 固定在 8）" if zh else "w (b held at 8)")
        ax.set_ylim(-15, 400)
    axes[0].set_ylabel("损失" if zh else "loss")
    return figure
