"""Convolution from scratch, twice, and WodeNet, the small network of part 0.

Shapes are PyTorch's: images are ``(B, C, H, W)``, a layer's weight is ``(O, C, kh, kw)``
with ``O`` output channels, and ``H'``, ``W'`` are an output's height and width.

Source: Dumoulin and Visin, *A guide to convolution arithmetic for deep learning*
(arXiv:1603.07285); the matrix product, known as im2col, is that of Chellapilla, Puri and
Simard, *High performance convolutional neural networks for document processing* (2006).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

#: One number for both directions, or (vertical, horizontal), as in ``F.conv2d``.
IntOrPair = int | tuple[int, int]


def conv_output_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """How many outputs a convolution has in one direction.

    ``(size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1``: the steps
    that the kernel can take before it would leave the padded input, and one for
    where it starts (Dumoulin and Visin, sections 2.4 and 5.1).

    Raises:
        ValueError: an argument is out of range, or the kernel does not fit once.
    """
    if min(kernel, stride, dilation) < 1 or padding < 0:
        raise ValueError(
            "expected kernel, stride, dilation >= 1 and padding >= 0, got "
            f"{kernel=}, {stride=}, {dilation=}, {padding=}"
        )
    padded = size + 2 * padding
    extent = dilation * (kernel - 1) + 1  # from the kernel's first cell to its last
    if extent > padded:
        raise ValueError(
            f"kernel larger than the padded input: kernel {kernel} "
            f"with dilation {dilation} covers {extent}, "
            f"the input has {size} + 2 * {padding} = {padded}"
        )
    return (padded - extent) // stride + 1


def as_pair(value: IntOrPair) -> tuple[int, int]:
    """One number as the same number in both directions."""
    return (value, value) if isinstance(value, int) else value


def correlate2d(
    image: Tensor,
    kernel: Tensor,
    stride: IntOrPair = 1,
    dilation: IntOrPair = 1,
) -> Tensor:
    """Slide one 2-D kernel over one channel: multiply cell by cell, add up, step on.

    Deep learning calls this convolution; in mathematics it is cross-correlation,
    since the kernel is not flipped.

    Args:
        image: (..., H, W).
        kernel: (kh, kw).

    Returns:
        (..., H', W'), sizes by ``conv_output_size`` without padding.
    """
    (kh, kw), (sh, sw), (dh, dw) = kernel.shape, as_pair(stride), as_pair(dilation)
    rows = conv_output_size(image.shape[-2], kh, sh, dilation=dh)
    columns = conv_output_size(image.shape[-1], kw, sw, dilation=dw)
    output = image.new_zeros(*image.shape[:-2], rows, columns)  # (..., H', W')
    for i in range(rows):
        for j in range(columns):
            down = slice(i * sh, i * sh + dh * (kh - 1) + 1, dh)
            right = slice(j * sw, j * sw + dw * (kw - 1) + 1, dw)
            window = image[..., down, right]  # (..., kh, kw)
            output[..., i, j] = (window * kernel).sum(dim=(-2, -1))
    return output


def check_shapes(input: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    """Raise ValueError, naming both shapes, unless input, weight and bias go together."""
    if input.ndim != 4 or weight.ndim != 4:
        raise ValueError(
            "expected input (B, C, H, W) and weight (O, C, kh, kw), "
            f"got input {tuple(input.shape)} and weight {tuple(weight.shape)}"
        )
    if input.shape[1] != weight.shape[1]:
        raise ValueError(
            f"channels differ: input {tuple(input.shape)} has {input.shape[1]}, "
            f"weight {tuple(weight.shape)} takes {weight.shape[1]}"
        )
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(
            f"expected bias ({weight.shape[0]},) for weight {tuple(weight.shape)}, "
            f"got {tuple(bias.shape)}"
        )


def conv2d_loops(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
) -> Tensor:
    """``F.conv2d`` in loops: a 2-D kernel for each pair of output and input channel.

    Args:
        input: (B, C, H, W).
        weight: (O, C, kh, kw), that is O × C kernels of kh × kw.
        bias: (O,).

    Returns:
        (B, O, H', W').

    Raises:
        ValueError: shapes that do not go together, or a kernel that does not fit.
    """
    check_shapes(input, weight, bias)
    ph, pw = as_pair(padding)
    padded = F.pad(input, (pw, pw, ph, ph))  # (B, C, H + 2 ph, W + 2 pw)
    maps = []
    for o in range(weight.shape[0]):
        total = correlate2d(padded[:, 0], weight[o, 0], stride, dilation)
        for c in range(1, weight.shape[1]):
            total = total + correlate2d(padded[:, c], weight[o, c], stride, dilation)
        maps.append(total if bias is None else total + bias[o])
    return torch.stack(maps, dim=1)  # (B, O, H', W')


def conv2d_unfold(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
) -> Tensor:
    """``F.conv2d`` as a matrix product: windows become columns, filters rows.

    Arguments, result and errors are those of ``conv2d_loops``. The price is memory:
    the columns hold each pixel up to kh × kw times.
    """
    check_shapes(input, weight, bias)
    (kh, kw), (sh, sw) = weight.shape[2:], as_pair(stride)
    (ph, pw), (dh, dw) = as_pair(padding), as_pair(dilation)
    rows = conv_output_size(input.shape[2], kh, sh, ph, dh)
    columns = conv_output_size(input.shape[3], kw, sw, pw, dw)
    # L = H' W' windows, each a column of C kh kw numbers
    windows = F.unfold(input, (kh, kw), (dh, dw), (ph, pw), (sh, sw))
    output = weight.flatten(start_dim=1) @ windows  # (B, O, L)
    if bias is not None:
        output = output + bias[:, None]
    return output.unflatten(2, (rows, columns))  # (B, O, H', W')


def conv_block(in_channels: int, out_channels: int) -> nn.Sequential:
    """3 × 3 convolution that keeps H and W, batch norm, ReLU.

    The convolution has no bias: batch norm would subtract it and adds one of its own.
    """
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )


class WodeNet(nn.Module):
    """A small convolutional network for small images, any H, W >= 8.

    Three blocks of width, 2 width and 4 width channels, a mean over the pixels, a
    linear layer. docs/assets/results/wodenet.json has its accuracy on digits.

    Args:
        in_channels: 1 for grey images, 3 for RGB.
        num_classes: number of logits.
        width: channels of the first block.
    """

    def __init__(self, in_channels: int = 1, num_classes: int = 10, width: int = 32) -> None:
        super().__init__()
        self.block1 = conv_block(in_channels, width)
        self.block2 = conv_block(width, 2 * width)
        self.pool = nn.MaxPool2d(2)
        self.block3 = conv_block(2 * width, 4 * width)
        self.classifier = nn.Linear(4 * width, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Logits (B, num_classes) of images (B, in_channels, H, W) with H, W >= 8.

        Raises:
            ValueError: images of another shape.
        """
        in_channels = self.block1[0].in_channels
        fits = images.ndim == 4 and images.shape[1] == in_channels
        if not fits or min(images.shape[2:]) < 8:
            raise ValueError(
                f"WodeNet: expected images (B, {in_channels}, H, W) with H, W >= 8, "
                f"got {tuple(images.shape)}"
            )
        x = self.block1(images)  # (B, width, H, W)
        x = self.block2(x)  # (B, 2 width, H, W)
        x = self.pool(x)  # (B, 2 width, H // 2, W // 2)
        x = self.block3(x)  # (B, 4 width, H // 2, W // 2)
        x = x.mean(dim=(2, 3))  # (B, 4 width), whatever H and W
        return self.classifier(x)  # (B, num_classes)
