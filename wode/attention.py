"""Attention: a query looks through the keys and takes the mean of the values, weighted by likeness.

*Attention Is All You Need* (Vaswani et al., arXiv:1706.03762), section 3.2. `scaled_dot_product` is
the formula, `fused_attention` the same through torch's fast kernel, `MultiHeadAttention` the layer.
A mask is a boolean tensor (..., T, S), True where query t may look at key s: masks are combined
with ``&`` and ``|``. A query that may look nowhere gets zeros, and no NaN in its gradients.

An ``attention_mask`` (B, S), as models take it, says which tokens are real: bool, or numbers that
are all 0 or 1 (`wode.padding.real_tokens`). Masks that are added to scores, 0 and -inf or -1e9,
are refused: read as "true where not 0", they would show what they hide, and hide the rest.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.padding import real_tokens


def scaled_dot_product(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """softmax(Q Kᵀ / √d) V, equation 1, written out.

    Args:
        query: (..., T, d).
        key: (..., S, d).
        value: (..., S, v).
        mask: bool, broadcast to (..., T, S); True: may be seen. A NaN or an infinity at a key that
            no query may see goes nowhere; one that some query may see becomes NaN for all of them.

    Returns:
        output: (..., T, v).
        weights: (..., T, S); a row sums to 1, or to 0 where nothing may be seen.

    Raises:
        ValueError: shapes that do not fit (names them).
        TypeError: the mask is not boolean; a mask ``m`` of 0 and -inf is ``m == 0`` here.
    """
    check_attention(query, key, value, mask)
    key, value = without_hidden(key, value, mask)
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])  # (..., T, S)
    if mask is not None:  # a finite number: a row of -inf alone would be 0/0, its gradient NaN
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    weights = scores.softmax(dim=-1)  # (..., T, S)
    if mask is not None:
        weights = weights * mask  # a row that sees nothing: zeros
    return weights @ value, weights  # (..., T, v), (..., T, S)


def fused_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    dropout: float = 0.0,
    finite: bool = False,
) -> Tensor:
    """The output of `scaled_dot_product` by torch's kernel, which keeps no (T, S) weights.

    ``dropout``: the probability with which a weight is dropped. ``finite``: no NaN or infinity is
    hidden among the keys and values, so that nobody need look (a cache would be copied each step).
    """
    check_attention(query, key, value, mask)
    if not finite:
        key, value = without_hidden(key, value, mask)
    mask = None if mask is None else torch.atleast_2d(mask)  # the kernel wants T and S
    return F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout)


def without_hidden(key: Tensor, value: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
    """Zeros at the keys that no query may see: a weight of 0 undoes no NaN, 0 · NaN is NaN."""
    if mask is None:
        return key, value
    seen = torch.atleast_2d(mask).any(dim=-2)[..., None]  # (..., S, 1)
    shown = key.where(seen, 0)
    return shown, shown if value is key else value.where(seen, 0)


def without_hidden_tokens(
    q: Tensor, key: Tensor, value: Tensor, mask: Tensor | None
) -> tuple[Tensor, Tensor]:
    """`without_hidden` for the tokens (B, S, E) that all heads of q (B, h, T, d) read."""
    if mask is None:
        return key, value
    shapes = f"query {tuple(q.shape)} in heads, key {tuple(key.shape)}, value {tuple(value.shape)}"
    check_mask(mask, q, key.shape[1], shapes)
    return without_hidden(key, value, mask.any(dim=-3) if mask.ndim > 2 else mask)


def check_attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> None:
    shapes = f"query {tuple(query.shape)}, key {tuple(key.shape)}, value {tuple(value.shape)}"
    if query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise ValueError(
            f"expected query (..., T, d), key (..., S, d), value (..., S, v): {shapes}"
        )
    if mask is not None:
        check_mask(mask, query, key.shape[-2], shapes)


def check_mask(mask: Tensor, query: Tensor, keys: int, shapes: str) -> None:
    if mask.dtype != torch.bool:  # torch would add a float mask to the scores
        raise TypeError(f"expected a boolean mask, True where a key may be seen, got {mask.dtype}")
    if mask.device != query.device:
        raise ValueError(f"expected a mask on {query.device}, got one on {mask.device}")
    wanted = (*query.shape[:-1], keys)  # (..., T, S)
    sizes = zip(mask.shape[::-1], wanted[::-1], strict=False)  # from the last on
    if mask.ndim > len(wanted) or any(size not in (1, full) for size, full in sizes):
        raise ValueError(
            f"expected a mask that broadcasts to {wanted}, got {tuple(mask.shape)}: {shapes}"
        )


# ---------------------------------------------------------------- masks


def padding_mask(attention_mask: Tensor) -> Tensor:
    """No query sees padding: ``attention_mask`` (B, S), true at real tokens, → (B, 1, 1, S)."""
    return real_tokens(attention_mask)[:, None, None, :]


def causal_mask(length: int, key_length: int | None = None) -> Tensor:
    """Position t sees 0 … t: (T, S). With ``key_length`` S > T the queries are the last T of S."""
    key_length = length if key_length is None else key_length
    if key_length < length:  # the first rows would see nothing
        raise ValueError(f"expected key_length >= length, got {key_length} and {length}")
    everything = torch.ones(length, key_length, dtype=torch.bool)
    return everything.tril(diagonal=key_length - length)


def prefix_mask(length: int, prefix: int | Tensor) -> Tensor:
    """The first ``prefix`` tokens see each other; each later one sees them and what came before it.

    UniLM's sequence-to-sequence mask (arXiv:1905.03197, figure 1): source, then target.
    ``prefix`` an int: (T, T); a tensor (B,) of ints: (B, 1, T, T).
    """
    prefix = torch.as_tensor(prefix)
    if prefix.ndim > 1 or prefix.is_floating_point() or (prefix < 0).any():
        raise ValueError(f"expected prefix an int or a tensor (B,) of ints, >= 0, got {prefix}")
    in_prefix = torch.arange(length) < prefix[..., None]  # (T,) or (B, T)
    if in_prefix.ndim == 2:
        in_prefix = in_prefix[:, None, None, :]  # (B, 1, 1, T)
    return causal_mask(length) | in_prefix


def window_mask(length: int, window: int, causal: bool = True) -> Tensor:
    """Position t sees ``window`` positions, itself the last, or where |t − s| < window: (T, T)."""
    if window < 1:  # no position would see even itself
        raise ValueError(f"expected window >= 1, got {window}")
    position = torch.arange(length)
    distance = position[:, None] - position  # (T, T)
    if causal:
        return (distance >= 0) & (distance < window)
    return distance.abs() < window


def draw_mask(mask: Tensor) -> str:
    """A mask (T, S) as text: a row a query, ■ what it sees, · what it does not."""
    if mask.ndim != 2:
        raise ValueError(f"expected one mask (T, S), got {tuple(mask.shape)}")
    return "\n".join(" ".join("■" if seen else "·" for seen in row) for row in mask.tolist())


# ---------------------------------------------------------------- multi-head attention


@dataclass
class KeyValueCache:
    """The keys and values of the tokens so far: what a decoder need not compute twice.

    ``fixed``: they belong to an encoder's output, are filled once and never extended.
    """

    key: Tensor | None = None  # (B, h, S, d)
    value: Tensor | None = None  # (B, h, S, d)
    fixed: bool = False

    def __len__(self) -> int:
        return 0 if self.key is None else self.key.shape[2]

    def extend(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Add new tokens (B, h, T, d) at the end; return all there are now."""
        if self.key is None or self.value is None:
            self.key, self.value = key, value
        else:
            self.key = torch.cat([self.key, key], dim=2)
            self.value = torch.cat([self.value, value], dim=2)
        return self.key, self.value

    def select(self, rows: Tensor) -> None:
        """Keep these rows of the batch, in this order; a row may be taken more than once."""
        if self.key is not None and self.value is not None:
            self.key, self.value = self.key[rows], self.value[rows]


