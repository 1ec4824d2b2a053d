"""wode.denoising: each damage can be undone where its target says how, and takes what was asked."""

import random
from collections import Counter
from itertools import groupby, pairwise

import pytest
import torch
from helpers import assert_close, assert_same_gradients, gradients, randomise
from hypothesis import given, settings
from hypothesis import strategies as st

from wode.bart import Bart, Config
from wode.denoising import (
    Pair,
    document_rotation,
    mass,
    parts,
    poisson,
    restore,
    sentence_permutation,
    span_corruption,
    text_infilling,
    token_deletion,
    token_masking,
)
from wode.seq2seq import batch_of

texts = st.lists(st.integers(0, 50), min_size=1, max_size=60)
shares = st.floats(0.01, 1)
MASK = -1
SENTINELS = [-n for n in range(100, 200)]


def is_subsequence(part: list, whole: list) -> bool:
    rest = iter(whole)
    return all(token in rest for token in part)


@given(text=texts, share=shares, seed=st.integers())
@settings(max_examples=100)
def test_mass_hides_one_stretch_and_the_target_fills_it(text, share, seed):
    source, target, begin = mass(text, MASK, random.Random(seed), share)
    assert len(source) == len(text)
    assert source[begin : begin + len(target)] == [MASK] * len(target)
    assert source.count(MASK) == len(target) == max(1, round(share * len(text)))
    assert [*source[:begin], *target, *source[begin + len(target) :]] == text


@pytest.mark.equals("mass")
@given(
    rows=st.lists(st.lists(st.integers(4, 30), min_size=1, max_size=9), min_size=1, max_size=3),
    share=shares,
    seed=st.integers(0, 2**32),
)
@settings(max_examples=40)
def test_the_loss_of_mass_is_its_formula(rows, share, seed):
    """Equation 1, Π P(x_t | x_u … x_{t-1}, the rest), a token at a time and without padding."""
    torch.manual_seed(seed)
    config = Config(31, 8, 1, 1, 2, 2, 8, 8, 12, 0.0, pad_token_id=0, decoder_start_token_id=1)
    model, naive = (randomise(Bart(config).double()) for _ in range(2))
    naive.load_state_dict(model.state_dict())
    chance = random.Random(seed)
    hidden = [mass(row, 3, chance, share) for row in rows]
    ids, mask, labels = batch_of([Pair(one.source, one.labels()) for one in hidden])
    loss = model.loss(ids, labels, mask)
    terms = []
    for source, stretch, begin in hidden:
        memory = naive.encode(torch.tensor([source]))
        for t, token in enumerate(stretch):
            before = torch.tensor([[1, *[0] * begin, *stretch[:t]]])  # no token outside the stretch
            terms.append(-naive.decode(before, memory)[0, -1].log_softmax(dim=-1)[token])
    expected = torch.stack(terms).mean()
    assert_close(loss, expected, 1e-9)
    loss.backward()
    expected.backward()
    assert_same_gradients(model, gradients(naive), 1e-9)


@given(text=texts, share=shares, seed=st.integers())
@settings(max_examples=100)
def test_masking_and_deletion_take_the_share(text, share, seed):
    wanted = max(1, round(share * len(text)))
    masked = token_masking(text, MASK, random.Random(seed), share)
    assert masked.count(MASK) == wanted
    assert all(a in (b, MASK) for a, b in zip(masked, text, strict=True))
    shorter = token_deletion(text, random.Random(seed), share)
    assert len(shorter) == len(text) - wanted
    assert shorter == [token for token in masked if token != MASK]  # the same seed, the same places


@given(text=texts, share=shares, mean=st.floats(0.5, 6), seed=st.integers())
@settings(max_examples=100)
def test_infilling_takes_the_share_and_no_two_masks_touch(text, share, mean, seed):
    damaged = text_infilling(text, MASK, random.Random(seed), share, mean)
    kept = [token for token in damaged if token != MASK]
    assert len(kept) == len(text) - max(1, round(share * len(text)))
    assert is_subsequence(kept, text)
    assert all(len(list(run)) == 1 for token, run in groupby(damaged) if token == MASK)
    assert MASK in damaged


