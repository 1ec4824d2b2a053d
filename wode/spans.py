"""Hide together what belongs together: whole words, phrases and names, spans of any words.

Three ideas that are easily taken for one. *Whole-word masking* (Cui et al., arXiv:1906.08101) hides
all pieces of a word; in Chinese, where a token is a character, a segmenter says what a word is.
*ERNIE* (Sun et al., arXiv:1904.09223) hides phrases and names, which a list or a parser knows.
*SpanBERT* (Joshi et al., arXiv:1907.10529) hides spans of random length and asks for them from
the tokens beside them, too (`SpanBoundary`).

Units are written as *leaders*, (B, T): for each token the place of the first one of its unit. A
token by itself leads itself.
"""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from wode.bert import Config, initialise
from wode.masking import Words, check_share, coins, ordinary
from wode.wordpiece import Encoding

LONGEST = 10  # words in a span (SpanBERT, section 3.1)


def leaders_of(encodings: Sequence[Encoding], units: Sequence[Iterable[tuple[int, int]]]) -> Tensor:
    """Leaders (B, T) from units as (begin, end) in each text, such as the words of a segmenter.

    A token belongs to the first unit that holds all of it.
    """
    length = max((len(encoding.ids) for encoding in encodings), default=0)
    leaders = torch.arange(length).repeat(len(encodings), 1)  # (B, T)
    for row, (encoding, spans) in enumerate(zip(encodings, units, strict=True)):
        unit_at = {}
        for unit, (begin, end) in enumerate(spans):
            unit_at |= {place: unit_at.get(place, unit) for place in range(begin, end)}
        first: dict[int, int] = {}
        for place, ((begin, end), text) in enumerate(
            zip(encoding.offsets, encoding.sequence, strict=True)
        ):
            if text == 0 and unit_at.get(begin) == unit_at.get(end - 1) is not None:
                leaders[row, place] = first.setdefault(unit_at[begin], place)
    return leaders


def choose_units(
    input_ids: Tensor,
    words: Words,
    leaders: Tensor,
    share: float = 0.15,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Choose each unit with probability ``share``, all its tokens or none: bool (B, T)."""
    check_share(share)
    return ordinary(input_ids, words) & coins(share, input_ids, generator).gather(1, leaders)


def span_lengths(
    count: int, p: float = 0.2, longest: int = LONGEST, generator: torch.Generator | None = None
) -> Tensor:
    """``count`` lengths, length n as likely as p · (1 - p)^(n - 1) among 1 … ``longest``."""
    if not (1e-6 <= p <= 1 and longest >= 1):
        raise ValueError(f"expected 1e-6 <= p <= 1 and longest >= 1, got {p} and {longest}")
    law = p * (1 - p) ** torch.arange(longest)  # torch.multinomial divides by the sum
    return torch.multinomial(law, count, replacement=True, generator=generator) + 1


def choose_spans(
    input_ids: Tensor,
    words: Words,
    leaders: Tensor | None = None,
    share: float = 0.15,
    p: float = 0.2,
    longest: int = LONGEST,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Choose spans until ``share`` of each row is hidden, rounded, one token at least: bool (B, T).

    A span begins with a unit of ``leaders`` and has so many whole units as `span_lengths` says; one
    that would hold a special token or a token of an earlier span is drawn anew, as is one too long
    for what is left to hide (SpanBERT, section 3.1).
    """
    check_share(share)
    if leaders is None:
        leaders = torch.arange(input_ids.shape[1]).expand_as(input_ids)
    chosen = torch.zeros_like(ordinary(input_ids, words))
    for row, own in enumerate(ordinary(input_ids, words)):
        units: dict[int, list[int]] = {}  # from its first place to all of them
        lead = leaders[row].tolist()
        for place in own.nonzero()[:, 0].tolist():
            units.setdefault(lead[place], []).append(place)
        heads, taken = [*units], set[int]()
        left = max(1, round(share * int(own.sum()))) if heads else 0
        tries = 50 * left
        lengths = span_lengths(tries, p, longest, generator).tolist() if tries else []
        starts = (torch.rand(tries, generator=generator) * len(heads)).long().tolist()
        for start, length in zip(starts, lengths, strict=True):
            if length > left or start + length > len(heads):
                continue  # a unit has one token at least
            tokens = [place for head in heads[start : start + length] for place in units[head]]
            whole = tokens[-1] - tokens[0] == len(tokens) - 1
            if whole and len(tokens) <= left and taken.isdisjoint(tokens):
                taken |= {*tokens}
                left -= len(tokens)
        chosen[row, [*taken]] = True
    return chosen


def runs(chosen: Tensor) -> Tensor:
    """The leaders (B, T) of what is chosen in one stretch; the rest leads itself."""
    place = torch.arange(chosen.shape[1], device=chosen.device).expand_as(chosen)
    goes_on = chosen & nn.functional.pad(chosen, (1, 0))[:, :-1]
    return torch.where(goes_on, -1, place).cummax(dim=1).values


def beside(chosen: Tensor, longest: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """For each of M chosen tokens: its row, the places before and after its span, its own within.

    Raises:
        ValueError: a span at the edge of the text, which has no token beside it, or one of more
            than ``longest`` tokens.
    """
    row, place = chosen.nonzero(as_tuple=True)  # (M,)
    begin = runs(chosen)[row, place]
    end = chosen.shape[1] - 1 - runs(chosen.flip(1)).flip(1)[row, place]
    if chosen[:, 0].any() or chosen[:, -1].any():
        raise ValueError("expected a token before and after each span, such as [CLS] and [SEP]")
    if len(place) and (found := int((end - begin).max()) + 1) > longest:
        raise ValueError(f"expected spans of at most {longest} tokens, got {found}")
    return row, begin - 1, end + 1, place - begin


class SpanBoundary(nn.Module):
    """SpanBERT's second head: a token of a span from those beside the span (section 3.2)."""

    def __init__(self, config: Config, words: nn.Embedding, longest: int = 2 * LONGEST) -> None:
        super().__init__()
        size, eps = config.hidden_size, config.layer_norm_eps
        self.positions = nn.Embedding(longest, size)
        self.transform = nn.Sequential(
            *(nn.Linear(3 * size, size), nn.GELU(), nn.LayerNorm(size, eps)),
            *(nn.Linear(size, size), nn.GELU(), nn.LayerNorm(size, eps)),
        )
        self.decoder = nn.Linear(size, config.vocab_size)
        self.apply(initialise)
        self.decoder.weight = words.weight

    def forward(self, hidden: Tensor, chosen: Tensor) -> Tensor:
        """hidden (B, T, E), chosen (B, T), M true → (M, V). Raises as `beside` does."""
        row, before, after, within = beside(chosen, self.positions.num_embeddings)  # (M,) each
        sides = [hidden[row, before], hidden[row, after], self.positions(within)]
        return self.decoder(self.transform(torch.cat(sides, dim=-1)))
