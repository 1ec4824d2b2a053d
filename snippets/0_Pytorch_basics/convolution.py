"""What the chapter `convolution` includes: a filter learned by least squares."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from wode.data import digits_tensors

SOBEL = torch.tensor([[[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]]], dtype=torch.float64)


def fit_convolution(images: Tensor, targets: Tensor) -> Callable[[Tensor], Tensor]:
    """Least squares for one 3 × 3 kernel: each window of an image is an example."""
    windows = F.unfold(images, 3).transpose(1, 2).flatten(0, 1)  # (N · 36, 9)
    fit = torch.linalg.lstsq(windows, targets.flatten()[:, None], driver="gelsd")
    return lambda inputs: F.conv2d(inputs, fit.solution.reshape(1, 1, 3, 3))


def fit_linear(images: Tensor, targets: Tensor) -> Callable[[Tensor], Tensor]:
    """Least squares from all pixels to all outputs: an image is an example."""
    fit = torch.linalg.lstsq(images.flatten(1), targets.flatten(1), driver="gelsd")
    shape = targets.shape[1:]
    return lambda inputs: (inputs.flatten(1) @ fit.solution).unflatten(1, shape)


def held_out_error(
    fit: Callable[[Tensor, Tensor], Callable[[Tensor], Tensor]],
    count: int,
    seed: int,
    noise: float,
) -> float:
    """Squared error on test digits after ``count`` images; answering 0 gives 1."""
    generator = torch.Generator().manual_seed(seed)
    # float64: with few images the fit is nearly singular
    images = digits_tensors(train=True)[0].double()
    test = digits_tensors(train=False)[0].double()  # (360, 1, 8, 8)
    chosen = images[torch.randperm(len(images), generator=generator)[:count]]
    clean = F.conv2d(chosen, SOBEL)  # (count, 1, 6, 6)
    noisy = clean + noise * torch.randn(clean.shape, generator=generator).double()
    truth = F.conv2d(test, SOBEL)
    error = fit(chosen, noisy)(test) - truth
    return (error.square().mean() / truth.square().mean()).item()
