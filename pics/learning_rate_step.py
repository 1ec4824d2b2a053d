"""The rate over a run's steps, and how far the first step goes whatever the gradient."""

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure
from wode.training.finetuning import Settings, rate_at

TEXT = {
    "zh": ("步", "学习率（η 的倍数）", "梯度", "第一步走的距离，η = 0.001", "预热"),
    "en": ("step", "rate, in units of η", "gradient", "length of step 1, η = 0.001", "warm-up"),
}
STEPS = 120


def first_step(kind: type[torch.optim.AdamW] | type[torch.optim.SGD], gradient: float) -> float:
    weight = nn.Parameter(torch.zeros((), dtype=torch.double))
    weight.grad = torch.tensor(gradient, dtype=torch.double)
    kind([weight], lr=1e-3).step()
    return abs(weight.item())


def draw(lang: str) -> Figure:
    step, rate, gradient, length, warmup = TEXT[lang]
    figure, (left, right) = new_figure(5.6, 2.9, ncols=2, lang=lang)
    for k, share in enumerate((0.0, 0.1, 0.5)):
        settings = Settings(warmup=share, decay=True)
        rates = [rate_at(s, STEPS, settings) for s in range(STEPS)]
        label = f"{warmup} {share:.0%}"
        left.plot(range(1, STEPS + 1), rates, LINESTYLES[k], color=PALETTE[k], label=label)
    left.set_xlabel(step)
    left.set_title(rate)
    left.set_ylim(-0.05, 1.6)
    left.set_yticks((0, 0.5, 1))
    left.legend(fontsize=8, loc="upper right")
    gradients = np.logspace(-6, 2, 9)
    for k, kind in enumerate((torch.optim.AdamW, torch.optim.SGD)):
        lengths = [first_step(kind, float(g)) for g in gradients]
        style = {"marker": MARKERS[k], "color": PALETTE[k], "label": kind.__name__}
        right.loglog(gradients, lengths, LINESTYLES[k], **style)
    right.set_xlabel(gradient)
    right.set_title(length)
    right.legend(fontsize=8)
    for axes in (left, right):
        axes.grid(visible=True)
    return figure
