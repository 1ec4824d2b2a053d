"""What the chapter `tensors` includes: broadcasting, and reverse-mode differentiation."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor


def broadcast_shape(*shapes: Sequence[int]) -> tuple[int, ...]:
    """The common shape of tensors of the given shapes: align right, stretch sizes of 1.

    Raises:
        ValueError: in some dimension two sizes differ and neither is 1.
    """
    ndim = max(map(len, shapes), default=0)
    padded = [(1,) * (ndim - len(shape)) + tuple(shape) for shape in shapes]
    result = []
    for sizes in zip(*padded, strict=True):
        wanted = {size for size in sizes if size != 1}
        if len(wanted) > 1:
            raise ValueError(f"shapes {shapes} do not broadcast: sizes {sizes} in one dimension")
        result.append(wanted.pop() if wanted else 1)
    return tuple(result)


class Var:
    """A value, with the Vars it came from, each beside the function that gives it its gradient."""

    def __init__(self, value: Tensor, parents: "Sequence[tuple[Var, Callable]]" = ()) -> None:
        self.value = value
        self.parents = parents
        self.grad: Tensor | None = None

    @property
    def shape(self) -> torch.Size:
        return self.value.shape

    def __add__(self, other: "Var") -> "Var":
        return Var(self.value + other.value, [(self, lambda g: g), (other, lambda g: g)])

    def __mul__(self, other: "Var") -> "Var":
        x, y = self.value, other.value
        return Var(x * y, [(self, lambda g: g * y), (other, lambda g: g * x)])

    def __matmul__(self, other: "Var") -> "Var":
        x, y = self.value, other.value
        return Var(x @ y, [(self, lambda g: g @ y.mT), (other, lambda g: x.mT @ g)])

    def tanh(self) -> "Var":
        y = self.value.tanh()
        return Var(y, [(self, lambda g: g * (1 - y * y))])

    def sum(self) -> "Var":
        return Var(self.value.sum(), [(self, lambda g: g.expand(self.shape))])

    def backward(self) -> None:
        """Add the derivative of this one number by every leaf to that leaf's ``grad``."""
        if self.value.numel() != 1:
            raise ValueError(f"backward starts from one number, not from shape {tuple(self.shape)}")
        pending = {self: torch.ones_like(self.value)}
        for node in reversed(topological_order(self)):
            gradient = pending.pop(node)
            for parent, vjp in node.parents:
                share = vjp(gradient).sum_to_size(parent.shape)
                pending[parent] = pending[parent] + share if parent in pending else share
            if not node.parents:
                node.grad = gradient if node.grad is None else node.grad + gradient


def topological_order(output: Var) -> list[Var]:
    """All Vars that ``output`` was computed from, each after the ones it was computed from."""
    order: list[Var] = []
    seen: set[Var] = set()

    def visit(node: Var) -> None:
        if node not in seen:
            seen.add(node)
            for parent, _ in node.parents:
                visit(parent)
            order.append(node)

    visit(output)
    return order


def random_program(seed: int, inputs: Sequence[Any], steps: int = 12) -> Any:
    """Apply ``steps`` operations drawn by ``seed`` to ``inputs`` (all Var, or all Tensor); sum up.

    Operands are drawn from everything computed so far, so most values are used several times.
    """
    rng = random.Random(seed)
    values = list(inputs)
    for _ in range(steps):
        left, right = rng.choice(values), rng.choice(values)
        operation = rng.choice(["add", "mul", "matmul", "tanh"])
        if operation == "add":
            values.append(left + right)
        elif operation == "mul":
            values.append((left * right).tanh())
        elif operation == "matmul" and left.shape == right.shape == (3, 3):
            values.append((left @ right).tanh())
        else:
            values.append(left.tanh())
    return values[-1].sum()
