"""What the chapter `attention` includes: attention by blocks, a BERT's attention in a page."""

import codecs
import contextlib
import io
import math

import torch
import torch.nn.functional as F
from torch import Tensor

from wode.attention import padding_mask, scaled_dot_product


def blockwise_attention(query: Tensor, key: Tensor, value: Tensor, block: int) -> Tensor:
    """Attention that reads the keys block by block and never holds a whole row of weights.

    (T, d), (S, d), (S, v) → (T, v). Keeps for each query the largest score so far, the sum of the
    exponentials and the weighted sum of values (arXiv:1805.02867; the idea of arXiv:2205.14135).
    """
    largest = torch.full((len(query), 1), -torch.inf)  # (T, 1)
    total = torch.zeros(len(query), 1)  # (T, 1)
    output = torch.zeros(len(query), value.shape[1])  # (T, v)
    for k, v in zip(key.split(block), value.split(block), strict=True):
        scores = query @ k.T / math.sqrt(query.shape[1])  # (T, block)
        new_largest = torch.maximum(largest, scores.amax(dim=1, keepdim=True))
        correction = (largest - new_largest).exp()  # what was summed so far, under the new maximum
        weights = (scores - new_largest).exp()  # (T, block)
        total = correction * total + weights.sum(dim=1, keepdim=True)
        output = correction * output + weights @ v
        largest = new_largest
    return output / total


def linear(x: Tensor, state: dict[str, Tensor], name: str) -> Tensor:
    return F.linear(x, state[f"{name}.weight"], state[f"{name}.bias"])


def layer_norm(x: Tensor, state: dict[str, Tensor], name: str) -> Tensor:
    weight, bias = state[f"{name}.weight"], state[f"{name}.bias"]
    return F.layer_norm(x, weight.shape, weight, bias, eps=1e-12)


def attention_maps(
    state: dict[str, Tensor], input_ids: Tensor, attention_mask: Tensor, num_heads: int = 12
) -> tuple[Tensor, Tensor]:
    """Run a BERT from its state dict; input_ids and attention_mask (B, T).

    Returns:
        hidden: (B, T, E), its last hidden states.
        maps: (B, layers, heads, T, T), what each head looks at.
    """
    positions = state["embeddings.position_embeddings.weight"][: input_ids.shape[1]]  # (T, E)
    x = state["embeddings.word_embeddings.weight"][input_ids] + positions
    x = x + state["embeddings.token_type_embeddings.weight"][0]
    x = layer_norm(x, state, "embeddings.LayerNorm")  # (B, T, E)
    mask, maps = padding_mask(attention_mask), []
    while (name := f"encoder.layer.{len(maps)}") + ".output.dense.weight" in state:
        q, k, v = (
            linear(x, state, f"{name}.attention.self.{part}")
            .unflatten(-1, (num_heads, -1))
            .transpose(1, 2)  # (B, h, T, d)
            for part in ("query", "key", "value")
        )
        heads, weights = scaled_dot_product(q, k, v, mask)  # (B, h, T, d), (B, h, T, T)
        maps.append(weights)
        attended = linear(heads.transpose(1, 2).flatten(2), state, f"{name}.attention.output.dense")
        x = layer_norm(x + attended, state, f"{name}.attention.output.LayerNorm")
        hidden = F.gelu(linear(x, state, f"{name}.intermediate.dense"))  # (B, T, 4E)
        x = layer_norm(
            x + linear(hidden, state, f"{name}.output.dense"), state, f"{name}.output.LayerNorm"
        )
    return x, torch.stack(maps, dim=1)


def zen() -> list[str]:
    """The sentences that ``import this`` prints: a text that comes with every Python."""
    with contextlib.redirect_stdout(io.StringIO()):
        import this
    return codecs.decode(this.s, "rot13").strip().splitlines()[2:]


PATTERNS = ("previous", "next", "itself", "[CLS]", "[SEP]")


def head_patterns(maps: Tensor, attention_mask: Tensor) -> dict[str, Tensor]:
    """The mean weight that each head's words give to five places: a matrix (layers, heads) each.

    maps: (B, layers, heads, T, T). Only words are asked, [CLS] and [SEP] are not.
    """
    weights: dict[str, list[Tensor]] = {name: [] for name in PATTERNS}
    for one, length in zip(maps, attention_mask.sum(dim=1).tolist(), strict=True):
        rows = torch.arange(1, length - 1)  # the words
        places = {"previous": rows - 1, "next": rows + 1, "itself": rows}
        places |= {"[CLS]": torch.zeros_like(rows), "[SEP]": torch.full_like(rows, length - 1)}
        for name, columns in places.items():
            weights[name].append(one[:, :, rows, columns])  # (layers, heads, words)
    return {name: torch.cat(parts, dim=-1).mean(dim=-1) for name, parts in weights.items()}
