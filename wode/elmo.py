"""ELMo: a word's vector is what two language models know when they stand at it.

*Deep contextualized word representations* (Peters et al., arXiv:1802.05365). One LSTM reads a
sentence from the left and predicts the next word, another reads it from the right and predicts the
word before. What all their layers hold at a word, mixed with weights that a task learns, is that
word's vector in this sentence.

A batch of sentences is (B, T), padded at the end; `numbered` puts BEGIN and END at a sentence's
ends, two tokens like the others. Where the authors' code (allenai/bilm-tf) does otherwise than the
paper says, or does more, it says so here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.padding import hide_padding, pad_ids, real_tokens
from wode.translation import BEGIN, END, PAD, Vocabulary, not_text

#: How many numbers a character has: 0 is padding, 1 + b the byte b, then four marks.
SPELLING = 261
WORD_BEGIN, WORD_END, SENTENCE_BEGIN, SENTENCE_END = range(257, SPELLING)


@dataclass(frozen=True)
class Config:
    """ELMo's sizes. The paper's: size 512, hidden 4096, 2 layers, 2048 filters of width 1 … 7.

    ``size`` E: a word's vector, and a direction's states, projected from ``hidden`` if that is
    more. ``filters``: (width, how many) each; without them words have vectors by their number.
    """

    vocab_size: int
    size: int = 64
    hidden: int = 64
    layers: int = 2
    filters: tuple[tuple[int, int], ...] = ()
    character_size: int = 16
    highways: int = 2
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if not 1 <= self.size <= self.hidden or self.layers < 1:
            raise ValueError(
                "expected 1 ≤ size ≤ hidden and layers ≥ 1, got "
                f"{self.size}, {self.hidden} and {self.layers}"
            )
        if any(width < 1 or many < 1 for width, many in self.filters):
            raise ValueError(f"expected filters (width ≥ 1, how many ≥ 1), got {self.filters}")


# ---------------------------------------------------------------- sentences as numbers


def numbered(sentences: Sequence[Sequence[str]], vocabulary: Vocabulary) -> tuple[Tensor, Tensor]:
    """Ids with BEGIN and END, and what is real: int64 and bool (B, T). Word k is at k + 1."""
    ids = pad_ids([[BEGIN, *vocabulary.encode(words), END] for words in sentences], PAD)
    return ids, ids != PAD


def spelled(sentences: Sequence[Sequence[str]], longest: int = 50) -> Tensor:
    """The words' UTF-8 bytes between marks, as ELMo's authors number them: int64 (B, T, C).

    0 is padding. No vocabulary is needed: an unknown word has its spelling too. ``longest``: at
    most so many numbers a word, its two marks among them.

    Raises:
        ValueError: ``longest`` below 3, where no byte has room.
    """
    if longest < 3:
        raise ValueError(f"expected longest ≥ 3, got {longest}")
    rows = list[list[list[int]]]()
    for words in sentences:
        inside = [[1 + byte for byte in word.encode()[: longest - 2]] for word in not_text(words)]
        inside = [[SENTENCE_BEGIN], *inside, [SENTENCE_END]]
        rows.append([[WORD_BEGIN, *word, WORD_END] for word in inside])
    T = max(map(len, rows))
    C = max(len(word) for row in rows for word in row)
    padded = [
        [word + [0] * (C - len(word)) for word in row] + [[0] * C] * (T - len(row)) for row in rows
    ]
    return torch.tensor(padded)


# ---------------------------------------------------------------- a word by its characters


def best_window(x: Tensor, real: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """The most that each filter finds in a word: (N, d, C), bool (N, C) → (N, filters), ReLU.

    ``weight`` (filters, d, width) and ``bias`` (filters,) are an `nn.Conv1d`'s. A window begins at
    each real character; zeros follow the last one. (In the authors' code every word is padded to
    50 with a learned vector, and windows of padding are looked at too.)
    """
    y = F.conv1d(F.pad(x, (0, weight.shape[2] - 1)), weight, bias)  # (N, filters, C)
    return y.masked_fill(~real[:, None], -torch.inf).amax(dim=-1).relu()


def highway(x: Tensor, transform: nn.Module, gate: nn.Module) -> Tensor:
    """t ⊙ ReLU(W_H x + b_H) + (1 − t) ⊙ x with t = σ(W_T x + b_T): (..., n) → (..., n).

    How much is changed and how much goes through as it is, decided for each number (Srivastava et
    al., arXiv:1505.00387; for a word's filters, Kim et al., arXiv:1508.06615, section 2.2).
    ``transform`` and ``gate``: two `nn.Linear` (n, n).
    """
    t = gate(x).sigmoid()
    return t * transform(x).relu() + (1 - t) * x


class CharacterWords(nn.Module):
    """A word's vector from its characters: filters of several widths, highways, a projection."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        d, n = config.character_size, sum(many for _, many in config.filters)
        self.characters = nn.Embedding(SPELLING, d)
        self.filters = nn.ModuleList(nn.Conv1d(d, many, width) for width, many in config.filters)
        self.transforms = nn.ModuleList(nn.Linear(n, n) for _ in range(config.highways))
        self.gates = nn.ModuleList(nn.Linear(n, n) for _ in range(config.highways))
        self.projection = nn.Linear(n, config.size)
        for gate in self.gates:
            nn.init.constant_(gate.get_parameter("bias"), -2.0)  # at first most goes through

    def forward(self, spelling: Tensor) -> Tensor:
        """`spelled` words (B, T, C) → (B, T, E)."""
        letters = spelling.flatten(0, 1)  # (B · T, C)
        real = letters > 0
        x = (self.characters(letters) * real[..., None]).transpose(1, 2)  # (B · T, d, C)
        found = [best_window(x, real, *one.parameters()) for one in self.filters]
        y = torch.cat(found, dim=-1)  # (B · T, n)
        for transform, gate in zip(self.transforms, self.gates, strict=True):
            y = highway(y, transform, gate)
        return self.projection(y).unflatten(0, spelling.shape[:2])


# ---------------------------------------------------------------- two language models


def from_the_end(x: Tensor, lengths: Tensor) -> Tensor:
    """Each sentence in reverse from its own end, padding where it was: (B, T, ...), (B,).

    What is to be read from the right; done twice, it is as before.
    """
    t = torch.arange(x.shape[1], device=x.device)
    last = lengths[:, None] - 1
    index = torch.where(t <= last, last - t, t)  # (B, T)
    return x[torch.arange(len(x), device=x.device)[:, None], index]


def read(lstms: Iterable[nn.Module], x: Tensor, dropout: nn.Module) -> list[Tensor]:
    """A direction's layers over x (B, T, E), x itself the first. From the second on, h + input."""
    states = [x]
    for depth, lstm in enumerate(lstms):
        x = dropout(states[-1])
        h, _ = lstm(x)  # (B, T, E)
        states.append(h + x if depth else h)
    return states


def prediction_losses(
    last: Tensor, ids: Tensor, real: Tensor, softmax: nn.Module
) -> tuple[Tensor, Tensor]:
    """−log p(t_k | t_1 … t_{k−1}) and −log p(t_k | t_{k+1} … t_N), means over all k, in nats.

    Section 3.1 maximizes their sums. ``last`` (B, T, 2E): the top layer's h→ and h←; ``ids`` and
    ``real`` (B, T); ``softmax`` gives logits (..., V) to both.
    """
    forward, backward = last.chunk(2, dim=-1)
    both = real[:, 1:]  # there is a word here and one before it
    return (
        F.cross_entropy(softmax(forward[:, :-1][both]), ids[:, 1:][both]),
        F.cross_entropy(softmax(backward[:, 1:][both]), ids[:, :-1][both]),
    )


class ELMo(nn.Module):
    """Two language models with LSTMs of their own; a word's vector and the softmax are shared.

    (The authors' code also clips the LSTMs' states, begins a batch with the states that the last
    one left, and trains with a sampled softmax.)
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        E = config.size
        by_number = nn.Embedding(config.vocab_size, E)
        self.words = CharacterWords(config) if config.filters else by_number
        projected = E if config.hidden > E else 0  # nn.LSTM's 0: h as the cell gives it
        directions = (
            nn.ModuleList(
                nn.LSTM(E, config.hidden, batch_first=True, proj_size=projected)
                for _ in range(config.layers)
            )
            for _ in range(2)
        )
        self.forwards, self.backwards = directions
        self.softmax = nn.Linear(E, config.vocab_size)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, words: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """R_k, all layers' states at each word: (L + 1, B, T, 2E), zero at padding.

        Layer 0 is [x_k; x_k], layer j is [h→_kj; h←_kj]: the first E numbers know the words up to
        k, the last E those from k on.

        Args:
            words: `numbered` (B, T), or `spelled` (B, T, C) if the model has filters.
            attention_mask: (B, T), true at real tokens, which come first.
        """
        real = self.real(words, attention_mask)
        lengths = real.sum(dim=1)
        x = hide_padding(self.words(words), real)  # (B, T, E)
        right = read(self.forwards, x, self.dropout)
        left = read(self.backwards, from_the_end(x, lengths), self.dropout)
        layers = [
            torch.cat([one, from_the_end(other, lengths)], dim=-1)
            for one, other in zip(right, left, strict=True)
        ]
        return torch.stack(layers).masked_fill(~real[..., None], 0.0)

    def losses(
        self, ids: Tensor, attention_mask: Tensor | None = None, words: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """What the two language models' predictions cost, nats a token: `prediction_losses`.

        ``ids`` (B, T) are to be predicted, and read too if no `spelled` ``words`` are given.

        Raises:
            ValueError: no sentence of two tokens.
        """
        words = ids if words is None else words
        last = self(words, attention_mask)[-1]  # (B, T, 2E)
        real = self.real(words, attention_mask)
        if ids.shape != real.shape or not real[:, 1:].any():
            raise ValueError(
                f"expected ids {tuple(real.shape)} with a sentence of two tokens or more, got "
                f"{tuple(ids.shape)} with at most {int(real.sum(dim=1).max())}"
            )
        return prediction_losses(self.dropout(last), ids, real, self.softmax)

    def real(self, words: Tensor, attention_mask: Tensor | None) -> Tensor:
        """The mask, bool (B, T), when it and the words are what this model reads.

        Raises:
            ValueError: words of the other kind, a mask that `wode.padding.real_tokens` refuses, or
                padding elsewhere.
        """
        wanted = "(B, T, C), spelled" if self.config.filters else "(B, T), numbered"
        if words.ndim != (3 if self.config.filters else 2):
            raise ValueError(f"expected words {wanted}, got {tuple(words.shape)}")
        if attention_mask is None:
            return torch.ones(words.shape[:2], dtype=torch.bool, device=words.device)
        real = real_tokens(attention_mask, words)
        if (real[:, 1:] & ~real[:, :-1]).any():
            raise ValueError("expected padding at the end only, got a token after padding")
        return real


# ---------------------------------------------------------------- the mixture


def mixture(layers: Tensor, weights: Tensor, gamma: Tensor) -> Tensor:
    """γ Σ_j s_j h_j, s = softmax(weights), eq. (1): (L + 1, ..., D), (L + 1,), () → (..., D)."""
    s = weights.softmax(dim=0)
    return gamma * torch.einsum("j,j...->...", s, layers)


class Mixture(nn.Module):
    """`mixture` with weights and a γ that a task learns; at first the layers' mean.

    ``layers``: how many there are, L + 1. ``layer_norm``: each is first brought to mean 0 and
    variance 1 at each word. (The authors' code takes them over a whole batch.)
    """

    def __init__(self, layers: int, layer_norm: bool = False) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(layers))
        self.gamma = nn.Parameter(torch.ones(()))
        self.layer_norm = layer_norm

    @property
    def shares(self) -> Tensor:
        """s, which sum to one: (L + 1,)."""
        return self.weights.softmax(dim=0)

    def forward(self, layers: Tensor) -> Tensor:
        """(L + 1, ..., D) → (..., D)."""
        if len(layers) != len(self.weights):
            raise ValueError(f"expected {len(self.weights)} layers, got {len(layers)}")
        if self.layer_norm:
            layers = F.layer_norm(layers, layers.shape[-1:])
        return mixture(layers, self.weights, self.gamma)
