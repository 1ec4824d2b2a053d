"""Translation learned from texts that nobody paired.

Two losses hold it up (Lample et al., arXiv:1711.00043 and 1804.07755): each language is repaired
from noise, and each sentence is written back from the model's own translation of it. One encoder
reads every language, so that both losses speak of the same space.

Sentences are ids (B, T), padded on the right with `wode.translation.PAD`, without begin and end.
A language is a number, 0, 1, …; all share one vocabulary, in which each has its begin token.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.attention import KeyValueCache, causal_mask, padding_mask
from wode.checks import check_optimizer, likeliest, whole
from wode.decoding import evaluating
from wode.padding import hide_padding
from wode.transformer import Config, Decoder, Encoder, LayerCaches, positional_encoding
from wode.translation import END, PAD

# ---------------------------------------------------------------- noise


def drop_words(ids: Tensor, p: float = 0.1, generator: torch.Generator | None = None) -> Tensor:
    """Each word of (B, T) is lost with probability ``p``, what is left closes up: (B, T') ids.

    Section 2.3 of arXiv:1711.00043. A sentence that would lose all keeps one of its words.
    """
    if not 0 <= p < 1:
        raise ValueError(f"expected 0 <= p < 1, got {p}")
    chance = torch.rand(ids.shape, generator=generator).to(ids.device)
    chance = chance.masked_fill(ids == PAD, -1.0)
    kept = (chance >= p) | (chance == chance.amax(dim=1, keepdim=True))
    kept &= ids != PAD
    order = (~kept).int().argsort(dim=1, stable=True)  # what is kept first, in its order
    return ids.where(kept, PAD).gather(1, order)[:, : int(kept.sum(dim=1).max())]


def shuffle_locally(ids: Tensor, k: int = 3, generator: torch.Generator | None = None) -> Tensor:
    """The words of (B, T) sorted by i + U(0, k + 1): |σ(i) − i| ≤ k, section 2.3.

    Whoever overtakes word i starts at most k places behind it; padding stays where it is.
    """
    if k < 0:
        raise ValueError(f"expected k >= 0, got {k}")
    drawn = torch.rand(ids.shape, generator=generator, dtype=torch.float64).to(ids.device)
    place = torch.arange(ids.shape[1], device=ids.device) + (k + 1) * drawn  # (B, T)
    return ids.gather(1, place.masked_fill(ids == PAD, torch.inf).argsort(dim=1, stable=True))


def noise(
    ids: Tensor, p: float = 0.1, k: int = 3, generator: torch.Generator | None = None
) -> Tensor:
    """What the denoising autoencoder reads: words lost, the others a little out of order."""
    return shuffle_locally(drop_words(ids, p, generator), k, generator)


# ---------------------------------------------------------------- the model


class Translator(nn.Module):
    """`wode.transformer.TranslationModel` for several languages, its encoder shared by them all.

    Args:
        vocab_size: tokens of all languages together.
        begins: each language's begin token: the decoder is told by it what to write.
        words: bool (L, V), the tokens that each language may write, the end always; None: all.
        share_encoder: one for all languages, or one each.
        share_decoder: likewise.
    """

    def __init__(
        self,
        vocab_size: int,
        config: Config,
        begins: Sequence[int],
        words: Tensor | None = None,
        share_encoder: bool = True,
        share_decoder: bool = True,
    ) -> None:
        super().__init__()
        L = len(begins)
        if words is not None and words.shape != (L, vocab_size):
            raise ValueError(f"expected words {(L, vocab_size)}, got {tuple(words.shape)}")
        self.begins, self.num_layers = list(begins), config.num_layers
        self.hidden_size = config.hidden_size
        self.encoders = nn.ModuleList([Encoder(config) for _ in range(1 if share_encoder else L)])
        self.decoders = nn.ModuleList([Decoder(config) for _ in range(1 if share_decoder else L)])
        for parameter in self.parameters():
            if parameter.ndim > 1:
                nn.init.xavier_uniform_(parameter)
        self.embedding = nn.Embedding(vocab_size, config.hidden_size)
        nn.init.normal_(self.embedding.weight, std=config.hidden_size**-0.5)
        self.dropout = nn.Dropout(config.dropout)
        words = torch.ones(L, vocab_size).bool() if words is None else words.clone()
        words[:, END] = True
        self.register_buffer("words", words, persistent=False)

    def embed(self, ids: Tensor, first: int = 0) -> Tensor:
        """As `TranslationModel.embed`: (B, T) → (B, T, E)."""
        position = positional_encoding(ids.shape[1], self.hidden_size, first).to(ids.device)
        return self.dropout(self.embedding(ids) * math.sqrt(self.hidden_size) + position)

    def encode(self, source: Tensor, language: int) -> tuple[Tensor, Tensor]:
        """source: (B, S). Returns the memory (B, S, E) and its padding mask (B, 1, 1, S)."""
        real = source != PAD  # (B, S)
        x, mask = hide_padding(self.embed(source), real), padding_mask(real)
        return self.encoders[language % len(self.encoders)](x, mask), mask

    def caches(self) -> list[LayerCaches]:
        """Empty caches for a decoder, a pair a layer."""
        return [(KeyValueCache(), KeyValueCache(fixed=True)) for _ in range(self.num_layers)]

    def decode(
        self,
        reads: Tensor,
        memory: Tensor,
        memory_mask: Tensor,
        language: int,
        caches: list[LayerCaches] | None = None,
    ) -> Tensor:
        """reads: (B, T), with caches the tokens not yet in them. Logits (B, T, V).

        −∞ for what is not one of the language's words.
        """
        done = len(caches[0][0]) if caches else 0
        mask = causal_mask(reads.shape[1], done + reads.shape[1]).to(reads.device)
        decoder = self.decoders[language % len(self.decoders)]
        x = decoder(self.embed(reads, first=done), memory, mask, memory_mask, caches)
        logits = F.linear(x, self.embedding.weight)  # (B, T, V)
        return logits.masked_fill(~self.get_buffer("words")[language], -torch.inf)

    def forward(
        self, source: Tensor, reads: Tensor, source_language: int, target_language: int
    ) -> Tensor:
        """source: (B, S), reads: (B, T), padded on the right. Logits (B, T, V)."""
        return self.decode(reads, *self.encode(source, source_language), target_language)


@torch.no_grad()
def set_embedding(model: Translator, ids: Tensor, vectors: Tensor) -> None:
    """The words ``ids`` (N,) begin with these vectors (N, E'), E' ≤ E; further columns are zero.

    Of aligned languages: translations then look alike to the encoder, and to the output layer.
    Vectors of unit length are as long as the others at the start.
    """
    N, size = vectors.shape
    if ids.shape != (N,) or size > model.hidden_size:
        raise ValueError(
            f"expected ids (N,) and vectors (N, E') with E' <= {model.hidden_size}, "
            f"got {tuple(ids.shape)} and {tuple(vectors.shape)}"
        )
    weight = model.embedding.weight
    weight[ids] = F.pad(vectors, (0, model.hidden_size - size)).to(weight)


# ---------------------------------------------------------------- writing


def writing_loss(
    model: Translator, source: Tensor, target: Tensor, source_language: int, target_language: int
) -> Tensor:
    """Cross entropy of writing target (B, T) word by word from source (B, S), the end too; nats.

    With true pairs it is how a supervised model learns.
    """
    begin = torch.full_like(target[:, :1], model.begins[target_language])  # (B, 1)
    says = F.pad(target, (0, 1), value=PAD)  # (B, T + 1)
    length = (target != PAD).sum(dim=1, keepdim=True)  # (B, 1)
    says = says.scatter(1, length, END)
    logits = model(source, torch.cat([begin, target], dim=1), source_language, target_language)
    return F.cross_entropy(logits.transpose(1, 2), says, ignore_index=PAD)


def generate(
    model: Translator,
    source: Tensor,
    source_language: int,
    target_language: int,
    max_length: int = 20,
) -> Tensor:
    """The likeliest word each time, in evaluation mode, without gradients: (B, S) → (B, T) ids.

    All rows at once until each has ended, one word at least and ``max_length`` at most.

    Raises:
        ValueError: a ``max_length`` below 1.
        FloatingPointError: logits of which none can be the largest, see `wode.checks.likeliest`.
    """
    max_length = whole("max_length", max_length, 1)
    with evaluating(model):
        memory, mask = model.encode(source, source_language)
        caches = model.caches()
        token = torch.full_like(source[:, :1], model.begins[target_language])  # (B, 1)
        written, going = [], torch.ones_like(token, dtype=torch.bool)
        for step in range(max_length):
            logits = model.decode(token, memory, mask, target_language, caches)[:, -1]  # (B, V)
            logits[:, PAD] = -torch.inf
            if step == 0:
                logits[:, END] = -torch.inf
            token = likeliest(logits)[:, None]
            going &= token != END
            if not going.any():
                break
            written.append(token.where(going, PAD))
        return torch.cat(written, dim=1)


# ---------------------------------------------------------------- learning without pairs


def denoising_loss(
    model: Translator,
    ids: Tensor,
    language: int,
    p: float = 0.1,
    k: int = 3,
    generator: torch.Generator | None = None,
) -> Tensor:
    """A sentence written from its own noise, equation 1: −log P(x | C(x)), a mean over words."""
    return writing_loss(model, noise(ids, p, k, generator), ids, language, language)


def back_translation_loss(
    model: Translator, ids: Tensor, language: int, other: int, max_length: int = 20
) -> Tensor:
    """A sentence written from the model's own translation of it into ``other``, equation 2.

    What is generated may be poor; what is learned to be written is real. No gradient passes
    through the generated words.
    """
    return writing_loss(
        model, generate(model, ids, language, other, max_length), ids, other, language
    )


def unsupervised_step(
    model: Translator,
    optimizer: torch.optim.Optimizer,
    batches: Sequence[Tensor],
    denoise: bool = True,
    back_translate: bool = True,
    p: float = 0.1,
    k: int = 3,
    max_length: int = 20,
    generator: torch.Generator | None = None,
) -> dict[str, float]:
    """One step on a batch of each language (B, T), which have nothing to do with each other.

    Returns the losses in nats a word, added up over the languages.

    Raises:
        ValueError: neither of the two losses, or an optimizer of another model.
    """
    check_optimizer(optimizer, [model])
    losses = dict[str, Tensor]()
    languages = range(len(batches))
    if denoise:
        losses["denoise"] = torch.stack(
            [denoising_loss(model, batches[a], a, p, k, generator) for a in languages]
        ).sum()
    if back_translate:
        losses["back_translate"] = torch.stack(
            [
                back_translation_loss(model, batches[a], a, b, max_length)
                for a in languages
                for b in languages
                if a != b
            ]
        ).sum()
    if not losses:
        raise ValueError("expected denoise or back_translate, got neither")
    optimizer.zero_grad()
    torch.stack(list(losses.values())).sum().backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return {name: loss.item() for name, loss in losses.items()}
