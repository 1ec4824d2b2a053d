"""T5's buckets: which distances share a number, in the encoder and in the decoder."""

import torch
from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure
from wode.t5 import bucket

TEXT = {
    "zh": ("编码器：看两边", "解码器：看左边", "键的位置 − 查询的位置", "桶"),
    "en": ("encoder: both ways", "decoder: to the left", "the key's place − the query's", "bucket"),
}


def draw(lang: str) -> Figure:
    *titles, across, up = TEXT[lang]
    figure, panels = new_figure(5.6, 2.5, ncols=2, lang=lang, sharey=True)
    for axes, title, both, color in zip(panels, titles, (True, False), PALETTE[:2], strict=True):
        distance = torch.arange(-160, 161) if both else torch.arange(-160, 1)
        place = bucket(distance, both)
        for side in (distance <= 0, distance > 0):
            axes.step(distance[side], place[side], where="mid", color=color, linewidth=1.6)
        axes.set_title(title, fontsize=10)
        axes.grid(visible=True)
        axes.set_xticks([-128, -64, 0, 64, 128] if both else [-128, -64, -16, 0])
    panels[0].set_ylabel(up)
    panels[0].set_yticks([0, 8, 16, 24, 31])
    figure.supxlabel(across, fontsize=9)
    return figure
