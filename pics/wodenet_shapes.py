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
        "shape": "形状\n通道 × 高 × 宽",
        "part": "部件",
        "parameters": "参数个数",
    },
    "en": {
        "mean": "mean",
        "shape": "shape: channels\n× height × width",
        "part": "part",
        "parameters": "parameters",
    },
}
ROW = 0.62  # from one box down to the next


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    stages = trace(WodeNet(), torch.zeros(2, 1, 8, 8))
    figure, axes = new_figure(5.6, 4.0, lang=lang)
    axes.set(xlim=(-0.4, 5.3), ylim=(-6 * ROW - 0.35, 0.95), aspect="equal")
    axes.axis("off")
    axes.text(1.3, 0.65, text["shape"], ha="center", va="center", color=PALETTE[0], linespacing=1.4)
    axes.text(3.1, 0.65, text["part"], ha="center", va="center")
    axes.text(5.2, 0.65, text["parameters"], ha="right", va="center", color=PALETTE[1])
    for number, (name, parameters, shape) in enumerate(stages):
        y = -number * ROW
        _stack(axes, y, shape)
        label = " × ".join(str(size) for size in shape)
        axes.text(1.3, y, label, ha="center", va="center", color=PALETTE[0])
        if number:  # the part stands between its input and its output
            ends = ((2.2, y + 0.85 * ROW), (2.2, y + 0.15 * ROW))
            arrow = FancyArrowPatch(*ends, arrowstyle="-|>", mutation_scale=9, color="0.3")
            axes.add_patch(arrow)
            middle = y + ROW / 2
            axes.text(3.1, middle, text.get(name, name), ha="center", va="center")
            colour = PALETTE[1] if parameters else "0.45"
            axes.text(5.2, middle, f"{parameters:,}", ha="right", va="center", color=colour)
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


def _stack(axes: Axes, y: float, shape: tuple[int, ...]) -> None:
    """Sheets, one behind the other: side for height and width, number of sheets for channels."""
    side = 0.06 * (shape[1] if len(shape) == 3 else 1)
    sheets = 1 + math.ceil(math.log2(shape[0]) / 2)
    shift = 0.03
    for sheet in reversed(range(sheets)):
        offset = shift * (sheet - (sheets - 1) / 2)
        corner = (offset - side / 2, y + offset - side / 2)
        axes.add_patch(Rectangle(corner, side, side, fc="white", ec="none"))
        axes.add_patch(Rectangle(corner, side, side, fc=PALETTE[0], ec="none", alpha=0.3))
        axes.add_patch(Rectangle(corner, side, side, fc="none", ec=PALETTE[0], lw=0.7))
