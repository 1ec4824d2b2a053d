"""What the chapter `convolution` includes: one channel in loops, many channels, a small network."""

import torch
from torch import nn


def one_channel(image, kernel):
    """Slide ``kernel`` over ``image``: multiply cell by cell, add up, step on."""
    height, width = kernel.shape
    rows, columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    output = torch.zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            window = image[i : i + height, j : j + width]
            output[i, j] = (window * kernel).sum()
    return output


def many_channels(image, weight, bias):
    """``image`` (C, H, W), ``weight`` (O, C, kh, kw), ``bias`` (O,): one kernel a pair (o, c)."""
    outputs = []
    for o in range(weight.shape[0]):
        total = bias[o]
        for c in range(weight.shape[1]):
            total = total + one_channel(image[c], weight[o, c])
        outputs.append(total)
    return torch.stack(outputs)  # (O, H', W')


def convolutional():
    """Digits on 12 × 12: 32 kernels of 5 × 5, the largest answer of each, ten scores."""
    return nn.Sequential(
        nn.Conv2d(1, 32, kernel_size=5, padding=4),  # (B, 32, 16, 16)
        nn.ReLU(),
        nn.MaxPool2d(16),  # (B, 32, 1, 1): the largest
        nn.Flatten(),  # (B, 32)
        nn.Linear(32, 10),
    )
