"""Digits trained in the middle and moved by 0, 1, 2 pixels: who still reads them?"""

import torch.nn.functional as F
from _maps import heat
from matplotlib.figure import Figure

from wode.book import results
from wode.data import digits_tensors
from wode.plotting import MARKERS, PALETTE, new_figure

KINDS = [
    "convolution",
    "no_padding",
    "flattened",
    "unshared",
    "linear",
    "nearest",
    "unshared_moved",
    "wide_moved",
]
TEXT = {
    "zh": {
        "moved": "移 {} 个像素",
        "accuracy": "测试准确率",
        "convolution": "卷积，取最大",
        "no_padding": "卷积，取最大，不填充",
        "flattened": "卷积，不取最大",
        "unshared": "不共享，取最大",
        "linear": "一层线性",
        "nearest": "最近邻",
        "unshared_moved": "不共享，移着学",
        "wide_moved": "两层线性，移着学",
    },
    "en": {
        "moved": "moved by {}",
        "accuracy": "test accuracy",
        "convolution": "convolution, largest",
        "no_padding": "same, no padding",
        "flattened": "convolution, no largest",
        "unshared": "not shared, largest",
        "linear": "one linear layer",
        "nearest": "nearest neighbour",
        "unshared_moved": "not shared, taught moved",
        "wide_moved": "two linear, taught moved",
    },
}


def draw(lang: str) -> Figure:
    text, kinds = TEXT[lang], results.read("convolution")["numbers"]["kinds"]
    figure, axis = new_figure(5.6, 2.9, lang=lang)
    digit = digits_tensors(train=False)[0][2]  # (1, 8, 8)
    for distance in range(3):
        for row, kind in enumerate(KINDS):
            least, mean, most = (kinds[kind][key][distance] for key in ("least", "mean", "most"))
            axis.errorbar(
                mean, -row + 0.22 * (1 - distance), xerr=[[mean - least], [most - mean]],
                marker=MARKERS[distance], color=PALETTE[distance], capsize=2, ms=6,
                elinewidth=0.9, mfc=PALETTE[distance] if distance == 0 else "white",
            )  # fmt: skip
        left = -0.25 + 0.45 * distance
        inset = axis.inset_axes((left, 1.03, 0.1, 0.16))
        corner = (2 + distance, 2 - distance, 2, 2)
        heat(inset, F.pad(digit, corner)[0].numpy(), cmap="gray_r")
        inset.set(xticks=[], yticks=[])
        axis.text(
            left + 0.115, 1.1, text["moved"].format(distance), transform=axis.transAxes,
            va="center", fontsize=9.5, color=PALETTE[distance],
        )  # fmt: skip
        axis.plot(
            left - 0.035, 1.1, MARKERS[distance], transform=axis.transAxes, clip_on=False,
            color=PALETTE[distance], ms=6, mfc=PALETTE[distance] if distance == 0 else "white",
        )  # fmt: skip
    for row in range(len(KINDS) - 1):
        axis.axhline(-row - 0.5, color="0.9", lw=0.6)
    axis.axvline(0.1, color="0.5", lw=0.8, ls=":")
    axis.set_yticks([-row for row in range(len(KINDS))], [text[kind] for kind in KINDS], fontsize=9)
    axis.set(xlabel=text["accuracy"], xlim=(0, 1.02), ylim=(-len(KINDS) + 0.5, 0.5))
    return figure
