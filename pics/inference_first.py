"""A scanned digit and the network's ten probabilities (results/inference.json)."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    first = results.read("inference")["numbers"]["first"]
    figure, (left, right) = new_figure(5.6, 2.1, ncols=2, width_ratios=(1, 2), lang=lang)
    pixels = np.array(first["pixels"]).reshape(8, 8)
    heat(left, pixels, cmap="Greys", vmax=16)
    left.set_xticks([])
    left.set_yticks([])
    left.spines[["top", "right"]].set_visible(True)
    left.set_xlabel("测试图片，第 0 张" if zh else "test image 0")
    right.bar(range(10), first["probability"], color=PALETTE[0])
    right.set_xticks(range(10))
    right.set_ylim(0, 1)
    right.set_xlabel("答案" if zh else "answer")
    right.set_ylabel("概率" if zh else "probability")
    return figure
