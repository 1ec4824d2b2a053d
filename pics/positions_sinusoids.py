"""Positional encodings as a picture, and their dot products by distance."""

import numpy as np
from _maps import heat
from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure
from wode.transformer import positional_encoding

TEXT = {
    "zh": ("维", "位置 t", "距离", "点积"),
    "en": ("dimension", "position t", "distance", "dot product"),
}


def draw(lang: str) -> Figure:
    dimension, position, distance, product = TEXT[lang]
    encoding = np.round(positional_encoding(50, 64).numpy(), 2)  # (T, E)
    figure, (left, right) = new_figure(5.6, 2.9, ncols=2, lang=lang)
    heat(left, encoding, cmap="RdBu", vmin=-1, aspect="auto")
    left.set_xlabel(dimension)
    left.set_ylabel(position)
    offsets = np.arange(-24, 25)
    products = positional_encoding(50, 64).double().numpy()[24 + offsets] @ encoding[24]
    right.plot(offsets, np.round(products, 2), color=PALETTE[0])
    right.set_xlabel(distance)
    right.set_ylabel(product)
    right.grid(visible=True)
    return figure
