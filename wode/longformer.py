"""Longformer: each token sees its neighbours, a few tokens see all and are seen by all.

*Longformer: The Long-Document Transformer* (Beltagy et al., arXiv:2004.05150, section 3). The text
is cut into blocks of half a window; a block looks at itself and at the two beside it, so that time
and memory grow with the length and not with its square. Global tokens ([CLS], a question) ask with
projections of their own. All else is BERT; the names in the state dict are those of
``transformers``.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode import bert
from wode.bert import Embeddings, Output, initialise
from wode.padding import as_bool, real_tokens


@dataclass(frozen=True)
class Config(bert.Config):
    """A BERT's sizes, and ``attention_window``: how many neighbours are seen, both sides together.

    One number, or one a layer (the paper's are small in low layers).
    """

    attention_window: int | Sequence[int] = 512
    pad_token_id: int = 1

    def windows(self) -> list[int]:
        """One a layer."""
        given = self.attention_window
        windows = [given] * self.num_hidden_layers if isinstance(given, int) else list(given)
        if len(windows) != self.num_hidden_layers or any(w < 2 or w % 2 for w in windows):
            raise ValueError(
                f"expected attention_window even, one or {self.num_hidden_layers}, got {given}"
            )
        return windows


READS = replace(
    bert.READS,
    model_type="longformer",
    config=Config,
    only=bert.READS.only | {"attention_mode": ("longformer",), "ignore_attention_mask": (False,)},
    idle=f"{bert.READS.idle} onnx_export",
)


# ---------------------------------------------------------------- attention


def windowed_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    side: int,
    seen: Tensor | None = None,
    everywhere: Tensor | None = None,
    dropout: float = 0.0,
) -> Tensor:
    """Each token sees those at most ``side`` away, and those ``everywhere``: (B, h, T, d) each.

    ``seen`` (B, T): true at real tokens; ``everywhere`` (B, T): true at those that all see. Memory
    and time are those of T · (3 · side + their number).
    """
    B, _, T, _ = query.shape
    blocks = -(-T // side)
    if seen is None:
        seen = torch.ones(B, T, dtype=torch.bool, device=query.device)
    if everywhere is None:
        everywhere = torch.zeros_like(seen)

    def around(x: Tensor) -> Tensor:
        """(..., T, d) → (..., blocks, 3 · side, d): a block, the one before and the one after."""
        x = F.pad(x, (0, 0, side, blocks * side - T + side)).unflatten(-2, (blocks + 2, side))
        return torch.cat([x[..., :-2, :, :], x[..., 1:-1, :, :], x[..., 2:, :, :]], dim=-2)

    queries = F.pad(query, (0, 0, 0, blocks * side - T)).unflatten(2, (blocks, side))
    place = torch.arange(side, device=query.device)[:, None]
    other = torch.arange(-side, 2 * side, device=query.device)
    near = (place - other).abs() <= side  # (side, 3 · side)
    local = around((seen & ~everywhere)[..., None])[..., 0]  # (B, blocks, 3 · side)
    mask = near & local[:, None, :, None]  # (B, 1, blocks, side, 3 · side)
    keys, values = around(key), around(value)
    if everywhere.any():
        index, real = places_of(everywhere & seen)  # (B, g)
        more = (
            of_places(x, index)[:, :, None].expand(-1, -1, blocks, -1, -1) for x in (key, value)
        )
        keys, values = (torch.cat(pair, dim=3) for pair in zip((keys, values), more, strict=True))
        also = real[:, None, None, None].expand(-1, 1, blocks, side, -1)
        mask = torch.cat([mask, also], dim=4)
    heads = F.scaled_dot_product_attention(queries, keys, values, mask, dropout)
    return heads.flatten(2, 3)[:, :, :T]  # (B, h, T, d)


def places_of(chosen: Tensor) -> tuple[Tensor, Tensor]:
    """The places chosen in each row (B, T), filled up: (B, g), and which of them count."""
    number = int(chosen.sum(dim=1).max())
    order = chosen.int().argsort(dim=1, descending=True, stable=True)[:, :number]
    return order, chosen.gather(1, order)


def of_places(x: Tensor, index: Tensor) -> Tensor:
    """(B, h, T, d) at (B, g) → (B, h, g, d)."""
    return x.gather(2, index[:, None, :, None].expand(-1, x.shape[1], -1, x.shape[3]))


class SelfAttention(nn.Module):
    """A window for most tokens, everything for the global ones."""

    def __init__(self, config: Config, window: int) -> None:
        super().__init__()
        size = config.hidden_size
        self.query, self.key, self.value = (nn.Linear(size, size) for _ in range(3))
        self.query_global, self.key_global, self.value_global = (
            nn.Linear(size, size) for _ in range(3)
        )
        self.heads, self.side = config.num_attention_heads, window // 2
        self.dropout = config.attention_probs_dropout_prob

    def forward(self, x: Tensor, seen: Tensor, everywhere: Tensor) -> Tensor:
        """x (B, T, E); seen, everywhere (B, T). Returns (B, T, E)."""

        def heads(linear: nn.Module) -> Tensor:
            return linear(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (B, h, T, d)

        drop = self.dropout if self.training else 0.0
        parts = (heads(linear) for linear in (self.query, self.key, self.value))
        y = windowed_attention(*parts, self.side, seen, everywhere, drop)
        if everywhere.any():
            index, real = places_of(everywhere)
            asking = of_places(heads(self.query_global), index)  # (B, h, g, d)
            key, value = heads(self.key_global), heads(self.value_global)
            mask = seen[:, None, None, :]
            answers = F.scaled_dot_product_attention(asking, key, value, mask, drop)
            rows, numbers = real.nonzero(as_tuple=True)
            y = y.transpose(1, 2).index_put(  # (B, T, h, d)
                (rows, index[rows, numbers]), answers.transpose(1, 2)[rows, numbers]
            )
            return y.flatten(2)
        return y.transpose(1, 2).flatten(2)


class Attention(nn.Module):
    """The first half of a layer: self-attention and BERT's `Output`."""

    def __init__(self, config: Config, window: int) -> None:
        super().__init__()
        self.self, self.output = SelfAttention(config, window), Output(config, config.hidden_size)

    def forward(self, x: Tensor, seen: Tensor, everywhere: Tensor) -> Tensor:
        return self.output(self.self(x, seen, everywhere), x)


class Layer(nn.Module):
    """BERT's layer with this attention."""

    def __init__(self, config: Config, window: int) -> None:
        super().__init__()
        size, inner = config.hidden_size, config.intermediate_size
        self.attention = Attention(config, window)
        self.intermediate = nn.Sequential(OrderedDict(dense=nn.Linear(size, inner), act=nn.GELU()))
        self.output = Output(config, inner)

    def forward(self, x: Tensor, seen: Tensor, everywhere: Tensor) -> Tensor:
        x = self.attention(x, seen, everywhere)
        return self.output(self.intermediate(x), x)


# ---------------------------------------------------------------- the model


class Encoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.layer = nn.ModuleList([Layer(config, window) for window in config.windows()])


class Longformer(nn.Module):
    """The encoder and the pooler; ``transformers.LongformerModel``."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(config)
        self.encoder = Encoder(config)
        dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.pooler = nn.Sequential(OrderedDict(dense=dense, act=nn.Tanh()))
        self.apply(initialise)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        global_attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """All (B, T); the masks are true at real and at global tokens.

        Returns:
            hidden (B, T, E), of no meaning at padding, and pooled (B, E), from the first token.

        Raises:
            ValueError: more tokens than positions, or a mask that `wode.padding.real_tokens`
                refuses. (Longformer's authors merge the two masks into one of 0, 1 and 2.)
        """
        padding = self.config.pad_token_id
        seen = torch.ones_like(input_ids, dtype=torch.bool)
        everywhere = ~seen
        if attention_mask is not None:
            seen = real_tokens(attention_mask, input_ids)
        counted = (input_ids != padding) & seen  # whatever stands in the padding
        positions = counted.cumsum(dim=1) * counted + padding  # as RoBERTa: from padding + 1
        if (last := int(positions.max())) >= self.config.max_position_embeddings:
            raise ValueError(
                f"expected positions below {self.config.max_position_embeddings}, got {last}"
            )
        types = torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids
        if global_attention_mask is not None:
            shape = tuple(input_ids.shape)
            everywhere = as_bool("global_attention_mask", global_attention_mask, shape, input_ids)
            everywhere = everywhere & seen
        real = self.embeddings(input_ids[seen], positions[seen], types[seen])  # (N, E)
        x = real.new_zeros(*seen.shape, real.shape[1])
        x[seen] = real  # padding is not even read
        for layer in self.encoder.layer:
            x = layer(x, seen, everywhere)
        return x, self.pooler(x[:, 0])
