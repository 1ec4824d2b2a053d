"""What the chapter `learning-rate` includes; its experiment is snippets/labs/learning-rate.py."""

import torch
from torch import Tensor


def adamw(
    weight: Tensor, gradients: list, lr: float, decay: float = 0.01, betas: tuple = (0.9, 0.999)
) -> Tensor:
    """AdamW, written out: the weight after a step for each gradient."""
    (beta1, beta2), mean, square = betas, torch.zeros_like(weight), torch.zeros_like(weight)
    for t, gradient in enumerate(gradients, start=1):
        mean = beta1 * mean + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * gradient**2
        step = (mean / (1 - beta1**t)) / ((square / (1 - beta2**t)).sqrt() + 1e-8)
        weight = weight - lr * (step + decay * weight)
    return weight
