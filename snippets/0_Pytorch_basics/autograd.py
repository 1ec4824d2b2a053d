"""What the page `autograd` includes: the nudge, and an engine that works like torch's."""

import random

import torch


def nudge(f, x, h):
    """The slope of f at x from one side, and from two."""
    one_sided = (f(x + h) - f(x)) / h
    two_sided = (f(x + h) - f(x - h)) / (2 * h)
    return one_sided, two_sided


class Var:
    """A value, and the Vars it came from, each with what turns our gradient into its share."""

    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = value, parents, None

    def __add__(self, other):
        return Var(self.value + other.value, [(self, lambda g: g), (other, lambda g: g)])

    def __mul__(self, other):
        x, y = self.value, other.value
        return Var(x * y, [(self, lambda g: g * y), (other, lambda g: g * x)])

    def tanh(self):
        y = self.value.tanh()
        return Var(y, [(self, lambda g: g * (1 - y * y))])

    def sum(self):
        x = self.value
        return Var(x.sum(), [(self, lambda g: g.expand(x.shape))])

    def backward(self):
        pending = {self: torch.ones_like(self.value)}
        for node in reversed(in_order(self, [])):
            g = pending.pop(node)
            for parent, share in node.parents:
                gradient = share(g).sum_to_size(parent.value.shape)
                pending[parent] = pending.get(parent, 0) + gradient
            if not node.parents:
                node.grad = g if node.grad is None else node.grad + g


def in_order(node, done):
    """All Vars that node came from and node itself, each after those that it came from."""
    if node not in done:
        for parent, _ in node.parents:
            in_order(parent, done)
        done.append(node)
    return done


def random_program(seed, inputs, steps=12):
    """Twelve operations drawn by ``seed`` on inputs (all Var, or all tensors), then the sum."""
    rng = random.Random(seed)
    values = list(inputs)
    for _ in range(steps):
        left, right = rng.choice(values), rng.choice(values)
        operation = rng.choice(["add", "mul", "tanh"])
        if operation == "add":
            values.append(left + right)
        elif operation == "mul":
            values.append((left * right).tanh())
        else:
            values.append(left.tanh())
    return values[-1].sum()