@given(text=st.lists(texts, min_size=1, max_size=6), seed=st.integers())
@settings(max_examples=50)
def test_sentences_stay_whole(text, seed):
    mixed = sentence_permutation(text, random.Random(seed))
    assert Counter(mixed) == Counter(token for sentence in text for token in sentence)
    joined = ",".join(map(str, mixed))
    assert all(",".join(map(str, sentence)) in joined for sentence in text)


@given(text=texts, seed=st.integers())
@settings(max_examples=50)
def test_a_rotation_can_be_turned_back(text, seed):
    turned = document_rotation(text, random.Random(seed))
    assert any(turned[n:] + turned[:n] == text for n in range(len(text)))
    assert document_rotation([], random.Random(seed)) == []


@given(text=texts, share=shares, mean=st.floats(1, 6), seed=st.integers())
@settings(max_examples=200)
def test_t5s_spans_can_be_put_back(text, share, mean, seed):
    source, target = span_corruption(text, SENTINELS, random.Random(seed), share, mean)
    assert restore(source, target, SENTINELS) == text
    marks = [token for token in source if token in SENTINELS]
    said = [token for token in target if token in SENTINELS]
    assert marks == SENTINELS[: len(marks)] and said == SENTINELS[: len(marks) + 1]
    assert target[-1] == said[-1]
    assert len(target) - len(said) == max(1, round(share * len(text)))
    runs = groupby(source, SENTINELS.__contains__)
    assert all(len(list(run)) == 1 for is_mark, run in runs if is_mark)
    # None of the targets between two marks is empty.
    assert all(a not in SENTINELS or b not in SENTINELS for a, b in pairwise(target))


def test_a_short_text_is_hidden_at_any_place() -> None:
    """T5's program would hide the last three of 20 tokens, always."""
    chance = random.Random(0)
    begins = Counter(
        span_corruption(range(20), SENTINELS, chance)[0].index(SENTINELS[0]) for _ in range(3600)
    )
    assert sorted(begins) == list(range(18))
    assert all(abs(count - 200) < 75 for count in begins.values())  # five standard deviations


def test_the_same_seed_damages_the_same_way() -> None:
    text = list(range(40))
    assert text_infilling(text, MASK, random.Random(3)) == text_infilling(
        text, MASK, random.Random(3)
    )
    assert span_corruption(text, SENTINELS, random.Random(3)) == span_corruption(
        text, SENTINELS, random.Random(3)
    )


def test_poisson_numbers_have_their_mean_and_variance() -> None:
    chance = random.Random(0)
    numbers = [poisson(3.0, chance) for _ in range(20_000)]
    mean = sum(numbers) / len(numbers)
    variance = sum((n - mean) ** 2 for n in numbers) / len(numbers)
    assert abs(mean - 3) < 0.07 and abs(variance - 3) < 0.2
    assert abs(numbers.count(0) / 20_000 - 0.0498) < 0.008  # a mask where nothing is missing


def test_parts_are_all_ways_to_cut() -> None:
    chance = random.Random(0)
    counts = Counter(tuple(parts(5, 3, chance)) for _ in range(6000))
    assert len(counts) == 6 and all(sum(cut) == 5 for cut in counts)
    assert all(abs(count - 1000) < 150 for count in counts.values())


def test_what_cannot_be_is_named() -> None:
    with pytest.raises(ValueError, match="expected a share"):
        token_masking([1, 2], MASK, random.Random(0), 0)
    with pytest.raises(ValueError, match="at least 6 sentinels, got 2"):
        span_corruption(range(100), SENTINELS[:2], random.Random(0))