def mask_and_positions(
    x: Tensor, caches: list[KeyValueCache] | None = None, attention_mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """The causal mask, (T, S) or (B, 1, T, S), and the positions, (1, T) or (B, T), of new tokens.

    The new ones, x (B, T, …), stand after those in the caches. ``attention_mask``: (B, S), true at
    real tokens, those in the caches too; positions count these, so padding may stand on the left.
    Errors are those of `wode.padding.real_tokens`.
    """
    T, done = x.shape[1], len(caches[0]) if caches else 0
    S = done + T
    mask = causal_mask(T, S).to(x.device)  # (T, S)
    if attention_mask is None:
        return mask, torch.arange(done, S, device=x.device)[None]
    real = real_tokens(attention_mask, x, done)  # (B, S)
    positions = (real.cumsum(dim=1) - 1).clamp(min=0)[:, done:]  # (B, T)
    return mask & padding_mask(real), positions


class MultiHeadAttention(nn.Module):
    """h attentions side by side, each over hidden_size / h numbers of its own (section 3.2.2).

    Equal to ``nn.MultiheadAttention(hidden_size, num_heads, batch_first=True)`` with its
    ``in_proj`` cut into three, `torch_weights` does it.

    Raises:
        ValueError: hidden_size is no multiple of num_heads; a query that is not (B, T, E).
    """

    def __init__(
        self, hidden_size: int, num_heads: int, dropout: float = 0.0, bias: bool = True
    ) -> None:
        super().__init__()
        if num_heads < 1 or hidden_size % num_heads:
            raise ValueError(
                f"expected hidden_size a multiple of num_heads, got {hidden_size} and {num_heads}"
            )
        self.num_heads, self.dropout = num_heads, dropout
        self.q_proj = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.k_proj = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.v_proj = nn.Linear(hidden_size, hidden_size, bias=bias)
        self.out_proj = nn.Linear(hidden_size, hidden_size, bias=bias)

    def split(self, x: Tensor) -> Tensor:
        """(B, T, h·d) → (B, h, T, d): each head its own part of the numbers."""
        return x.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        mask: Tensor | None = None,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """Attend from ``query`` (B, T, E) to ``key``, ``value`` (B, S, E); return (B, T, E).

        Without ``key`` it is self-attention; without ``value``, the keys' tokens are the values'.
        ``mask`` is broadcast to (B, h, T, S). With a ``cache`` the keys are those in it and these;
        hidden ones must then be finite.
        """
        if query.ndim != 3:
            raise ValueError(f"expected query (B, T, E), got {tuple(query.shape)}")
        key = query if key is None else key  # (B, S, E)
        value = key if value is None else value  # (B, S, E)
        q = self.split(self.q_proj(query))  # (B, h, T, d)
        if cache is None:
            key, value = without_hidden_tokens(q, key, value, mask)
        if cache is not None and cache.fixed and cache.key is not None and cache.value is not None:
            k, v = cache.key, cache.value  # (B, h, S, d)
        else:
            k, v = self.split(self.k_proj(key)), self.split(self.v_proj(value))
            if cache is not None:
                k, v = cache.extend(k, v)
        drop = self.dropout if self.training else 0.0
        heads = fused_attention(q, k, v, mask, drop, finite=True)
        return self.out_proj(heads.transpose(1, 2).flatten(2))  # (B, T, E)

    def weights(
        self, query: Tensor, key: Tensor | None = None, mask: Tensor | None = None
    ) -> Tensor:
        """What each head looks at: (B, h, T, S)."""
        q = self.split(self.q_proj(query))
        k = self.split(self.k_proj(query if key is None else key))
        return scaled_dot_product(q, k, k, mask)[1]


def torch_weights(state_dict: dict[str, Tensor]) -> dict[str, Tensor]:
    """A state dict of torch's attention or transformer under this library's names.

    torch keeps the three projections in one ``in_proj_weight`` (3E, E); all else is named alike.
    """
    renamed = {}
    for name, tensor in state_dict.items():
        before, joined, kind = name.rpartition("in_proj_")
        if joined:
            for part, piece in zip("qkv", tensor.chunk(3), strict=True):
                renamed[f"{before}{part}_proj.{kind}"] = piece
        else:
            renamed[name] = tensor
    return renamed
