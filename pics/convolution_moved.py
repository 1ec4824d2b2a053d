"""Digits trained in the middle and moved by 0, 1, 2 pixels: who still reads them?"""

import torch.nn.functional as F
from matplotlib.figure import Figure

from wode.book import results
from wode.data import digits_tensors
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

KINDS = ["padded", "convolution", "wide_moved", "flattened", "unshared", "two_layers", "linear"]
TEXT = {
    "zh": {
        "moved": "移 {} 个像素",
        "accuracy": "测试准确率",
        "padded": "卷积，填充 4，取最大",
        "convolution": "卷积，取最大",
        "wide_moved": "两层线性，边移边学",
        "flattened": "卷积，不取最大",
        "unshared": "不共享，取最大",
        "two_layers": "两层线性",
        "linear": "一层线性",
    },
    "en": {
        "moved": "moved by {}",
        "accuracy": "test accuracy",
        "padded": "convolution, padding 4, largest",
        "convolution": "convolution, largest",
        "wide_moved": "two linear, trained on moved ones",
        "flattened": "convolution, no largest",
        "unshared": "not shared, largest",
        "two_layers": "two linear layers",
        "linear": "one linear layer",
    },
}


def draw(lang: str) -> Figure:
    text, kinds = TEXT[lang], results.read("convolution")["numbers"]["kinds"]
    figure, axis = new_figure(5.6, 4.3, lang=lang)
    for index, kind in enumerate(KINDS):
        found = kinds[kind]
        mean = found["mean"]
        low = [m - least for m, least in zip(mean, found["least"], strict=True)]
        high = [most - m for m, most in zip(mean, found["most"], strict=True)]
        places = [distance + (index - 3) * 0.025 for distance in range(3)]
        axis.errorbar(
            places, mean, yerr=[low, high], label=text[kind], marker=MARKERS[index % 6],
            ls=LINESTYLES[index % 6], color=PALETTE[index % 6] if index < 6 else "0.3",
            capsize=2, ms=5, lw=1.4, elinewidth=0.8, mfc="white" if index > 3 else None,
        )  # fmt: skip
    axis.axhline(0.1, color="0.6", lw=0.8, ls=":")
    axis.set(ylabel=text["accuracy"], ylim=(0, 1.38), xlim=(-0.25, 2.25))
    axis.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    axis.set_xticks(range(3), [text["moved"].format(distance) for distance in range(3)])
    digit = digits_tensors(train=False)[0][2]  # (1, 8, 8)
    for distance in range(3):
        corner = (2 + distance, 2 - distance, 2, 2)
        inset = axis.inset_axes((0.02 + 0.4 * distance, 0.75, 0.16, 0.23))
        inset.imshow(F.pad(digit, corner)[0].numpy(), cmap="gray", vmin=0, vmax=1)
        inset.set(xticks=[], yticks=[])
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure
