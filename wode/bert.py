"""BERT, without padding: the tokens of a batch are packed end to end.

*BERT: Pre-training of Deep Bidirectional Transformers* (Devlin et al., arXiv:1810.04805). The names
in the state dict are those of ``transformers``, so any BERT checkpoint fits.

A batch of sentences of unequal length is not computed at its padded size: its real tokens lie in
one long row, as `wode.packing` puts them. All layers but attention treat a token by itself and do
not notice.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.files.pretrained import load_pretrained, of_body
from wode.files.settings import Reads
from wode.packing import Packing, cut, masks, pack
from wode.padding import as_bool, real_tokens

Groups = list[tuple[int, int]]  # (sequences, tokens in each), see `wode.packing.pack`
Masks = Sequence[Tensor | None]  # one a group, see `wode.packing.masks`


@dataclass(frozen=True)
class Config:
    """A BERT's sizes under the names of its ``config.json``; the defaults are BERT-base's."""

    vocab_size: int = 30522
    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    hidden_dropout_prob: float = 0.1
    attention_probs_dropout_prob: float = 0.1
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    layer_norm_eps: float = 1e-12
    hidden_act: str = "gelu"
    pad_token_id: int | None = 0

    def __post_init__(self) -> None:
        if self.hidden_size % self.num_attention_heads:
            raise ValueError(
                "expected hidden_size a multiple of num_attention_heads, got "
                f"{self.hidden_size} and {self.num_attention_heads}"
            )
        if self.hidden_act != "gelu":
            raise ValueError(f'expected hidden_act "gelu", got {self.hidden_act!r}')


READS = Reads(
    "bert",
    Config,
    only={
        "position_embedding_type": ("absolute",),
        "directionality": ("bidi",),
        "pooler_type": ("first_token_transform",),
    },
    # of a pooler that no BERT has; sizes said twice; how TinyBERT was made
    idle="tie_word_embeddings pooler_fc_size pooler_num_attention_heads pooler_num_fc_layers "
    "pooler_size_per_head embedding_size emb_size cell structure pre_trained training",
)


# ---------------------------------------------------------------- layers


class Embeddings(nn.Module):
    """Word, position and sentence (A or B), added; then layer norm and dropout."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        size = config.hidden_size
        self.word_embeddings = nn.Embedding(config.vocab_size, size, config.pad_token_id)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, size)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, size)
        self.LayerNorm = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, ids: Tensor, positions: Tensor, types: Tensor) -> Tensor:
        """Each (N,) → (N, E)."""
        x = self.word_embeddings(ids) + self.token_type_embeddings(types)
        return self.dropout(self.LayerNorm(x + self.position_embeddings(positions)))


class SelfAttention(nn.Module):
    """Attention among packed tokens: each sees those of its own sentence that a mask allows."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        size = config.hidden_size
        self.query, self.key, self.value = (nn.Linear(size, size) for _ in range(3))
        self.head_size = size // config.num_attention_heads
        self.dropout = config.attention_probs_dropout_prob

    def forward(self, x: Tensor, groups: Groups, masks: Masks) -> Tensor:
        """(N, E) → (N, E)."""
        sizes = [n * length for n, length in groups]
        parts = [linear(x).split(sizes) for linear in (self.query, self.key, self.value)]
        outputs = []
        for (n, length), mask, *part in zip(groups, masks, *parts, strict=True):
            shape = (n, length, -1, self.head_size)
            q, k, v = (rows.view(shape).transpose(1, 2) for rows in part)  # (n, h, t, d)
            heads = self.attend(q, k, v, mask)
            outputs.append(heads.transpose(1, 2).reshape(n * length, -1))  # (n·t, E)
        return torch.cat(outputs) if len(outputs) > 1 else outputs[0]

    def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
        """softmax(Q Kᵀ / √d + mask) V, some weights dropped while it trains: (n, h, t, d)."""
        if not (self.training and self.dropout):
            return F.scaled_dot_product_attention(q, k, v, mask)
        scores = q @ (k / math.sqrt(self.head_size)).transpose(2, 3)  # (n, h, t, t)
        weights = (scores if mask is None else scores + mask).softmax(dim=-1)
        return F.dropout(weights, self.dropout) @ v


class Output(nn.Module):
    """LayerNorm(x + Dropout(Linear(y))): how both halves of a layer end."""

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__()
        self.dense = nn.Linear(input_size, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, y: Tensor, x: Tensor) -> Tensor:
        return self.LayerNorm(x + self.dropout(self.dense(y)))  # (N, E)


class Attention(nn.Module):
    """The first half of a layer: self-attention and its `Output`."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.self, self.output = SelfAttention(config), Output(config, config.hidden_size)

    def forward(self, x: Tensor, groups: Groups, masks: Masks) -> Tensor:
        return self.output(self.self(x, groups, masks), x)


