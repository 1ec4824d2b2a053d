"""Copying: words of the source can be written, whether the vocabulary holds them or not.

    pointer network     p(place)                             Vinyals et al., arXiv:1506.03134
    CopyNet             p(word, generated), p(place, copied) Gu et al., arXiv:1603.06393
    pointer–generator   the same two (`Modes`), by p_gen     See et al., arXiv:1704.04368

A word that the vocabulary (V words) lacks has a number in its own example: V, V + 1, … in order of
first occurrence in the source. `wode.translation.batch_of` makes batches; padding is at the end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from wode.checks import likeliest, several, whole
from wode.decoding import device_of, evaluating
from wode.padding import hide_padding, pad_ids, real_tokens
from wode.translation import BEGIN, END, PAD, UNKNOWN, Example, Vocabulary, not_text


def number_source(vocabulary: Vocabulary, tokens: Iterable[str]) -> tuple[list[int], list[str]]:
    """A source's numbers, V, V + 1, … for what the vocabulary lacks; and these words, in order."""
    known, outside = vocabulary.ids, dict[str, int]()
    ids = [
        known[token] if token in known else outside.setdefault(token, len(known) + len(outside))
        for token in not_text(tokens)
    ]
    return ids, list(outside)


def number_target(vocabulary: Vocabulary, tokens: Iterable[str], outside: list[str]) -> list[int]:
    """A target's numbers; a word neither in the vocabulary nor in ``outside`` is <unknown>."""
    numbers = {word: len(vocabulary) + k for k, word in enumerate(outside)}
    return [vocabulary.ids.get(word, numbers.get(word, UNKNOWN)) for word in not_text(tokens)]


def example_of(vocabulary: Vocabulary, source: Iterable[str], target: Iterable[str]) -> Example:
    """The numbers of a source and of its target."""
    ids, outside = number_source(vocabulary, source)
    return ids, number_target(vocabulary, target, outside)


def words_of(vocabulary: Vocabulary, ids: Iterable[int], outside: list[str]) -> list[str]:
    """The words of ``ids``, from V on those of ``outside``."""
    words = [*vocabulary.tokens, *outside]
    return [words[number] for number in ids]


