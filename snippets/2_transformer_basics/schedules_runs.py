"""Many small runs at once, for the chapter `schedules`' experiment."""

import torch
import torch.nn.functional as F
from torch import Tensor

from schedules import share
from wode.data import digits_tensors

TRAIN, TEST = digits_tensors(train=True), digits_tensors(train=False)


def digits(
    rates: list[float],
    seeds: int,
    *,
    adam: bool = False,
    shape: str = "constant",
    warmup: int = 0,
    batch: int = 8,
    steps: int = 900,
    clip: float | None = None,
    spike: int | None = None,
    beta2: float = 0.999,
) -> dict[str, list]:
    """Two layers on the digits, every rate and seed at once; losses and accuracies (rates, seeds).

    At step ``spike`` the pixels are 0 … 255 instead of 0 … 1. ``batch`` 0 is all pictures.
    """
    lr = torch.tensor(rates).repeat_interleave(seeds)[:, None, None]  # (R, 1, 1)
    weights: list[list[Tensor]] = []
    for seed in range(seeds):
        generator = torch.Generator().manual_seed(seed)
        draw = [torch.rand(n, m, generator=generator) for n, m in ((65, 32), (33, 10))]
        weights.append([(2 * w - 1) / (len(w) - 1) ** 0.5 for w in draw])
    params = [torch.stack([w[k] for w in weights] * len(rates)).requires_grad_() for k in (0, 1)]
    means, squares = ([torch.zeros_like(p) for p in params] for _ in range(2))
    order = torch.Generator().manual_seed(100)

    def logits(x: Tensor) -> Tensor:  # (R, B, 64) → (R, B, 10)
        for k, p in enumerate(params):
            x = x.relu() if k else x
            x = torch.baddbmm(p[:, -1:], x, p[:, :-1])
        return x

    def losses(x: Tensor, y: Tensor) -> Tensor:  # (R,)
        found = logits(x)
        each = F.cross_entropy(found.flatten(0, 1), y.flatten(), reduction="none")
        return each.view(len(found), -1).mean(dim=1)

    everything = [part.flatten(1).expand(len(lr), -1, -1) for part in (TRAIN[0], TEST[0])]
    curve = []
    for t in range(steps):
        if batch:  # each seed its own pictures, the same at every rate
            rows = torch.randint(len(TRAIN[1]), (seeds, batch), generator=order).repeat(
                len(rates), 1
            )
            x, y = TRAIN[0][rows].flatten(2), TRAIN[1][rows]
        else:
            x, y = everything[0], TRAIN[1].expand(len(lr), -1)
        loss = losses(255 * x if t == spike else x, y)
        gradients = torch.autograd.grad(loss.sum(), params)
        squared = torch.stack([g.square().sum(dim=(1, 2)) for g in gradients])  # (2, R)
        norm = squared.sum(dim=0).sqrt()[:, None, None]
        rate = lr * share(t, steps, warmup, shape)
        with torch.no_grad():
            for p, g, m, v in zip(params, gradients, means, squares, strict=True):
                g = g if clip is None else g * (clip / (norm + 1e-6)).clamp(max=1)
                if adam:
                    m.lerp_(g, 0.1)
                    v.lerp_(g * g, 1 - beta2)
                    g = (m / (1 - 0.9 ** (t + 1))) / ((v / (1 - beta2 ** (t + 1))).sqrt() + 1e-8)
                p -= rate * g
        if t % 20 == 19:
            with torch.no_grad():
                curve.append(losses(everything[0], TRAIN[1].expand(len(lr), -1)))
    with torch.no_grad():
        right = (logits(everything[1]).argmax(dim=-1) == TEST[1]).float().mean(dim=1)
    table = torch.stack(curve).nan_to_num(1e9).view(-1, len(rates), seeds)
    return {
        "loss": table[-1].tolist(),
        "right": right.view(len(rates), seeds).tolist(),
        "curve": table.tolist(),
    }
