"""What an index takes out of one digit, framed (results/tensors.json)."""

import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    image = torch.tensor(results.read("tensors")["numbers"]["figure"]["zero"])
    place = torch.arange(64).reshape(8, 8)
    taken = {
        "image[3]": place[3],
        "image[:, 3]": place[:, 3],
        "image[2:6, 1:4]": place[2:6, 1:4],
        "image[::2, ::2]": place[::2, ::2],
        "image[image > 8]": place[image > 8],
    }
    figure, panels = new_figure(5.6, 1.72, ncols=5, lang=lang)
    for axes, (name, cells) in zip(panels, taken.items(), strict=True):
        axes.pcolormesh(image.tolist(), cmap="gray_r", edgecolors="face", linewidth=0.2, alpha=0.55)
        for cell in cells.flatten().tolist():
            corner = cell % 8, cell // 8
            axes.add_patch(
                Rectangle(corner, 1, 1, facecolor="none", edgecolor=PALETTE[1], linewidth=1.5)
            )
        axes.set(xlim=(-0.1, 8.1), ylim=(8.1, -0.1), aspect="equal", xticks=[], yticks=[])
        axes.set_title(name.removeprefix("image"), fontsize=9.5, family="monospace")
        axes.set_xlabel(str(tuple(cells.shape)), fontsize=9.5)
    return figure
