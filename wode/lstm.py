"""The LSTM: a recurrent network whose memory is added to, and multiplied only by its forget gate.

*Long Short-Term Memory* (Hochreiter and Schmidhuber, Neural Computation 9, 1997), with the forget
gate of Gers et al. (2000), as ``nn.LSTM`` has it: the state is h_t, which is shown, and c_t, which
is kept. `lstm_step` is one token, `lstm` a sequence, `LSTM` layers of it. Sequences (B, T, d) may
be padded anywhere: where ``attention_mask`` (B, T) is false nothing is read.
"""

import torch
from torch import Tensor, nn

from wode.padding import hide_padding
from wode.sequence import check_sequence, check_shape

State = tuple[Tensor, Tensor]  # h and c


def lstm_step(x: Tensor, h: Tensor, c: Tensor, weight_hh: Tensor) -> State:
    """One token: from h_{t-1} and c_{t-1}, (..., h) each, to h_t and c_t.

    Args:
        x: (..., 4h), W_ih x_t + b, the token's share of the gates i, f, g, o. It waits for nothing
            and is computed for all tokens at once.
        weight_hh: (4h, h).
    """
    i, f, g, o = (x + h @ weight_hh.T).chunk(4, dim=-1)  # (..., h) each
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()  # forget some, write some
    return o.sigmoid() * c.tanh(), c  # show some


def lstm(
    x: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias: Tensor | None = None,
    attention_mask: Tensor | None = None,
    state: State | None = None,
    reverse: bool = False,
) -> tuple[Tensor, State]:
    """Step by step from left to right, or from each sequence's own end to the left.

    Args:
        x: (B, T, d).
        weight_ih: (4h, d), rows i, f, g, o; so are weight_hh (4h, h) and bias (4h,).
        attention_mask: (B, T), true at real tokens; over padding the state is carried unchanged.
        state: h_0 and c_0, (B, h) each; zeros if left out.

    Returns:
        The h of all tokens, (B, T, h), zero at padding; and the last real token's h and c.
    """
    real = check_sequence(x, weight_ih.shape[1], attention_mask)
    zeros = x.new_zeros(len(x), weight_hh.shape[1])
    h, c = (zeros, zeros) if state is None else state  # (B, h) each
    for name, start in (("h_0", h), ("c_0", c)):
        check_shape(f"{name} (B, h) =", start, tuple(zeros.shape))
    projected = nn.functional.linear(hide_padding(x, real), weight_ih, bias)
    padded = None if real is None or real.all() else ~real
    steps = list(enumerate(projected.unbind(dim=1)))
    outputs = [zeros] * len(steps)
    for t, x_t in reversed(steps) if reverse else steps:  # each step waits for the one before
        h_t, c_t = lstm_step(x_t, h, c, weight_hh)
        if padded is None:
            outputs[t], h, c = h_t, h_t, c_t
        else:
            over = padded[:, t, None]  # (B, 1)
            outputs[t] = h_t.masked_fill(over, 0.0)
            h, c = torch.where(over, h, h_t), torch.where(over, c, c_t)
    return torch.stack(outputs, dim=1), (h, c)


class LSTM(nn.Module):
    """Layers of `lstm`, equal to ``nn.LSTM(..., batch_first=True)`` with the same state dict.

    A layer reads what the one below shows. ``bidirectional``: each layer has a second `lstm` that
    reads from the end, and the two are put side by side.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        bidirectional: bool = False,
    ) -> None:
        super().__init__()
        if min(input_size, hidden_size, num_layers) < 1:
            raise ValueError(
                "expected input_size, hidden_size and num_layers ≥ 1, got "
                f"{input_size}, {hidden_size} and {num_layers}"
            )
        self.hidden_size, self.bias = hidden_size, bias
        ways = ("", "_reverse") if bidirectional else ("",)
        self.layers = [[f"_l{number}{way}" for way in ways] for number in range(num_layers)]
        for number, layer in enumerate(self.layers):
            size = len(layer) * hidden_size if number else input_size
            shapes: dict[str, tuple[int, ...]] = {"weight_ih": (size,), "weight_hh": (hidden_size,)}
            if bias:
                shapes |= {"bias_ih": (), "bias_hh": ()}
            for suffix in layer:
                for name, shape in shapes.items():
                    weight = torch.empty(4 * hidden_size, *shape)
                    nn.init.uniform_(weight, -(hidden_size**-0.5), hidden_size**-0.5)
                    self.register_parameter(name + suffix, nn.Parameter(weight))

    def weights(self, suffix: str) -> tuple[Tensor, Tensor, Tensor | None]:
        """weight_ih, weight_hh and the bias, which torch keeps as a sum of two."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")[: 4 if self.bias else 2]
        ih, hh, *biases = (self.get_parameter(name + suffix) for name in names)
        return ih, hh, biases[0] + biases[1] if biases else None

    def forward(
        self, x: Tensor, attention_mask: Tensor | None = None, state: State | None = None
    ) -> tuple[Tensor, State]:
        """Read sequences (B, T, d).

        Returns:
            The last layer's h, (B, T, directions · h), zero at padding; and the last h and c of
            each layer and direction, (layers · directions, B, h) each. ``state``, what they begin
            with, is like them.
        """
        expected = (sum(map(len, self.layers)), len(x), self.hidden_size)
        for name, start in zip(("h_0", "c_0"), state or (None, None), strict=True):
            check_shape(f"{name} (layers · directions, B, h) =", start, expected)
        last = list[State]()
        for layer in self.layers:
            shown = []
            for suffix in layer:
                start = None if state is None else (state[0][len(last)], state[1][len(last)])
                output, end = lstm(
                    x,
                    *self.weights(suffix),
                    attention_mask,
                    start,
                    reverse=suffix.endswith("_reverse"),
                )
                shown.append(output)
                last.append(end)
            x = torch.cat(shown, dim=-1)  # what the next layer reads
        h, c = (torch.stack(part) for part in zip(*last, strict=True))
        return x, (h, c)
