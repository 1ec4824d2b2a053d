"""Transformer-XL: what was read before is kept as a memory, and places are counted from each other.

*Transformer-XL: Attentive Language Models Beyond a Fixed-Length Context* (Dai et al.,
arXiv:1901.02860). A text is read segment by segment; each layer also reads what the layer below
gave for the segments before, without a gradient. Two segments must not both begin at place 0: so
scores know the distance of two tokens and nothing of where they stand.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Config:
    """A Transformer-XL's sizes. ``mem_len``: how many tokens a memory holds, None: all."""

    vocab_size: int = 267735
    d_model: int = 410
    n_layer: int = 16
    n_head: int = 10
    d_inner: int = 2100
    dropout: float = 0.1
    layer_norm_eps: float = 1e-5
    mem_len: int | None = 150

    def __post_init__(self) -> None:
        if self.d_model % self.n_head or self.d_model % 2:
            raise ValueError(
                "expected d_model even and a multiple of n_head, got "
                f"{self.d_model} and {self.n_head}"
            )


# ---------------------------------------------------------------- attention


def distances(first: int, last: int, size: int) -> Tensor:
    """R: sines, then cosines, of the distances ``first`` … ``last``: (distances, size)."""
    frequency = 10_000.0 ** (-torch.arange(0, size, 2) / size)  # (E / 2,)
    angle = torch.arange(first, last + 1)[:, None] * frequency
    return torch.cat([angle.sin(), angle.cos()], dim=-1)


class Pairs(NamedTuple):
    """What those who ask (M of a row) must know of those who are read (K): B rows each."""

    far: Tensor  # (2K, E), `distances` from -K to K - 1
    distance: Tensor  # (B, M, K), i - j
    visible: Tensor  # (B, M, K), may it be seen?
    other_text: Tensor | None = None  # (B, M, K), is it of another text? XLNet asks it

    def of(self, places: Tensor) -> "Pairs":
        """Those of which the places (B, M) ask, out of one for each place of the text."""
        rows = places[:, :, None].expand(-1, -1, self.visible.shape[2])
        other = None if self.other_text is None else self.other_text.gather(1, rows)
        return Pairs(self.far, self.distance.gather(1, rows), self.visible.gather(1, rows), other)


class RelativeAttention(nn.Module):
    """Multi-head attention by what stands there and how far away it is, with residual and norm.

    The score of query i and key j is the sum of four (section 3.3): the query's content with the
    key's content (a) and with the distance i - j (b), and the same two without the query: some
    contents (c, by u) and some distances (d, by v) matter whoever asks.
    """

    def __init__(
        self, size: int, heads: int, dropout: float, eps: float, of_weights: float = 0.0
    ) -> None:
        """``of_weights``: dropout of the attention's weights, which XLNet has."""
        super().__init__()
        head, self.of_weights = size // heads, of_weights
        matrices = (nn.Parameter(torch.empty(size, heads, head)) for _ in range(5))
        self.q, self.k, self.v, self.o, self.r = matrices
        biases = (nn.Parameter(torch.empty(heads, head)) for _ in range(2))
        self.r_w_bias, self.r_r_bias = biases  # the paper's u and v
        self.layer_norm = nn.LayerNorm(size, eps)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, read: Tensor, pairs: Pairs) -> Tensor:
        """``x`` (B, M, E) asks, ``read`` (B, K, E), the memory and the text, is read."""
        query, key, value = (
            torch.einsum("bte,ehd->bhtd", part, weight)
            for part, weight in ((x, self.q), (read, self.k), (read, self.v))
        )
        bias = self.apart(query, pairs) / math.sqrt(query.shape[3])
        bias = bias.masked_fill(~pairs.visible[:, None], -torch.inf)
        # a + c is the kernel's own product
        query, drop = query + self.r_w_bias[:, None], self.of_weights if self.training else 0.0
        heads = F.scaled_dot_product_attention(query, key, value, bias, drop)
        y = torch.einsum("bhmd,ehd->bme", heads, self.o)
        return self.layer_norm(x + self.dropout(y))

    def apart(self, query: Tensor, pairs: Pairs) -> Tensor:
        """b + d: what each distance counts, (B, h, M, K)."""
        every = (query + self.r_r_bias[:, None]) @ torch.einsum("re,ehd->hdr", pairs.far, self.r)
        index = pairs.distance + len(pairs.far) // 2  # far begins at -K
        return every.gather(3, index[:, None].expand(-1, query.shape[1], -1, -1))


