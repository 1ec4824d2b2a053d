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
    figure, (left, right) = new_figure(5.6, 2.7, ncols=2, lang=lang)
    w = np.linspace(-1.9, 1.9, 100)
    left.plot(w, w**2 / 2, color="0.6")
    for k, (share, lift) in enumerate(((0.2, 0.0), (1.8, 0.35), (2.1, 0.9))):
        way = np.array([(1 - share) ** t for t in range(6)]) * (1.0 if k != 1 else 0.95)
        left.plot(w, w**2 / 2 + lift, color="0.85", linewidth=1)
        left.plot(way, way**2 / 2 + lift, LINESTYLES[k], color=PALETTE[k], marker=MARKERS[k], ms=4)
        left.text(-1.15, 0.75 + lift, f"{share:g}", color=PALETTE[k], ha="right", va="bottom")
    left.set_xlabel("w")
    left.set_yticks([])
    left.set_title("碗，ηa = 0.2、1.8、2.1" if zh else "a bowl, ηa = 0.2, 1.8, 2.1", fontsize=10)
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
    right.set_title("手写数字的回归：损失" if zh else "regression on the digits: loss", fontsize=10)
    right.legend(title="η × 曲率" if zh else "η × curvature", fontsize=9, loc="upper left", ncols=2)
    right.grid(visible=True)
    return figure
