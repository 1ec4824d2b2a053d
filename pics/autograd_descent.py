"""Gradient descent on w and b: the way over the bowl, seen from above, and its losses."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    line = results.read("autograd")["numbers"]["line"]
    mean, run = line["means"], line["cleared"]["0.1"]
    w, b = np.meshgrid(np.linspace(-1, 9, 101), np.linspace(-1, 11, 101))
    loss = w * w * mean["xx"] + b * b + mean["yy"]
    loss += 2 * (w * b * mean["x"] - w * mean["xy"] - b * mean["y"])
    figure, (above, curve) = new_figure(5.6, 2.5, ncols=2, lang=lang)
    levels = [1.5, 4, 10, 25, 60, 130, 250]
    above.contour(w, b, loss, levels=levels, colors="#888888", linewidths=0.8)
    above.plot(*zip(*run["way"], strict=True), "o-", color=PALETTE[1], markersize=3, linewidth=1)
    above.plot(line["w"], line["b"], "*", color=PALETTE[0], markersize=13, zorder=1)
    above.set_xlabel("w")
    above.set_ylabel("b")
    above.set_title("碗，从上面看" if zh else "the bowl from above")
    curve.semilogy(run["losses"], color=PALETTE[1])
    curve.axhline(line["least"], linestyle=":", color=PALETTE[0])
    curve.set_yticks([1, 10, 100], ["1", "10", "100"])
    curve.set_xlabel("步" if zh else "step")
    curve.set_title("损失" if zh else "loss")
    return figure
