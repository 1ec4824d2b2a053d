"""WodeNet: the shapes between its parts and the parameters in them, recorded by forward hooks."""

import math

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle
from torch import Tensor, nn

from wode.plotting import PALETTE, new_figure
from wode.vision import WodeNet

TEXT = {
    "zh": {
        "mean": "求平均",
        "none": "0",
        "caption": "方块：形状（通道 × 高 × 宽）　箭头：部件与它的参数个数",
    },
    "en": {
        "mean": "mean",
        "none": "0",
        "caption": "boxes: shape (channels × height × width)    arrows: part and its parameters",
    },
}


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    stages = trace(WodeNet(), torch.zeros(2, 1, 8, 8))
    figure, axes = new_figure(6.4, 2.0, lang=lang)
    axes.set(xlim=(-0.62, 6.55), ylim=(-1.15, 0.95), aspect="equal")
    axes.axis("off")
    for number, (name, parameters, shape) in enumerate(stages):
        _stack(axes, number * 1.02, shape)
        label = " × ".join(str(size) for size in shape)
        axes.text(number * 1.02, -0.6, label, ha="center", va="center", fontsize=9)
        if number:
            middle = (number - 0.5) * 1.02
            arrow = FancyArrowPatch(
                (middle - 0.13, 0),
                (middle + 0.13, 0),
                arrowstyle="-|>",
                mutation_scale=9,
                color="0.3",
            )
            axes.add_patch(arrow)
            part = text.get(name, name)
            axes.text(middle, 0.75, part, ha="center", va="center", fontsize=9)
            axes.text(
                middle, 0.57, f"{parameters:,}", ha="center", va="center", fontsize=9,
                color=PALETTE[1] if parameters else "0.45",
            )  # fmt: skip
    axes.text(2.97, -1.0, text["caption"], ha="center", va="center", fontsize=9)
    return figure


def trace(network: WodeNet, images: Tensor) -> list[tuple[str, int, tuple[int, ...]]]:
    """(name, parameters, shape of one image's output) of the input and of each part, in order."""
    stages: list[tuple[str, int, tuple[int, ...]]] = [("input", 0, tuple(images.shape[1:]))]

    def record(name: str, module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if name == "classifier":  # the mean over the pixels is no module: see what arrives here
            stages.append(("mean", 0, tuple(inputs[0].shape[1:])))
        parameters = sum(p.numel() for p in module.parameters())
        stages.append((name, parameters, tuple(output.shape[1:])))

    for name, module in network.named_children():
        module.register_forward_hook(
            lambda module, inputs, output, name=name: record(name, module, inputs, output)
        )
    network(images)
    return stages


def _stack(axes: Axes, x: float, shape: tuple[int, ...]) -> None:
    """Sheets, one behind the other: side for height and width, number of sheets for channels."""
    side = 0.07 * (shape[1] if len(shape) == 3 else 1)
    sheets = 1 + math.ceil(math.log2(shape[0]) / 2)
    shift = 0.03
    for sheet in reversed(range(sheets)):
        offset = shift * (sheet - (sheets - 1) / 2)
        corner = (x - side / 2 + offset, -side / 2 + offset)
        axes.add_patch(Rectangle(corner, side, side, fc="white", ec="none"))
        axes.add_patch(Rectangle(corner, side, side, fc=PALETTE[0], ec="none", alpha=0.3))
        axes.add_patch(Rectangle(corner, side, side, fc="none", ec=PALETTE[0], lw=0.7))
