"""XLNet: predict a token from those that come before it in an order drawn at random.

*XLNet: Generalized Autoregressive Pretraining* (Yang et al., arXiv:1906.08237). The words stay
where they are; the order is in the mask alone (`visible_in`). Two streams run through the layers:
the *content* of a position, which has seen its own token, and for each position asked for a
*query*, which knows where it stands and not what stands there. Places are relative, as in
Transformer-XL (Dai et al., arXiv:1901.02860), so that what was read before can be kept as a
*memory*. The names in the state dict are those of ``transformers``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.files.settings import Reads, check_one_of, check_value
from wode.padding import as_bool, hide_padding, real_tokens
from wode.transformer_xl import Pairs, RelativeAttention, distances, initialise


@dataclass(frozen=True)
class Config:
    """An XLNet's sizes under the names of its ``config.json``; the defaults are XLNet-base's."""

    vocab_size: int = 32000
    d_model: int = 768
    n_layer: int = 12
    n_head: int = 12
    d_inner: int = 3072
    dropout: float = 0.1
    layer_norm_eps: float = 1e-12
    ff_activation: str = "gelu"

    def __post_init__(self) -> None:
        if self.d_model % self.n_head or self.d_model % 2:
            raise ValueError(
                "expected d_model even and a multiple of n_head, got "
                f"{self.d_model} and {self.n_head}"
            )
        if self.ff_activation != "gelu":
            raise ValueError(f'expected ff_activation "gelu", got {self.ff_activation!r}')


def adapted(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings as `Config` has them. Raises ValueError for heads that do not fill the model."""
    size, heads = (settings.get(key, ABSENT[key]) for key in ("d_model", "n_head"))
    check_value("n_head", heads, int)
    check_value("d_model", size, int)
    check_one_of("d_head", settings.pop("d_head", size // heads), (size // heads,))
    return settings


#: What transformers takes for a size that a file leaves out: XLNet-large's.
ABSENT = {"d_model": 1024, "n_layer": 24, "n_head": 16, "d_inner": 4096}
READS = Reads(
    "xlnet",
    Config,
    only={
        "attn_type": ("bi",),
        "bi_data": (False,),
        "clamp_len": (-1,),
        "same_length": (False,),
        "untie_r": (True,),
        "tie_word_embeddings": (True,),
    },
    # how much of the past is kept is the caller's to say, who hands it on as ``memory``
    idle="mem_len reuse_len use_mems_eval use_mems_train pad_token_id start_n_top end_n_top "
    "summary_type summary_use_proj summary_activation summary_last_dropout",
    absent=ABSENT,
    adapt=adapted,
)


# ---------------------------------------------------------------- orders


def random_order(rows: int, length: int, generator: torch.Generator | None = None) -> Tensor:
    """For each sentence the places 0 … ``length`` - 1, mixed: (rows, length); order[0] is first."""
    return torch.rand(rows, length, generator=generator).argsort(dim=1)


def visible_in(order: Tensor) -> Tensor:
    """(B, T, T): true where the token of the column comes *before* that of the row in ``order``.

    The mask of equation 3, ``x_{z_t}`` given ``x_{z_<t}``: strict, so that no token sees itself.
    """
    rank = order.argsort(dim=1)  # (B, T): when does each place have its turn?
    return rank[:, None, :] < rank[:, :, None]


def last_of(order: Tensor, share: int) -> Tensor:
    """The places (B, M) of the last of ``share`` equal parts of the order: those asked for.

    The first ones would be guessed from next to nothing (section 2.3; the paper's K is 6 or 7).
    """
    return order[:, order.shape[1] - max(1, order.shape[1] // share) :]


# ---------------------------------------------------------------- layers


class Attention(RelativeAttention):
    """Transformer-XL's, whose score has a third part: is it of the same text, or of another?"""

    def __init__(self, config: Config) -> None:
        drop = config.dropout
        super().__init__(config.d_model, config.n_head, drop, config.layer_norm_eps, drop)
        heads, size = config.n_head, config.d_model // config.n_head
        self.r_s_bias = nn.Parameter(torch.empty(heads, size))  # b
        self.seg_embed = nn.Parameter(torch.empty(2, heads, size))  # the same text, another

    def apart(self, query: Tensor, pairs: Pairs) -> Tensor:
        score = super().apart(query, pairs)  # (B, h, M, K)
        if pairs.other_text is None:
            return score
        texts = torch.einsum("bhmd,shd->bhms", query + self.r_s_bias[:, None], self.seg_embed)
        return score + texts.gather(3, pairs.other_text.long()[:, None].expand_as(score))


class FeedForward(nn.Module):
    """LayerNorm(x + FFN(x)), each position by itself."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.layer_norm = nn.LayerNorm(config.d_model, config.layer_norm_eps)
        self.layer_1 = nn.Linear(config.d_model, config.d_inner)
        self.layer_2 = nn.Linear(config.d_inner, config.d_model)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        y = self.layer_2(self.dropout(F.gelu(self.layer_1(x))))
        return self.layer_norm(x + self.dropout(y))  # (B, T, E)


class Layer(nn.Module):
    """Relative attention and a feed-forward network, the same weights for both streams."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.rel_attn, self.ff = Attention(config), FeedForward(config)

    def forward(self, x: Tensor, read: Tensor, pairs: Pairs) -> Tensor:
        return self.ff(self.rel_attn(x, read, pairs))


def two_streams(
    layers: Iterable[nn.Module],
    content: Tensor,
    query: Tensor | None,
    memory: Sequence[Tensor],
    pairs: Pairs,
    asked: Pairs,
) -> tuple[Tensor, list[Tensor]]:
    """The queries (B, M, E), or the contents (B, T, E) if there are none; the layers' inputs."""
    kept = []
    for layer, remembered in zip(layers, memory, strict=True):
        read = torch.cat([remembered, content], dim=1)  # (B, S + T, E)
        kept.append(read.detach())
        if query is not None:
            query = layer(query, read, asked)  # the contents alone are read
        if query is None or len(kept) < len(memory):  # nobody reads the last layer's
            content = layer(content, read, pairs)
    return content if query is None else query, kept


# ---------------------------------------------------------------- the model


class XLNet(nn.Module):
    """The two streams; ``transformers.XLNetModel``."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.word_embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.mask_emb = nn.Parameter(torch.empty(1, 1, config.d_model))  # w: every query's start
        self.layer = nn.ModuleList([Layer(config) for _ in range(config.n_layer)])
        self.dropout = nn.Dropout(config.dropout)
        self.apply(initialise)

    def forward(
        self,
        input_ids: Tensor,
        visible: Tensor | None = None,
        targets: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        memory: Sequence[Tensor] | None = None,
    ) -> tuple[Tensor, list[Tensor]]:
        """Read a text, and ask for some of its tokens.

        Args:
            input_ids: (B, T).
            visible: (B, T, T), true where the token of a row may see that of a column, as
                `visible_in` gives it; without it, all see all.
            targets: (B, M), the places asked for; without it there is no query stream.
            attention_mask: (B, T), true at real tokens: `wode.padding.real_tokens`.
            token_type_ids: (B, T), of which text they are.
            memory: what an earlier call returned: the layers' inputs, (B, S, E) each. All of it is
                seen, padding too: give it where the texts before had one length.

        Returns:
            The queries' last states (B, M, E), or the contents' (B, T, E) where none were asked
            for; and the memory for a next call, the inputs of the layers, (B, S + T, E) each.

        Raises:
            ValueError: a shape that does not fit the others, places that there are not, or masks of
                other values than 0 and 1.
        """
        B, T = input_ids.shape
        check(input_ids, targets, token_type_ids)
        if visible is not None:
            visible = as_bool("visible", visible, (B, T, T), input_ids)
        if attention_mask is not None:
            attention_mask = real_tokens(attention_mask, input_ids)
        nothing = input_ids.new_zeros(B, 0, self.config.d_model, dtype=self.mask_emb.dtype)
        memory = memory or [nothing] * len(self.layer)
        S = memory[0].shape[1]
        far = self.dropout(distances(-(S + T), S + T - 1, self.config.d_model).to(self.mask_emb))
        read = torch.arange(S + T, device=input_ids.device)
        itself = read[S:, None] == read  # (T, S + T)

        sees = torch.ones_like(itself[:, S:]).expand(B, T, T) if visible is None else visible
        if attention_mask is not None:
            sees = sees & attention_mask[:, None, :]
        sees = F.pad(sees, (S, 0), value=True)  # (B, T, S + T): all see the memory
        other = None
        if token_type_ids is not None:  # the memory counts as the first text
            other = token_type_ids[:, :, None] != F.pad(token_type_ids, (S, 0))[:, None, :]
        distance = (read[S:, None] - read).expand(B, T, S + T)
        pairs = asked = Pairs(far, distance, sees | itself, other)

        content, query = self.dropout(self.word_embedding(input_ids)), None
        content = hide_padding(content, attention_mask)
        if targets is not None:
            query = self.dropout(self.mask_emb.expand(B, targets.shape[1], -1))
            asked = pairs._replace(visible=sees).of(targets)
        hidden, kept = two_streams(self.layer, content, query, memory, pairs, asked)
        return self.dropout(hidden), kept


def check(input_ids: Tensor, targets: Tensor | None, token_type_ids: Tensor | None) -> None:
    """Raise ValueError where a shape or a place does not fit ``input_ids`` (B, T)."""
    B, T = input_ids.shape
    if token_type_ids is not None and token_type_ids.shape != (B, T):
        raise ValueError(f"expected token_type_ids {(B, T)}, got {tuple(token_type_ids.shape)}")
    if targets is not None:
        if targets.ndim != 2 or len(targets) != B:
            raise ValueError(f"expected targets ({B}, M), got {tuple(targets.shape)}")
        if targets.numel() and (targets.min() < 0 or targets.max() >= T):
            raise ValueError(f"expected targets from 0 to {T - 1}, got {targets.tolist()}")


class XLNetLM(nn.Module):
    """XLNet and the scores of the words; ``transformers.XLNetLMHeadModel``."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.transformer = XLNet(config)
        self.lm_loss = nn.Linear(config.d_model, config.vocab_size)
        nn.init.zeros_(self.lm_loss.bias)
        self.lm_loss.weight = self.transformer.word_embedding.weight  # e(x), equation 4

    def forward(self, input_ids: Tensor, *args: Tensor | None, **options: Tensor | None) -> Tensor:
        """As `XLNet.forward`; logits (B, M, vocabulary), or (B, T, vocabulary)."""
        return self.lm_loss(self.transformer(input_ids, *args, **options)[0])

    def loss(self, input_ids: Tensor, order: Tensor, share: int = 6) -> Tensor:
        """The mean of -log p(x_z_t | x_z_<t) over the last of ``share`` parts of ``order`` (B, T).

        Equation 5; all tokens are real ones: texts of one length.
        """
        targets = last_of(order, share)  # (B, M)
        logits = self(input_ids, visible_in(order), targets)  # (B, M, vocabulary)
        return F.cross_entropy(logits.flatten(0, 1), input_ids.gather(1, targets).flatten())
