"""Eight digits of a batch side by side, their labels above."""

import torch
from _maps import heat
from matplotlib.figure import Figure
from torch.utils.data import DataLoader, TensorDataset

from wode.data import digits_tensors
from wode.plotting import new_figure


def draw(lang: str) -> Figure:
    """The last batch of the page's first loop."""
    data = TensorDataset(*digits_tensors(train=True))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        *_, (images, labels) = DataLoader(data, batch_size=256, shuffle=True)
    figure, axes = new_figure(5.6, 1.1, lang=lang)
    pixels = torch.cat([*images[:8, 0]], dim=1).numpy()
    heat(axes, pixels, cmap="Greys", vmax=float(pixels.max()))
    axes.set_title(labels[:8].tolist(), fontsize=10)
    axes.set_axis_off()
    return figure