class Layer(nn.Module):
    """Self-attention and a feed-forward network, each with a residual and a layer norm after it."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        size, inner = config.hidden_size, config.intermediate_size
        self.attention = Attention(config)
        self.intermediate = nn.Sequential(OrderedDict(dense=nn.Linear(size, inner), act=nn.GELU()))
        self.output = Output(config, inner)

    def forward(self, x: Tensor, groups: Groups, masks: Masks) -> Tensor:
        x = self.attention(x, groups, masks)
        return self.output(self.intermediate(x), x)


# ---------------------------------------------------------------- the model


class Encoder(nn.Module):
    """The layers, one on the other."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.layer = nn.ModuleList([Layer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x: Tensor, groups: Groups, masks: Masks) -> Tensor:
        if torch.is_grad_enabled():  # all that is computed is kept for the backward pass
            return self.through(x, groups, masks)
        parts, done = [], 0
        for tokens, some in cut(groups):  # a part at a time, see the page `packing`
            parts.append(self.through(x[done : done + tokens], groups[some], masks[some]))
            done += tokens
        return torch.cat(parts) if len(parts) > 1 else parts[0]

    def through(self, x: Tensor, groups: Groups, masks: Masks) -> Tensor:
        """Through all the layers: (N, E) → (N, E)."""
        for layer in self.layer:
            x = layer(x, groups, masks)
        return x


class Bert(nn.Module):
    """The encoder and the pooler; ``transformers.BertModel``."""

    reads: ClassVar[Reads[Any]] = READS  # how `from_pretrained` reads a config.json

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
        token_type_ids: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """input_ids, attention_mask (true at real tokens), token_type_ids: (B, T).

        Returns:
            hidden: (B, T, E), zeros at padding.
            pooled: (B, E), from the first token; from zeros, where that is padding.

        Raises:
            ValueError: longer than the positions that there are, a batch without a token, types of
                another shape, or a mask that `wode.padding.real_tokens` refuses.
        """
        hidden = self.encode(input_ids, attention_mask, token_type_ids)
        return hidden, self.pooler(hidden[:, 0])

    def encode(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        visible: Tensor | None = None,
    ) -> Tensor:
        """The hidden states (B, T, E) without the pooler; as `forward` otherwise.

        ``visible`` (B, T, T) is true where the token of a row may see that of a column; without
        it, all see all.
        """
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        attention_mask = real_tokens(attention_mask, input_ids)
        if visible is not None:
            visible = as_bool("visible", visible, (*input_ids.shape, input_ids.shape[1]), input_ids)
        if token_type_ids is not None and token_type_ids.shape != input_ids.shape:
            raise ValueError(
                f"expected token_type_ids of the shape of input_ids, {tuple(input_ids.shape)}, "
                f"got {tuple(token_type_ids.shape)}"
            )
        if input_ids.shape[1] > self.config.max_position_embeddings:
            raise ValueError(
                f"expected at most {self.config.max_position_embeddings} tokens, "
                f"got input_ids {tuple(input_ids.shape)}: truncate them"
            )
        packing = pack(attention_mask)
        if not packing.groups:
            raise ValueError(f"no real token in a batch of {tuple(input_ids.shape)}")
        packed = self.packed(input_ids, packing, token_type_ids, visible)  # (N, E)
        hidden = packed.new_zeros(*input_ids.shape, packed.shape[1])
        hidden[packing.rows, packing.columns] = packed
        return hidden

    def packed(
        self,
        input_ids: Tensor,
        packing: Packing,
        token_type_ids: Tensor | None = None,
        visible: Tensor | None = None,
    ) -> Tensor:
        """The hidden states of the real tokens alone: (N, E)."""
        rows, columns, groups = packing
        types = torch.zeros_like(columns)  # (N,)
        if token_type_ids is not None:
            types = token_type_ids[rows, columns]
        x = self.embed(input_ids[rows, columns], columns, types)  # (N, E)
        return self.encoder(x, groups, masks(packing, visible, x.dtype))

    def embed(self, ids: Tensor, positions: Tensor, types: Tensor) -> Tensor:
        """What the layers read: each (N,) → (N, E)."""
        return self.embeddings(ids, positions, types)

    @classmethod
    def from_pretrained(cls, model_id: str) -> Self:
        """A real model, by its name on the hub: from the packages, the cache or the hub.

        Errors are those of `load_pretrained`: what its settings ask for is computed, or refused.
        """
        return load(cls, model_id, cls.reads)


def initialise(module: nn.Module) -> None:
    """BERT's initial weights: normal with standard deviation 0.02, biases zero."""
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)


Model = TypeVar("Model", bound=nn.Module)


def load(kind: Callable[[Any], Model], model_id: str, reads: Reads[Any] = READS) -> Model:
    """`Bert`, or a ``kind`` that has one as its ``bert``, with real weights: `load_pretrained`."""
    body = isinstance(kind, type) and issubclass(kind, Bert)
    if not body:  # its head has the embeddings' weights
        reads = replace(reads, only=reads.only | {"tie_word_embeddings": (True,)})

    def renamed(state: dict[str, Tensor]) -> dict[str, Tensor]:
        named = {}
        for name, tensor in state.items():
            name = name.replace("LayerNorm.gamma", "LayerNorm.weight")  # as TensorFlow named them
            named[name.replace("LayerNorm.beta", "LayerNorm.bias")] = tensor
        if body:
            return of_body(f"{reads.model_type}.")(named)
        return {name: named[name] for name in named if not name.endswith(".position_ids")}

    return load_pretrained(model_id, reads, kind, renamed)
