"""ELECTRA: a small BERT fills the gaps, a large one says of every token whether it was replaced.

*ELECTRA: Pre-training Text Encoders as Discriminators Rather Than Generators* (Clark et al.,
arXiv:2003.10555). The generator is an ordinary masked language model; what it writes is sampled, so
no gradient passes from the discriminator to it: they are not rivals as in a GAN, each has its own
loss. The names in the state dicts are those of ``transformers``.
"""

import dataclasses
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode import bert
from wode.bert import Bert, initialise
from wode.checks import likeliest, several, whole
from wode.masking import IGNORE_INDEX, Words, choose_exactly, corrupt
from wode.wordpiece import WordPiece, pad


@dataclass(frozen=True)
class Config(bert.Config):
    """An ELECTRA's sizes under the names of its ``config.json``; the defaults are ELECTRA-small's.

    ``embedding_size``: of the embeddings, which the two share; each has its own ``hidden_size``.
    """

    hidden_size: int = 256
    num_attention_heads: int = 4
    intermediate_size: int = 1024
    embedding_size: int = 128


READS = dataclasses.replace(
    bert.READS,
    model_type="electra",
    config=Config,
    only=bert.READS.only | {"tie_word_embeddings": (True,)},
    idle="summary_type summary_use_proj summary_activation summary_last_dropout",
)


class Electra(Bert):
    """A BERT whose embeddings may be narrower than its layers; ``transformers.ElectraModel``."""

    reads = READS

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        size = config.embedding_size
        narrow = dataclasses.replace(config, hidden_size=size, num_attention_heads=1)
        self.embeddings = bert.Embeddings(narrow).apply(initialise)
        self.embeddings_project = nn.Identity()
        if size != config.hidden_size:
            self.embeddings_project = nn.Linear(size, config.hidden_size).apply(initialise)
        del self.pooler

    def embed(self, ids: Tensor, positions: Tensor, types: Tensor) -> Tensor:
        return self.embeddings_project(self.embeddings(ids, positions, types))


class Generator(nn.Module):
    """A masked language model; ``transformers.ElectraForMaskedLM``."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.electra = Electra(config)
        dense = nn.Linear(config.hidden_size, config.embedding_size)
        norm = nn.LayerNorm(config.embedding_size, config.layer_norm_eps)
        self.generator_predictions = nn.Sequential(
            OrderedDict(dense=dense, act=nn.GELU(), LayerNorm=norm)
        )
        self.generator_lm_head = nn.Linear(config.embedding_size, config.vocab_size)
        self.generator_predictions.apply(initialise)
        nn.init.zeros_(self.generator_lm_head.bias)
        self.generator_lm_head.weight = self.electra.embeddings.word_embeddings.weight

    def scores(self, hidden: Tensor) -> Tensor:
        """(..., E) → (..., vocabulary)."""
        return self.generator_lm_head(self.generator_predictions(hidden))

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
    ) -> Tensor:
        """All (B, T). Returns (B, T, vocabulary)."""
        return self.scores(self.electra.encode(input_ids, attention_mask, token_type_ids))


class Discriminator(nn.Module):
    """For each token, whether it was replaced; ``transformers.ElectraForPreTraining``."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.electra, size = Electra(config), config.hidden_size
        dense, last = nn.Linear(size, size), nn.Linear(size, 1)
        self.discriminator_predictions = nn.Sequential(
            OrderedDict(dense=dense, act=nn.GELU(), dense_prediction=last)
        ).apply(initialise)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
    ) -> Tensor:
        """All (B, T). Returns logits (B, T), above 0 where it takes the token for a fake."""
        hidden = self.electra.encode(input_ids, attention_mask, token_type_ids)
        return self.discriminator_predictions(hidden)[..., 0]


# ---------------------------------------------------------------- the two together


