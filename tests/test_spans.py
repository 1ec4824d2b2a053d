"""wode.spans: whole units, the law of span lengths, and the span boundary objective's formula."""

import jieba
import pytest
import torch
from helpers import assert_close, assert_same_gradients, gradient, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from wode.bert import Config
from wode.masking import Words, corrupt
from wode.spans import (
    SpanBoundary,
    choose_spans,
    choose_units,
    leaders_of,
    runs,
    span_lengths,
)
from wode.wordpiece import SPECIAL, WordPiece

WORDS = Words(50, 4, (0, 1, 2, 3, 4))


def batch(B: int, T: int, seed: int) -> tuple[Tensor, Tensor]:
    """Texts with [CLS] and [SEP], padded, and random units of one to four tokens: (B, T) each."""
    chance = torch.Generator().manual_seed(seed)
    ids = torch.randint(5, 50, (B, T), generator=chance)
    lengths = torch.randint(2, T + 1, (B,), generator=chance)
    ids[:, 0] = 2
    ids[torch.arange(T) >= lengths[:, None]] = 0
    ids[torch.arange(B), lengths - 1] = 3
    begins = torch.rand(B, T, generator=chance) < 0.5
    begins |= torch.isin(ids, torch.tensor(WORDS.special))
    begins[:, 1] = True
    place = torch.arange(T).expand(B, T)
    return ids, torch.where(begins, place, -1).cummax(dim=1).values


def whole(chosen: Tensor, leaders: Tensor) -> bool:
    return torch.equal(chosen, chosen.gather(1, leaders))


@given(
    B=st.integers(1, 5), T=st.integers(3, 30), share=st.floats(0.05, 1), seed=st.integers(0, 9999)
)
@settings(max_examples=100)
def test_units_are_hidden_whole_and_meet_one_fate(B, T, share, seed):
    ids, leaders = batch(B, T, seed)
    chance = torch.Generator().manual_seed(seed)
    chosen = choose_units(ids, WORDS, leaders, share, chance)
    assert whole(chosen, leaders)
    assert not chosen[ids < 5].any()
    if share == 1:
        assert torch.equal(chosen, ids >= 5)
    corrupted, labels = corrupt(ids, chosen, WORDS, chance, leaders=leaders)
    assert torch.equal(corrupted[~chosen], ids[~chosen])
    assert torch.equal(labels[chosen], ids[chosen])
    fate = torch.where(corrupted == WORDS.mask, 0, torch.where(corrupted == ids, 1, 2))
    assert torch.equal(fate[chosen], fate.gather(1, leaders)[chosen])


def test_a_token_is_hidden_as_often_in_a_long_unit() -> None:
    ids = torch.full((20_000, 12), 7)
    leaders = torch.tensor([0, 0, 0, 0, 4, 4, 6, 7, 8, 8, 8, 11]).expand_as(ids)
    chosen = choose_units(ids, WORDS, leaders, 0.15, torch.Generator().manual_seed(0))
    assert ((chosen.float().mean(dim=0) - 0.15).abs() < 0.0127).all()  # five standard deviations


def test_units_come_from_a_segmenters_words() -> None:
    text = "哈尔滨是黑龙江的省会"
    characters = {c: n for n, c in enumerate([*SPECIAL, *sorted(set(text))])}
    encoding = WordPiece(characters).encode(text)
    cut = [(begin, end) for _, begin, end in jieba.tokenize(text)]
    leaders = leaders_of([encoding, WordPiece(characters).encode("哈")], [cut, [(0, 1)]])
    #            [CLS] 哈 尔 滨 是 黑 龙 江 的 省 会 [SEP]
    assert leaders[0].tolist() == [0, 1, 1, 1, 4, 5, 5, 5, 8, 9, 9, 11]
    assert leaders[1].tolist() == list(range(12))


def test_units_come_from_the_pieces_of_a_word_and_the_first_wins() -> None:
    pieces = [*SPECIAL, "new", "york", "##ers", "love"]
    encoding = WordPiece({piece: n for n, piece in enumerate(pieces)}).encode("New Yorkers love")
    assert leaders_of([encoding], [[(0, 11)]])[0].tolist() == [0, 1, 1, 1, 4, 5]
    assert leaders_of([encoding], [[(4, 11), (0, 11)]])[0].tolist() == [0, 1, 2, 2, 4, 5]
    assert leaders_of([encoding], [[(4, 6)]])[0].tolist() == list(range(6))  # half a piece: none


def test_span_lengths_follow_the_geometric_law_cut_off_at_ten() -> None:
    lengths = span_lengths(100_000, generator=torch.Generator().manual_seed(0))
    law = 0.2 * 0.8 ** torch.arange(10)
    law = law / law.sum()
    counted = lengths.bincount(minlength=11)[1:] / len(lengths)
    assert len(lengths.unique()) == 10
    assert ((counted - law).abs() < 5 * (law * (1 - law) / len(lengths)).sqrt()).all()
    mean = (law * torch.arange(1, 11)).sum().item()
    assert round(mean, 1) == 3.8  # what the paper says
    assert abs(lengths.float().mean().item() - mean) < 0.05
    assert len(span_lengths(1000, 1e-6).unique()) == 10  # all alike
    assert span_lengths(1000, 1.0).unique().tolist() == [1]


