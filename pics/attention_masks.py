"""Five masks, drawn by the functions themselves."""

import torch
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from wode.attention import causal_mask, padding_mask, prefix_mask, window_mask
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("不遮", "填充", "因果", "前缀 3", "窗口 3", "查询", "键"),
    "en": ("no mask", "padding", "causal", "prefix of 3", "window of 3", "query", "key"),
}
SIZE = 7


def draw(lang: str) -> Figure:
    *titles, query, key = TEXT[lang]
    real = torch.arange(SIZE) < 5
    masks = [
        torch.ones(SIZE, SIZE, dtype=torch.bool),
        padding_mask(real[None])[0, 0].expand(SIZE, SIZE),
        causal_mask(SIZE),
        prefix_mask(SIZE, 3),
        window_mask(SIZE, 3),
    ]
    figure, panels = new_figure(5.6, 1.75, ncols=5, lang=lang)
    for axes, mask, title in zip(panels, masks, titles, strict=True):
        colours = ListedColormap(["#e4e4e4", PALETTE[0]])
        axes.pcolormesh(mask.numpy(), cmap=colours, vmin=0, vmax=1, edgecolor="white", linewidth=1)
        axes.invert_yaxis()
        axes.set_aspect("equal")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_title(title)
        axes.spines[:].set_visible(False)
        axes.set_xlabel(f"{key} →")
    panels[0].set_ylabel(f"← {query}")
    return figure