def sample(logits: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Draw from softmax(``logits``), (..., V) → (...): the largest of logit + Gumbel noise.

    Raises as `wode.checks.likeliest` does: logits with NaN are no distribution.
    """
    uniform = torch.rand(logits.shape, generator=generator, dtype=logits.dtype).to(logits.device)
    return likeliest(logits - (-uniform.clamp(min=1e-20).log()).log())


def fill(ids: Tensor, labels: Tensor, words: Tensor) -> tuple[Tensor, Tensor]:
    """Put ``words`` (M,) into the M gaps of ``ids``: the text, and where it is a fake; (B, T).

    ``labels`` (B, T): the original at a gap, -100 elsewhere. A word that happens to be the original
    counts as real (the paper, section 2).
    """
    gaps = labels != IGNORE_INDEX
    filled = ids.masked_scatter(gaps, words)
    return filled, gaps & (filled != labels)


class Losses(NamedTuple):
    """The two losses, and what the discriminator was shown: the text (B, T) and its fakes."""

    generator: Tensor
    discriminator: Tensor
    ids: Tensor
    replaced: Tensor


class Pair(nn.Module):
    """A generator and a discriminator with the same embeddings (section 3.2)."""

    def __init__(self, generator: Config, discriminator: Config) -> None:
        super().__init__()
        self.generator, self.discriminator = Generator(generator), Discriminator(discriminator)
        shared = (self.generator.electra.embeddings, self.discriminator.electra.embeddings)
        sizes = [part.word_embeddings.weight.shape for part in shared]
        if sizes[0] != sizes[1]:
            raise ValueError(f"expected embeddings of one size to share, got {sizes}")
        self.generator.electra.embeddings = self.discriminator.electra.embeddings
        words = self.discriminator.electra.embeddings.word_embeddings
        self.generator.generator_lm_head.weight = words.weight

    def losses(
        self,
        ids: Tensor,
        labels: Tensor,
        attention_mask: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Losses:
        """Both losses on a text with gaps, (B, T) each, of `corrupt`; ValueError without a gap."""
        gaps = labels != IGNORE_INDEX
        if not gaps.any():
            raise ValueError(f"no label in {tuple(labels.shape)}: all are {IGNORE_INDEX}")
        hidden = self.generator.electra.encode(ids, attention_mask)
        logits = self.generator.scores(hidden[gaps])  # (M, vocabulary)
        text, replaced = fill(ids, labels, sample(logits.detach(), generator))
        fake = self.discriminator(text, attention_mask)  # (B, T)
        real = torch.ones_like(gaps) if attention_mask is None else attention_mask.bool()
        told = F.binary_cross_entropy_with_logits(fake[real], replaced[real].to(fake.dtype))
        return Losses(F.cross_entropy(logits, labels[gaps]), told, text, replaced)


def pretrain(
    pair: Pair, tokenizer: WordPiece, texts: Sequence[str], steps: int, lr: float, batch: int = 64
) -> Pair:
    """Train generator and discriminator together; new gaps each time a sentence comes.

    Raises:
        TypeError: one string for texts.
        ValueError: no text, or less than 1 of ``steps`` or ``batch``.
    """
    steps, batch = whole("steps", steps, 1), whole("batch", batch, 1)
    N = whole("a number of texts", len(texts), 1)
    words, chance = Words.of(tokenizer.vocabulary), torch.Generator().manual_seed(0)
    encoded = [tokenizer.encode(text) for text in several("texts", texts)]
    optimizer = torch.optim.AdamW(pair.parameters(), lr=lr, weight_decay=0.01, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    pair.train()
    for _ in range(steps):
        drawn = torch.randint(N, (batch,), generator=chance).tolist()
        inputs = pad([encoded[n] for n in drawn])  # 1 take data; 15 % of it becomes [MASK]
        chosen = choose_exactly(inputs["input_ids"], words, generator=chance)
        ids, labels = corrupt(inputs["input_ids"], chosen, words, chance, 1.0, 0.0)
        losses = pair.losses(ids, labels, inputs["attention_mask"], chance)  # 2 forward, 3 loss
        optimizer.zero_grad()  # 4 zero_grad
        (losses.generator + 50 * losses.discriminator).backward()  # 5 backward
        optimizer.step()  # 6 step
        scheduler.step()
    return pair.eval()  # 7 save: the caller's
