"""Three ways to encode a sequence: each output from the last one, from neighbours, from everything.

    RNN        y_t = f(y_{t-1}, x_t)             `rnn_step`, `rnn`, `RNN`
    CNN        y_t = f(x_{t-1}, x_t, x_{t+1})    `cnn_step`, `cnn`, `CNN`
    attention  y_t = f(x_t, A, B)                `attention_step`, `attention`, `AttentionEncoder`

The three steps are written for one position; the whole-sequence functions apply them to all. A
sequence is (B, T, d), padded at its end where ``attention_mask`` (B, T) is false. Padding is never
read, and an output there is zero. `influence` measures which inputs each output sees.
"""

# ruff: noqa: N803 -- A and B are the matrices of the formula, by its names

from collections.abc import Callable

import torch
from torch import Tensor, nn

from wode.attention import scaled_dot_product
from wode.padding import hide_padding, real_tokens

Activation = Callable[[Tensor], Tensor]


# ---------------------------------------------------------------- one position


def rnn_step(
    y_previous: Tensor,
    x_t: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias: Tensor | None = None,
    activation: Activation = torch.tanh,
) -> Tensor:
    """y_t = tanh(W_ih x_t + W_hh y_{t-1} + b): (..., h), (..., d), (h, d), (h, h), (h,) → (..., h).

    Elman's network (Cognitive Science 14, 1990), as `nn.RNN` has it; its two biases are one here.
    """
    y_t = x_t @ weight_ih.T + y_previous @ weight_hh.T
    return activation(y_t if bias is None else y_t + bias)


def cnn_step(
    x_previous: Tensor, x_t: Tensor, x_next: Tensor, weight: Tensor, bias: Tensor | None = None
) -> Tensor:
    """y_t = W_0 x_{t-1} + W_1 x_t + W_2 x_{t+1} + b: three (..., d), (h, d, 3), (h,) → (..., h)."""
    check_shape("weight (h, d, 3) =", weight, (len(weight), x_t.shape[-1], 3))
    before, here, after = weight.unbind(dim=-1)  # (h, d) each
    y_t = x_previous @ before.T + x_t @ here.T + x_next @ after.T
    return y_t if bias is None else y_t + bias


def attention_step(x_t: Tensor, A: Tensor, B: Tensor, mask: Tensor | None = None) -> Tensor:
    """The mean of B's rows, weighted by how alike x_t and A's rows are.

    (..., d), (..., S, d), (..., S, v) → (..., v). ``mask`` (..., S): true where A may be seen.
    """
    mask = None if mask is None else mask[..., None, :]
    return attention(x_t[..., None, :], A, B, mask).squeeze(-2)


# ---------------------------------------------------------------- the whole sequence


