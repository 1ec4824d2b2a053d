"""The loss around a model's weights: along a line, over a plane.

Weights are a point; a direction is what is added to them. Both are tensors by name. For any model,
and any loss that is a function of it.

Filter-normalised directions: Li et al., *Visualizing the Loss Landscape of Neural Nets*
(arXiv:1712.09913). The line from the start to the fine-tuned weights, and the plane that another
task's direction spans with it: Hao et al., *Visualizing and Understanding the Effectiveness of
BERT* (arXiv:1908.05620).
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn

from wode.decoding import evaluating

Weights = Mapping[str, Tensor]  # by name
Loss = Callable[[nn.Module], float | Tensor]  # one number, or several: (K,)


def weights_of(model: nn.Module) -> dict[str, Tensor]:
    """A copy of a model's parameters, by name."""
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def difference(end: Weights, start: Weights) -> dict[str, Tensor]:
    """The direction that leads from ``start`` to ``end`` in one step."""
    return {name: end[name] - start[name] for name in start}


def flat(weights: Weights) -> Tensor:
    """All of them as one long vector: (P,)."""
    return torch.cat([part.flatten() for part in weights.values()])


def length(direction: Weights) -> float:
    """Its Euclidean norm over all parameters."""
    return float(flat(direction).norm())


def random_direction(weights: Weights, generator: torch.Generator) -> dict[str, Tensor]:
    """A random direction in which each filter is as long as the weights' own."""
    direction = {}
    for name, weight in weights.items():
        if weight.dim() < 2:  # biases, weights of norms
            direction[name] = torch.zeros_like(weight)
            continue
        d = torch.randn(weight.shape, generator=generator).to(weight)
        filters = (-1, *(1 for _ in weight.shape[1:]))
        long, wanted = d.flatten(1).norm(dim=1), weight.flatten(1).norm(dim=1)  # (filters,)
        direction[name] = d * (wanted / (long + 1e-10)).view(filters)
    return direction


# ---------------------------------------------------------------- the loss


def line(model: nn.Module, loss: Loss, direction: Weights, steps: Sequence[float]) -> Tensor:
    """The loss at w + a · direction for each a of ``steps``: (S,), or (S, K) as in `surface`."""
    nowhere = {name: torch.zeros((), device=d.device) for name, d in direction.items()}
    return surface(model, loss, direction, nowhere, steps, [0.0])[0]


def surface(
    model: nn.Module,
    loss: Loss,
    first: Weights,
    second: Weights,
    steps: Sequence[float],
    others: Sequence[float] | None = None,
) -> Tensor:
    """The loss at w + a · first + b · second: a row for each b of ``others``, (O, S).

    ``loss`` is asked in evaluation mode, without gradients; K numbers of it make (O, S, K).
    Without ``others`` b takes the values of a. The model is left as it was, its buffers too.
    """
    others = steps if others is None else others
    same_parameters(dict(model.named_parameters()), first, second)
    if not (len(steps) and len(others)):
        raise ValueError("expected at least one step along each direction, got none")
    found = []
    with evaluating(model), restored(model) as own:
        for b in others:
            for a in steps:
                for name, parameter in model.named_parameters():
                    parameter.copy_(own[name] + a * first[name] + b * second[name])
                found.append(torch.as_tensor(loss(model)).cpu())
    found = torch.stack(found)  # (O · S,) or (O · S, K)
    return found.view(len(others), len(steps), *found.shape[1:])


def same_parameters(own: Weights, *directions: Weights) -> None:
    """Raise a ValueError if a direction is not one of these parameters, by name and shape."""
    for direction in directions:
        if own.keys() != direction.keys():
            odd = sorted(own.keys() ^ direction.keys())
            raise ValueError(f"expected a direction for each parameter, got others: {odd[:4]}")
        for name, part in direction.items():
            if part.dim() and part.shape != own[name].shape:  # a single number is a part of `line`
                wanted, came = tuple(own[name].shape), tuple(part.shape)
                raise ValueError(f"expected a direction of shape {wanted} for {name}, got {came}")


@contextlib.contextmanager
def restored(model: nn.Module) -> Iterator[Weights]:
    """Copies of the parameters and buffers, which the model has again after the block."""
    tensors = dict((*model.named_parameters(), *model.named_buffers()))
    own = {name: tensor.detach().clone() for name, tensor in tensors.items()}
    try:
        yield own
    finally:
        with torch.no_grad():
            for name, tensor in tensors.items():
                tensor.copy_(own[name])


# ---------------------------------------------------------------- the path of training


def fit(
    model: nn.Module,
    loss: Callable[[nn.Module], Tensor],
    under: float = 0.05,
    rate: float = 3e-3,
    steps: int = 3000,
) -> list[dict[str, Tensor]]:
    """Adam until ``loss`` is at most ``under``: the weights at first and after each step.

    Raises:
        RuntimeError: the loss is still above ``under`` after so many steps.
    """
    optimizer = torch.optim.Adam(model.parameters(), rate)
    path = [weights_of(model)]
    while (now := loss(model)) > under:
        if len(path) > steps:
            raise RuntimeError(f"expected a loss of {under} in {steps} steps, got {now:.3g}")
        optimizer.zero_grad()
        now.backward()
        optimizer.step()
        path.append(weights_of(model))
    return path


# ---------------------------------------------------------------- places in a plane


def coordinates(
    path: Sequence[Weights], origin: Weights, first: Weights, second: Weights
) -> Tensor:
    """Where weights lie in the plane: a and b of the nearest point to each, (N, 2).

    The least-squares solution, so that directions need not be at right angles.
    """
    axes = torch.stack([flat(first), flat(second)]).double()  # (2, P)
    if torch.linalg.matrix_rank(axes @ axes.T) < 2:
        raise ValueError("expected two directions that span a plane, got parallel ones, or none")
    moved = (flat(difference(weights, origin)).double() for weights in path)
    sides = torch.stack([axes @ way for way in moved])  # (N, 2)
    return torch.linalg.solve(axes @ axes.T, sides.T).T