@given(
    B=st.integers(1, 4),
    T=st.integers(3, 40),
    share=st.floats(0.05, 0.5),
    units=st.booleans(),
    seed=st.integers(0, 9999),
)
@settings(max_examples=60)
def test_spans_hide_the_share_and_are_whole(B, T, share, units, seed):
    ids, leaders = batch(B, T, seed)
    given_leaders = leaders if units else None
    chance = torch.Generator().manual_seed(seed)
    chosen = choose_spans(ids, WORDS, given_leaders, share, generator=chance)
    again = choose_spans(
        ids, WORDS, given_leaders, share, generator=torch.Generator().manual_seed(seed)
    )
    assert torch.equal(chosen, again)
    assert not chosen[ids < 5].any()
    real = (ids >= 5).sum(dim=1)
    wanted = (real * share).round().clamp(min=1) * (real > 0)
    if units:
        assert whole(chosen, leaders)
        assert (chosen.sum(dim=1) <= wanted).all()
    else:
        assert torch.equal(chosen.sum(dim=1), wanted.long())


def test_spans_of_a_long_text_have_the_lengths_of_the_law() -> None:
    """In a short one they cannot: 15 % of 20 tokens are three."""
    chance = torch.Generator().manual_seed(0)
    ids = torch.full((40, 512), 7)
    chosen = choose_spans(ids, WORDS, generator=chance)
    starts = chosen & (runs(chosen) == torch.arange(512))
    mean = chosen.sum() / starts.sum()
    assert 3.4 < mean < 4.2
    short = torch.full((400, 20), 7)
    chosen = choose_spans(short, WORDS, generator=chance)
    starts = chosen & (runs(chosen) == torch.arange(20))
    assert chosen.sum() / starts.sum() < 2


@pytest.mark.equals("spanbert")
@given(
    size=st.integers(2, 12),
    B=st.integers(1, 4),
    T=st.integers(3, 16),
    share=st.floats(0.1, 0.6),
    eps=st.sampled_from([1e-12, 1e-5]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=60)
def test_the_span_boundary_objective_is_the_papers_formula(size, B, T, share, eps, seed):
    """Written token by token: h_0 = [x_(s-1); x_(e+1); p_(i-s+1)], two layers, the words."""
    torch.manual_seed(seed)
    config = Config(30, size, 1, 1, 8, layer_norm_eps=eps)
    head = randomise(SpanBoundary(config, nn.Embedding(30, size))).double()
    hidden = torch.randn(B, T, size, dtype=torch.float64, requires_grad=True)
    chosen = torch.rand(B, T) < share
    chosen[:, 0] = chosen[:, -1] = False
    chosen[0, 1] = True
    logits = head(hidden, chosen)

    w = dict(head.named_parameters())

    def layer(x: Tensor, n: int) -> Tensor:
        x = w[f"transform.{n}.weight"] @ x + w[f"transform.{n}.bias"]
        x = x * 0.5 * (1 + torch.erf(x / 2**0.5))
        x = (x - x.mean()) / (x.var(correction=0) + eps).sqrt()
        return x * w[f"transform.{n + 2}.weight"] + w[f"transform.{n + 2}.bias"]

    expected = []
    for row, i in chosen.nonzero().tolist():
        s = e = i
        while chosen[row, s - 1]:
            s -= 1
        while chosen[row, e + 1]:
            e += 1
        h0 = torch.cat([hidden[row, s - 1], hidden[row, e + 1], w["positions.weight"][i - s]])
        expected.append(w["decoder.weight"] @ layer(layer(h0, 0), 3) + w["decoder.bias"])
    expected = torch.stack(expected)
    assert_close(logits, expected, 1e-10)
    weight = torch.randn_like(expected)
    inputs = [hidden, *w.values()]
    theirs = torch.autograd.grad((expected * weight).sum(), inputs, retain_graph=True)
    (logits * weight).sum().backward()
    assert_close(gradient(hidden), theirs[0], 1e-8)
    assert_same_gradients(head, dict(zip(w, theirs[1:], strict=True)), 1e-8)


def test_what_cannot_be_is_named() -> None:
    head = SpanBoundary(Config(30, 6, 1, 1, 8), nn.Embedding(30, 6), longest=2)
    hidden, chosen = torch.randn(1, 6, 6), torch.zeros(1, 6, dtype=torch.bool)
    chosen[0, 0] = True
    with pytest.raises(ValueError, match="before and after"):
        head(hidden, chosen)
    chosen[0, 0], chosen[0, 1:4] = False, True
    with pytest.raises(ValueError, match="at most 2 tokens, got 3"):
        head(hidden, chosen)
    with pytest.raises(ValueError, match="expected a share"):
        choose_spans(torch.full((1, 5), 7), WORDS, share=0)


def test_stretches_are_where_the_text_is():
    """The boundary objective finds them on the model's device; meta stands for a GPU."""
    assert runs(torch.zeros(2, 4, dtype=torch.bool, device="meta")).device.type == "meta"