# ---------------------------------------------------------------- the model


class FeedForward(nn.Module):
    """LayerNorm(x + FFN(x)), each position by itself."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.layer_1 = nn.Linear(config.d_model, config.d_inner)
        self.layer_2 = nn.Linear(config.d_inner, config.d_model)
        self.layer_norm = nn.LayerNorm(config.d_model, config.layer_norm_eps)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        y = self.layer_2(self.dropout(F.relu(self.layer_1(x))))
        return self.layer_norm(x + self.dropout(y))  # (B, T, E)


class Layer(nn.Module):
    """Relative attention and a feed-forward network."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.rel_attn = RelativeAttention(
            config.d_model, config.n_head, config.dropout, config.layer_norm_eps
        )
        self.ff = FeedForward(config)

    def forward(self, x: Tensor, read: Tensor, pairs: Pairs) -> Tensor:
        return self.ff(self.rel_attn(x, read, pairs))


def read_on(
    layers: Iterable[nn.Module],
    x: Tensor,
    memory: Sequence[Tensor] | None,
    pairs: Pairs,
    mem_len: int | None,
) -> tuple[Tensor, list[Tensor]]:
    """Layer after layer, a segment ``x`` (B, T, E) and what each layer remembers before it.

    Returns the last layer's states (B, T, E) and what the layers are to remember, (B, S, E) each.
    """
    kept = list[Tensor]()
    for n, layer in enumerate(layers):
        read = torch.cat([memory[n], x], dim=1) if memory else x  # (B, S + T, E)
        first = 0 if mem_len is None else max(0, read.shape[1] - mem_len)
        kept.append(read[:, first:].detach())  # no gradient goes back into it
        x = layer(x, read, pairs)
    return x, kept


class TransformerXL(nn.Module):
    """A language model that reads segment after segment.

    The words' scores come from the embedding matrix, transposed. (The paper's large vocabularies
    also have an adaptive softmax, which is another subject.)
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.word_embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.layer = nn.ModuleList([Layer(config) for _ in range(config.n_layer)])
        self.dropout = nn.Dropout(config.dropout)
        self.apply(initialise)

    def forward(
        self, input_ids: Tensor, memory: Sequence[Tensor] | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """Read a segment (B, T) after a ``memory``, an earlier call's.

        Returns:
            Logits (B, T, vocabulary), and the memory for the next segment: the layers' inputs, the
            last ``mem_len`` of each, (B, S, E), without a gradient.

        Raises:
            ValueError: a memory of another batch or number of layers.
        """
        B, T = input_ids.shape
        check(memory, len(self.layer), B, self.config.d_model)
        S = memory[0].shape[1] if memory else 0
        far = distances(-(S + T), S + T - 1, self.config.d_model).to(self.word_embedding.weight)
        places = torch.arange(S + T, device=input_ids.device)
        distance = (places[S:, None] - places).expand(B, T, S + T)
        pairs = Pairs(self.dropout(far), distance, distance >= 0)  # nobody reads what is to come
        x = self.dropout(self.word_embedding(input_ids))  # (B, T, E)
        x, kept = read_on(self.layer, x, memory, pairs, self.config.mem_len)
        return F.linear(self.dropout(x), self.word_embedding.weight), kept


def check(memory: Sequence[Tensor] | None, layers: int, rows: int, size: int) -> None:
    """A memory must be of this model and this batch."""
    if memory is not None and [len(memory), *memory[0].shape[::2]] != [layers, rows, size]:
        raise ValueError(
            f"expected a memory of {layers} × ({rows}, S, {size}), got "
            f"{len(memory)} × {tuple(memory[0].shape)}"
        )


def initialise(module: nn.Module) -> None:
    """Normal with standard deviation 0.02, biases of linear layers zero."""
    if isinstance(module, nn.LayerNorm):
        return
    for name, parameter in module.named_parameters(recurse=False):
        nn.init.zeros_(parameter) if name == "bias" else nn.init.normal_(parameter, std=0.02)
