"""Steps down a bowl at three rates, and the loss of a linear regression on the digits at four."""

import numpy as np
import torch
from matplotlib.figure import Figure

from wode.data import digits_tensors
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

SHARES = (0.02, 1.0, 1.9, 2.1)


def regression() -> dict[float, list[float]]:
    """The mean squared error of guessing the digit from its pixels, before each of 60 steps."""
    images, labels = digits_tensors(train=True)
    x, y = images.flatten(1).double(), labels.double()
    top = torch.linalg.eigvalsh(2 / len(x) * x.T @ x)[-1]
    found: dict[float, list[float]] = {}
    for share in SHARES:
        w = torch.zeros(64, dtype=torch.double)
        found[share] = []
        for _ in range(60):
            off = x @ w - y
            found[share].append(off.square().mean().item())
            w = w - share / top * 2 / len(x) * x.T @ off
    return found


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    figure, (*bowls, right) = new_figure(5.6, 2.5, ncols=4, lang=lang, width_ratios=(1, 1, 1, 2.4))
    w = np.linspace(-2, 2, 100)
    for k, (axes, share) in enumerate(zip(bowls, (0.2, 1.8, 2.1), strict=True)):
        way = np.array([(1 - share) ** t for t in range(7)])
        axes.plot(w, w**2 / 2, color="0.6")
        axes.plot(way, way**2 / 2, LINESTYLES[0], color=PALETTE[k], marker=MARKERS[k], ms=4)
        axes.plot([1], [0.5], "o", color="black", markersize=6)
        axes.set_title(f"ηa = {share:g}", fontsize=10)
        axes.set_xlabel("w")
        axes.set_xticks([0])
        axes.set_yticks([])
    bowls[0].set_ylabel("L")
    for k, (share, losses) in enumerate(regression().items()):
        right.semilogy(
            losses,
            LINESTYLES[k],
            color=PALETTE[k],
            marker=MARKERS[k],
            markevery=10,
            markersize=4,
            label=f"{share:g}",
        )
    right.set_xlabel("步" if zh else "step")
    right.set_ylim(0.5, 3e4)
    right.set_title("手写数字的回归：损失" if zh else "regression: loss", fontsize=10)
    right.legend(title="η × 曲率" if zh else "η × curvature", fontsize=9, loc="upper left", ncols=2)
    right.grid(visible=True)
    return figure