def rnn(
    x: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias: Tensor | None = None,
    y_0: Tensor | None = None,
    attention_mask: Tensor | None = None,
    activation: Activation = torch.tanh,
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    """Step by step from left to right, or from each sequence's own end to the left.

    Args:
        x: (B, T, d).
        y_0: (B, h), the state before the first step; zeros if left out.
        attention_mask: (B, T), true at real tokens; over padding the state is carried unchanged.

    Returns:
        output: (B, T, h), zero at padding.
        state: (B, h), the last real step's.
    """
    real = check_sequence(x, weight_ih.shape[1], attention_mask)  # (B, T)
    check_shape("y_0 (B, h) =", y_0, (len(x), len(weight_hh)))
    x = hide_padding(x, real)  # a NaN would come back in the gradient
    y = x.new_zeros(len(x), len(weight_hh)) if y_0 is None else y_0  # (B, h)
    steps = range(x.shape[1])
    outputs = {}
    for t in reversed(steps) if reverse else steps:  # each step waits for the one before
        y_t = rnn_step(y, x[:, t], weight_ih, weight_hh, bias, activation)
        if real is None:
            y = outputs[t] = y_t
        else:
            here = real[:, t, None]  # (B, 1)
            y = torch.where(here, y_t, y)
            outputs[t] = torch.where(here, y_t, torch.zeros_like(y_t))
    return torch.stack([outputs[t] for t in steps], dim=1), y


def shift(x: Tensor, steps: int) -> Tensor:
    """Move a sequence (B, T, d) by ``steps`` to the right (to the left if negative); zeros come in.

    Position t of the result holds x_{t - steps}.
    """
    moved = torch.zeros_like(x)
    length = x.shape[1]
    if 0 <= steps < length:
        moved[:, steps:] = x[:, : length - steps]
    elif -length < steps < 0:
        moved[:, :steps] = x[:, -steps:]
    return moved


def cnn(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    attention_mask: Tensor | None = None,
    dilation: int = 1,
    causal: bool = False,
) -> Tensor:
    """All positions at once: (B, T, d), (h, d, 3) → (B, T, h).

    ``dilation``: neighbours stand this far away. ``causal``: the three are t - 2·dilation,
    t - dilation and t, so that no output sees its future.
    """
    real = check_sequence(x, weight.shape[1], attention_mask)  # (B, T)
    if dilation < 1:
        raise ValueError(f"expected dilation ≥ 1, got {dilation}")
    x = hide_padding(x, real)
    if causal:
        y = cnn_step(shift(x, 2 * dilation), shift(x, dilation), x, weight, bias)
    else:
        y = cnn_step(shift(x, dilation), x, shift(x, -dilation), weight, bias)
    return hide_padding(y, real)


def attention(x: Tensor, A: Tensor, B: Tensor, mask: Tensor | None = None) -> Tensor:
    """All positions at once: (B, T, d), (B, S, d), (B, S, v) → (B, T, v). ``mask``: (B|1, T|1, S).

    With A = B = x it is self-attention.
    """
    return scaled_dot_product(x, A, B, mask)[0]


def check_sequence(x: Tensor, size: int, attention_mask: Tensor | None) -> Tensor | None:
    """The mask as bool (B, T), if ``x`` is (B, T, size) and the mask is one of it."""
    if x.ndim != 3 or x.shape[1] == 0 or x.shape[2] != size:
        raise ValueError(f"expected x (B, T, {size}) with T ≥ 1, got {tuple(x.shape)}")
    return None if attention_mask is None else real_tokens(attention_mask, x)


def check_shape(name: str, tensor: Tensor | None, expected: tuple[int, ...]) -> None:
    if tensor is not None and tensor.shape != expected:
        raise ValueError(f"expected {name} {expected}, got {tuple(tensor.shape)}")


# ---------------------------------------------------------------- modules


class RNN(nn.Module):
    """One layer of `rnn`, equal to ``nn.RNN(..., batch_first=True)`` with the same state dict.

    ``bidirectional``: a second one of its own reads from the end; outputs are put side by side.

    Raises:
        ValueError: a nonlinearity other than "tanh" and "relu".
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        nonlinearity: str = "tanh",
        bias: bool = True,
        bidirectional: bool = False,
    ) -> None:
        super().__init__()
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f'expected nonlinearity "tanh" or "relu", got {nonlinearity!r}')
        self.activation = torch.tanh if nonlinearity == "tanh" else torch.relu
        self.directions = ("_l0", "_l0_reverse") if bidirectional else ("_l0",)
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (hidden_size, input_size),
            "weight_hh": (hidden_size, hidden_size),
        }
        if bias:
            shapes |= {"bias_ih": (hidden_size,), "bias_hh": (hidden_size,)}
        for direction in self.directions:
            for name, shape in shapes.items():
                weight = torch.empty(shape).uniform_(-(hidden_size**-0.5), hidden_size**-0.5)
                self.register_parameter(name + direction, nn.Parameter(weight))

    def forward(
        self, x: Tensor, y_0: Tensor | None = None, attention_mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """(B, T, d), y_0 (directions, B, h) → output (B, T, directions · h), state like y_0."""
        real = check_sequence(x, self.input_size, attention_mask)
        expected = (len(self.directions), len(x), self.hidden_size)
        check_shape("y_0 (directions, B, h) =", y_0, expected)
        outputs, states = [], []
        for k, direction in enumerate(self.directions):
            weights = [self.get_parameter(name + direction) for name in ("weight_ih", "weight_hh")]
            bias = None
            if self.bias:
                bias = self.get_parameter("bias_ih" + direction)
                bias = bias + self.get_parameter("bias_hh" + direction)
            start = None if y_0 is None else y_0[k]
            output, state = rnn(x, *weights, bias, start, real, self.activation, reverse=k == 1)
            outputs.append(output)
            states.append(state)
        return torch.cat(outputs, dim=-1), torch.stack(states)


class CNN(nn.Module):
    """Layers of `cnn` with ReLU between; ``dilations`` has one number per layer."""

    def __init__(self, size: int, dilations: tuple[int, ...] = (1,), causal: bool = False) -> None:
        super().__init__()
        if not isinstance(dilations, tuple):
            raise TypeError(f"expected a tuple of dilations, one per layer, got {dilations!r}")
        self.dilations, self.causal = dilations, causal
        self.layers = nn.ModuleList(nn.Conv1d(size, size, kernel_size=3) for _ in dilations)

    def forward(self, x: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """(B, T, d) → (B, T, d)."""
        for depth, (layer, dilation) in enumerate(zip(self.layers, self.dilations, strict=True)):
            x = x.relu() if depth else x
            weight, bias = layer.get_parameter("weight"), layer.get_parameter("bias")
            x = cnn(x, weight, bias, attention_mask, dilation, self.causal)
        return x


class AttentionEncoder(nn.Module):
    """`attention` with four linear maps, equal to ``nn.MultiheadAttention(size, 1)``."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.q_proj, self.k_proj = nn.Linear(size, size), nn.Linear(size, size)
        self.v_proj, self.out_proj = nn.Linear(size, size), nn.Linear(size, size)

    def forward(
        self, x: Tensor, memory: Tensor | None = None, mask: Tensor | None = None
    ) -> Tensor:
        """x (B, T, d) reads ``memory`` (B, S, d), itself if left out. ``mask``: (B|1, T|1, S)."""
        memory = x if memory is None else memory
        y = attention(self.q_proj(x), self.k_proj(memory), self.v_proj(memory), mask)
        return self.out_proj(y)


# ---------------------------------------------------------------- who sees whom


def receptive_field(dilations: tuple[int, ...], kernel_size: int = 3) -> int:
    """How many inputs an output of stacked convolutions depends on: 1 + Σ dilation · (k − 1)."""
    return 1 + sum(dilations) * (kernel_size - 1)


def graph_depth(y: Tensor) -> int:
    """The longest chain of operations, each needing the one before, from the leaves to ``y``."""
    if y.grad_fn is None:
        raise ValueError("expected a tensor that was computed from one that requires grad")
    depth: dict = {}
    stack = [y.grad_fn]
    while stack:
        before = [node for node, _ in stack[-1].next_functions if node is not None]
        waiting = [node for node in before if node not in depth]
        if waiting:
            stack.extend(waiting)
        else:
            depth[stack.pop()] = 1 + max((depth[node] for node in before), default=0)
    return depth[y.grad_fn]


def influence(encode: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """‖∂y_t/∂x_s‖, the Frobenius norm, for an encoder of (1, T, d) and x (T, d): (T, T)."""

    def outputs(x: Tensor) -> Tensor:
        y = encode(x[None])
        if not isinstance(y, Tensor) or y.shape[:-1] != (1, len(x)):
            came = tuple(y.shape) if isinstance(y, Tensor) else type(y).__name__
            raise TypeError(
                f"expected encode to return one tensor (1, {len(x)}, h), got {came}; "
                "for an RNN pass lambda x: model(x)[0]"
            )
        return y[0]

    jacobian = torch.autograd.functional.jacobian(outputs, x)  # (T, h, T, d)
    return torch.as_tensor(jacobian).norm(dim=(1, 3))