def additive_attention(keys: Tensor, queries: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """log softmax of v·tanh(k_j + q_i): (B, S, A), (B, T, A), (A,), mask (B, S) → (B, T, S)."""
    scores = (keys[:, None] + queries[:, :, None]).tanh() @ v  # (B, T, S)
    return scores.masked_fill(~mask[:, None], -torch.inf).log_softmax(dim=2)


class Pointer(nn.Module):
    """Pointer networks, equation 3: u_j = v·tanh(W_1 e_j + W_2 d_i), softmax over the source."""

    def __init__(self, encoder_size: int, decoder_size: int, size: int) -> None:
        super().__init__()
        self.W_1 = nn.Linear(encoder_size, size, bias=False)
        self.W_2 = nn.Linear(decoder_size, size, bias=False)
        self.v = nn.Parameter(torch.randn(size) * size**-0.5)

    def forward(self, e: Tensor, d: Tensor, mask: Tensor) -> Tensor:
        """Encoder e (B, S, ·), decoder d (B, T, ·), real places (B, S) → log p (B, T, S)."""
        mask = real_tokens(mask, e, name="mask", each_row=True)
        return additive_attention(self.W_1(hide_padding(e, mask)), self.W_2(d), self.v, mask)


class Attention(nn.Module):
    """Pointer–generator, equations 1 and 2: v·tanh(W_h h_i + W_s s_t + b); 11: + w_c c_i."""

    def __init__(self, memory_size: int, size: int, coverage: bool = False) -> None:
        super().__init__()
        self.W_h = nn.Linear(memory_size, size, bias=False)
        self.W_s = nn.Linear(size, size)  # its bias is b_attn
        self.v = nn.Parameter(torch.randn(size) * size**-0.5)
        self.w_c = nn.Parameter(torch.zeros(size)) if coverage else None

    def forward(
        self, s: Tensor, keys: Tensor, mask: Tensor, coverage: Tensor
    ) -> tuple[Tensor, Tensor]:
        """s (B, T, A), keys = W_h h (B, S, A), mask (B, S) → log a (B, T, S), coverage (B, S).

        Coverage before and after (equation 10): with it, each t waits for the one before.
        """
        queries, parts = self.W_s(s), list[Tensor]()
        if self.w_c is None:
            return additive_attention(keys, queries, self.v, mask), coverage
        for query in queries.split(1, dim=1):
            covered = keys + coverage[:, :, None] * self.w_c  # (B, S, A)
            parts.append(additive_attention(covered, query, self.v, mask))
            coverage = coverage + parts[-1][:, 0].exp()
        return torch.cat(parts, dim=1), coverage


class Modes(NamedTuple):
    """log p of generating each word and of copying from each place; all sum to one."""

    generate: Tensor  # (B, T, V) log p(word, generated)
    copy: Tensor  # (B, T, S) log p(place, copied), −∞ where nothing can be copied
    attention: Tensor  # (B, T, S)

    @property
    def p_gen(self) -> Tensor:
        """How likely generating is, whatever the word: (B, T). Equation 8's, by construction."""
        return self.generate.logsumexp(dim=-1).exp()


def log_probability(modes: Modes, source: Tensor, words: Tensor) -> Tensor:
    """log p of each word (B, T), however it comes: pointer–generator 9, CopyNet 4 to 6.

    Generated, or copied from its places in ``source`` (B, S); if it can be neither, <unknown>'s.
    """
    V = modes.generate.shape[2]
    there = (source[:, None] == words[:, :, None]) & (modes.copy > -torch.inf)  # (B, T, S)
    words = words.where((words < V) | there.any(dim=2), UNKNOWN)
    generated = modes.generate.gather(2, words.clamp(max=V - 1)[:, :, None])  # (B, T, 1)
    generated = generated.masked_fill((words >= V)[:, :, None], -torch.inf)
    copied = modes.copy.masked_fill(~there, -torch.inf)
    return torch.cat([generated, copied], dim=2).logsumexp(dim=2)


def distribution(modes: Modes, source: Tensor) -> Tensor:
    """p of every word, those outside the vocabulary behind the others: (B, T, V + outside)."""
    B, T, V = modes.generate.shape
    p = F.pad(modes.generate.exp(), (0, max(0, int(source.max()) + 1 - V)))
    return p.scatter_add(2, source[:, None].expand(B, T, -1), modes.copy.exp())


def coverage_of(attention: Tensor) -> Tensor:
    """c_t, equation 10: the attention (B, T, S) of all steps before t, summed: (B, T, S)."""
    return attention.cumsum(dim=1) - attention


def coverage_loss(attention: Tensor) -> Tensor:
    """Equation 12: Σ_i min(a_i, c_i), between 0 and 1; how much is attended to again: (B, T)."""
    return torch.minimum(attention, coverage_of(attention)).sum(dim=2)


@dataclass(frozen=True)
class Config:
    """Sizes, and how words come out; ``coverage`` is for attention that reads c (equation 11)."""

    vocabulary: int
    output: Literal["plain", "pointer_generator", "copynet"] = "pointer_generator"
    coverage: bool = False
    embedding: int = 64
    hidden: int = 128

    def __post_init__(self) -> None:
        if self.output not in (outputs := ("plain", "pointer_generator", "copynet")):
            raise ValueError(f"expected an output of {outputs}, got {self.output!r}")
        if self.coverage and self.output == "copynet":
            raise ValueError("expected no coverage with CopyNet: its paper has none")


class Memory(NamedTuple):
    """What the encoder gives."""

    states: Tensor  # (B, S, 2H)
    source: Tensor  # (B, S), numbers that may lie beyond the vocabulary
    mask: Tensor  # (B, S), true at real words


class State(NamedTuple):
    """Where a decoder stands."""

    h: Tensor  # (B, H)
    c: Tensor  # (B, H)
    kept: Tensor  # (B, S): the coverage so far; CopyNet's copy scores of the step before


class PointerGenerator(nn.Module):
    """Equations 1 to 11; without a gate ("plain") p_gen is 1.

    s_t is the LSTM's h. The authors' code differs: s_t is [c, h] in the attention and the gate,
    and the context of the step before is mixed into the LSTM's input.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        H, E, V = config.hidden, config.embedding, config.vocabulary
        self.cell = nn.LSTM(E, H, batch_first=True)
        self.attention = Attention(2 * H, H, config.coverage)
        self.V_1, self.V_2 = nn.Linear(3 * H, H), nn.Linear(H, V)  # the paper's V and V′
        self.gate = nn.Linear(3 * H + E, 1) if config.output == "pointer_generator" else None

    def forward(self, ids: Tensor, x: Tensor, memory: Memory, state: State) -> tuple[Modes, State]:
        """``ids`` (B, T), read as vectors x (B, T, E). All t at once, but for the coverage."""
        s, (h, c) = self.cell(x, (state.h[None], state.c[None]))  # (B, T, H)
        keys = self.attention.W_h(memory.states)
        log_a, coverage = self.attention(s, keys, memory.mask, state.kept)  # (B, T, S)
        context = log_a.exp() @ memory.states  # h*, (B, T, 2H)
        generate = self.V_2(self.V_1(torch.cat([s, context], dim=2))).log_softmax(dim=2)
        copy = torch.full_like(log_a, -torch.inf)
        if self.gate is not None:
            gate = self.gate(torch.cat([context, s, x], dim=2))  # p_gen = σ(gate), (B, T, 1)
            generate, copy = F.logsigmoid(gate) + generate, F.logsigmoid(-gate) + log_a
        return Modes(generate, copy, log_a.exp()), State(h[0], c[0], coverage)


def selective_read(states: Tensor, scores: Tensor, same: Tensor) -> Tensor:
    """ζ, CopyNet's equation 9: the states (B, S, D) of the word just written → (B, D).

    Z and K make of the ``scores`` (B, S) before it a softmax over the places where the word stands
    (``same``); zero if it stands nowhere.
    """
    scores = scores.masked_fill(~same, torch.finfo(scores.dtype).min)
    rho = scores.softmax(dim=1) * same  # (B, S)
    return (rho[:, None] @ states).squeeze(1)


class CopyNet(nn.Module):
    """Equations 4 to 9. The state is updated by [e(y); ζ; context], the context asked for by s.

    Z counts every place of the source; the paper writes a sum over its words, each once, with which
    the probabilities would exceed one where a word is repeated.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        H, E, V = config.hidden, config.embedding, config.vocabulary
        self.cell = nn.LSTMCell(E + 4 * H, H)
        self.attention = Attention(2 * H, H)
        self.W_o = nn.Linear(H, V, bias=False)
        self.W_c = nn.Linear(2 * H, H, bias=False)

    def forward(self, ids: Tensor, x: Tensor, memory: Memory, state: State) -> tuple[Modes, State]:
        """``ids`` (B, T), read as vectors x (B, T, E). Each step needs the scores before it."""
        keys, copies = self.attention.W_h(memory.states), self.W_c(memory.states).tanh()
        (h, c, scores), steps = state, list[tuple[Tensor, Tensor, Tensor]]()
        for word, x_t in zip(ids.split(1, dim=1), x.unbind(dim=1), strict=True):  # (B, 1), (B, E)
            log_a, _ = self.attention(h[:, None], keys, memory.mask, scores)
            context = (log_a.exp() @ memory.states).squeeze(1)  # (B, 2H)
            zeta = selective_read(memory.states, scores, memory.source == word)
            h, c = self.cell(torch.cat([x_t, zeta, context], dim=1), (h, c))
            scores = (copies @ h[:, :, None]).squeeze(2)  # ψ_c, equation 8: (B, S)
            steps.append((h, scores, log_a.exp().squeeze(1)))
        s, psi_c, attention = (torch.stack(part, dim=1) for part in zip(*steps, strict=True))
        psi_g = self.W_o(s)  # equation 7: (B, T, V)
        psi_c = psi_c.masked_fill(~memory.mask[:, None], -torch.inf)  # (B, T, S)
        both = torch.cat([psi_g, psi_c], dim=2).log_softmax(dim=2)  # one Z
        generate, copy = both.split([psi_g.shape[2], psi_c.shape[2]], dim=2)
        return Modes(generate, copy, attention), State(h, c, scores)


class CopyingModel(nn.Module):
    """A bidirectional LSTM reads the source, an LSTM writes, in one of three ways (`Config`)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        H, E = config.hidden, config.embedding
        self.embedding = nn.Embedding(config.vocabulary, E)
        self.encoder = nn.LSTM(E, H, batch_first=True, bidirectional=True)
        self.first_h, self.first_c = nn.Linear(2 * H, H), nn.Linear(2 * H, H)
        self.decoder = (CopyNet if config.output == "copynet" else PointerGenerator)(config)

    def embed(self, ids: Tensor) -> Tensor:
        """Vectors (B, T, E); what lies beyond the vocabulary is read as <unknown>."""
        return self.embedding(ids.where(ids < self.config.vocabulary, UNKNOWN))

    def encode(self, source: Tensor) -> tuple[Memory, State]:
        """The source (B, S), padded at its end; and where the decoder begins."""
        mask = source != PAD
        if not mask[:, 0].all() or (mask[:, 1:] & ~mask[:, :-1]).any():
            raise ValueError("expected sources of at least one word, padding only at their end")
        x, lengths = self.embed(source), mask.sum(dim=1).cpu()
        states, (h, c) = self.encoder(pack_padded_sequence(x, lengths, True, enforce_sorted=False))
        states, _ = pad_packed_sequence(states, True, total_length=source.shape[1])  # (B, S, 2H)
        h, c = (torch.cat([*part], dim=1) for part in (h, c))  # (B, 2H), both directions' last
        start = State(self.first_h(h), self.first_c(c), states.new_zeros(source.shape))
        return Memory(states, source, mask), start

    def decode(self, reads: Tensor, memory: Memory, state: State) -> tuple[Modes, State]:
        """Read the words (B, T) after what was read before."""
        return self.decoder(reads, self.embed(reads), memory, state)

    def forward(self, source: Tensor, reads: Tensor) -> Modes:
        """source (B, S), what the decoder reads (B, T): what it says at each t."""
        return self.decode(reads, *self.encode(source))[0]

    def loss(
        self, source: Tensor, reads: Tensor, says: Tensor, coverage_weight: float = 0.0
    ) -> Tensor:
        """Pointer–generator, 6, 7, 13 (λ): the mean over a row's words, then over the rows."""
        modes = self(source, reads)
        each = coverage_weight * coverage_loss(modes.attention) if coverage_weight else 0.0
        each, real = each - log_probability(modes, source, says), says != PAD  # (B, T)
        return (each.where(real, 0).sum(dim=1) / real.sum(dim=1)).mean()


class Written(NamedTuple):
    """What was written for one source (S words), and how each word came."""

    words: list[str]  # t, without <end>
    attention: Tensor  # (t, S)
    p_gen: Tensor  # (t,)
    copied: Tensor  # (t, S) p(place, copied)


def write(
    model: CopyingModel, vocabulary: Vocabulary, sources: Sequence[list[str]], max_length: int = 40
) -> list[Written]:
    """Write for each source the likeliest word each time, until <end> or ``max_length`` words."""
    numbered = [number_source(vocabulary, tokens) for tokens in several("sources", sources)]
    source = pad_ids([ids for ids, _ in numbered], PAD, device_of(model))
    with evaluating(model):
        (memory, state), steps = model.encode(source), list[tuple[Tensor, ...]]()
        words = source.new_full((len(source), 1), BEGIN)
        going = words != END  # (B, 1)
        while going.any() and len(steps) < whole("max_length", max_length, 1):
            modes, state = model.decode(words, memory, state)
            words = likeliest(distribution(modes, source), dim=2)  # (B, 1)
            going = going & (words != END)
            steps.append((words, going, modes.attention, modes.p_gen, modes.copy.exp()))
    ids, real, *how = (torch.cat(part, dim=1).cpu() for part in zip(*steps, strict=True))
    written = list[Written]()
    for n, t in enumerate(real.sum(dim=1).tolist()):
        attention, p_gen, copied = (part[n, :t] for part in how)
        said, S = words_of(vocabulary, ids[n, :t].tolist(), numbered[n][1]), len(numbered[n][0])
        written.append(Written(said, attention[:, :S], p_gen, copied[:, :S]))
    return written
