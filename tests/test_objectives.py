"""wode.objectives: the shares of the cloze test, the same chance as transformers', the pairs."""

import itertools
import math
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import BertTokenizer, DataCollatorForLanguageModeling

from wode.files.hub import MINILM, find
from wode.masking import (
    IGNORE_INDEX,
    Words,
    choose_exactly,
    choose_tokens,
    corrupt,
    mask_tokens,
    other_words,
)
from wode.objectives import next_sentence, sentence_order
from wode.wordpiece import WordPiece

SMALL = Words(size=12, mask=4, special=(0, 1, 2, 3, 4))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def is_binomial(count: int, of: int, share: float) -> bool:
    """Within five standard deviations: one false alarm in more than a million."""
    return abs(count - of * share) <= 5 * math.sqrt(of * share * (1 - share)) + 1e-9


@pytest.fixture(scope="module")
def minilm() -> WordPiece:
    return WordPiece.from_pretrained(MINILM)


# ---------------------------------------------------------------- masked language modelling


def test_the_vocabulary_says_what_is_special(minilm):
    words = Words.of(minilm.vocabulary)
    assert words == Words(30522, 103, (0, 100, 101, 102, 103))
    reference = BertTokenizer.from_pretrained(find(MINILM).path)
    assert set(words.special) == set(reference.all_special_ids)


@given(
    B=st.integers(1, 6),
    T=st.integers(1, 20),
    size=st.integers(7, 60),
    share=st.floats(0.01, 1),
    masked_share=st.floats(0, 1),
    other_share=st.floats(0, 1),
    exactly=st.booleans(),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=150)
def test_what_holds_of_every_batch(B, T, size, share, masked_share, other_share, exactly, seed):
    special = torch.randperm(size, generator=generator(seed))[: size - 2].tolist()
    special = tuple(special[: max(1, size // 3)])
    words = Words(size, special[-1], special)
    ids = torch.randint(size, (B, T), generator=generator(seed))
    before = ids.clone()
    pick = choose_exactly if exactly else choose_tokens
    chosen = pick(ids, words, share, generator(seed))
    is_special = torch.isin(ids, torch.tensor(special))
    assert not (chosen & is_special).any()
    if exactly:
        for row, n in zip(chosen, (~is_special).sum(1).tolist(), strict=True):
            assert row.sum() == min(n, max(1, round(n * torch.tensor(share).item())))
    shares = (masked_share, other_share * (1 - masked_share))
    corrupted, labels = corrupt(ids, chosen, words, generator(seed), *shares)
    assert torch.equal(ids, before)  # the caller's batch is left as it was
    assert torch.equal(labels, torch.where(chosen, ids, torch.tensor(IGNORE_INDEX)))
    assert torch.equal(corrupted[~chosen], ids[~chosen])
    changed = chosen & (corrupted != ids) & (corrupted != words.mask)
    assert not torch.isin(corrupted[changed], torch.tensor(special)).any()
    again = corrupt(ids, pick(ids, words, share, generator(seed)), words, generator(seed), *shares)
    assert torch.equal(again[0], corrupted)
    assert torch.equal(again[1], labels)


def counts_of(ids: Tensor, corrupted: Tensor, labels: Tensor, mask: int) -> tuple[int, ...]:
    chosen = labels != IGNORE_INDEX
    as_mask = chosen & (corrupted == mask)
    same = chosen & (corrupted == ids)
    other = chosen & ~as_mask & ~same
    return tuple(int(part.sum()) for part in (chosen, as_mask, other, same))


@pytest.mark.parametrize("size", [8, 30522])  # 8: three words only, the rule still exact
def test_80_10_10(size):
    words = Words(size, 4, (0, 1, 2, 3, 4))
    ids = torch.randint(5, size, (400, 500), generator=generator())
    corrupted, labels = mask_tokens(ids, words, generator=generator(1))
    chosen, as_mask, other, same = counts_of(ids, corrupted, labels, 4)
    assert is_binomial(chosen, ids.numel(), 0.15)
    assert is_binomial(as_mask, chosen, 0.8)
    assert is_binomial(other, chosen, 0.1)
    assert is_binomial(same, chosen, 0.1)


def test_choosing_exactly_is_even():
    """Each token of a row is chosen equally often, and an exact share of each row."""
    ids = torch.tensor([[2, 5, 6, 7, 8, 9, 10, 3, 0, 0]]).expand(4000, -1)
    chosen = choose_exactly(ids, SMALL, 0.5, generator())
    assert (chosen.sum(1) == 3).all()
    for column in range(1, 7):
        assert is_binomial(int(chosen[:, column].sum()), 4000, 0.5)
    assert not chosen[:, [0, 7, 8, 9]].any()
    one = choose_exactly(ids[:5], SMALL, 0.01, generator())
    assert (one.sum(1) == 1).all()
    nothing = choose_exactly(torch.tensor([[2, 3, 0]]), SMALL, 0.15, generator())
    assert not nothing.any()


def test_other_words_are_even_and_other():
    ids = torch.full((200, 500), 7)
    drawn = Counter(other_words(ids, SMALL, generator()).flatten().tolist())
    assert sorted(drawn) == [5, 6, 8, 9, 10, 11]
    assert all(is_binomial(count, 100_000, 1 / 6) for count in drawn.values())


@pytest.mark.parametrize("seed", range(5))
def test_the_same_chance_as_transformers(minilm, seed):
    """One seed: the same tokens chosen, the same ones [MASK], the same ones random."""
    reference = BertTokenizer.from_pretrained(find(MINILM).path)
    texts = ["The bank of the river.", "今天天气很好", "A much longer sentence than the others."]
    batch = minilm.batch(texts * 40)
    ids, words = batch["input_ids"], Words.of(minilm.vocabulary)
    ours, labels = mask_tokens(ids, words, generator=generator(seed))
    collate = DataCollatorForLanguageModeling(reference, seed=seed)
    theirs = collate([{"input_ids": row.tolist()} for row in ids])
    assert torch.equal(labels, theirs["labels"])
    assert torch.equal(ours == words.mask, theirs["input_ids"] == words.mask)
    kept = (ours == ids) | (ours == words.mask)
    # what they drew at random may be the token itself; all else is equal
    assert torch.equal(ours[kept], theirs["input_ids"][kept])
    assert counts_of(ids, ours, labels, words.mask)[2] >= 1


def test_another_seed_other_gaps():
    ids = torch.randint(5, 12, (8, 64), generator=generator())
    one, two = (mask_tokens(ids, SMALL, generator=generator(s))[1] for s in (1, 2))
    assert not torch.equal(one, two)
    torch.manual_seed(3)  # without a generator: torch's own chance
    first = mask_tokens(ids, SMALL)[0]
    torch.manual_seed(3)
    assert torch.equal(mask_tokens(ids, SMALL)[0], first)


def test_an_empty_batch_stays_empty():
    ids = torch.zeros(0, 5, dtype=torch.long)
    corrupted, labels = mask_tokens(ids, SMALL)
    assert corrupted.shape == labels.shape == (0, 5)


def test_malformed_input_is_named():
    ids = torch.tensor([[2, 5, 6, 3]])
    with pytest.raises(ValueError, match=r"whole numbers, got torch.float32 \(1, 4\)"):
        mask_tokens(ids.float(), SMALL)
    with pytest.raises(ValueError, match=r"got torch.int64 \(4,\)"):
        mask_tokens(ids[0], SMALL)
    with pytest.raises(ValueError, match="ids from 0 to 11, got 2 to 40"):
        mask_tokens(torch.tensor([[2, 40, 3]]), SMALL)
    with pytest.raises(ValueError, match="got -100 to 5"):
        choose_tokens(torch.tensor([[-100, 5]]), SMALL)
    for share in (0.0, -0.1, 1.5, 15, math.nan):
        with pytest.raises(ValueError, match="share above 0 and up to 1"):
            mask_tokens(ids, SMALL, share)
        with pytest.raises(ValueError, match="share above 0 and up to 1"):
            choose_exactly(ids, SMALL, share)
    with pytest.raises(ValueError, match=r"chosen bool \(1, 4\), got torch.int64 \(1, 4\)"):
        corrupt(ids, ids, SMALL)
    with pytest.raises(ValueError, match=r"got torch.bool \(1, 3\)"):
        corrupt(ids, ids[:, :3] > 4, SMALL)
    with pytest.raises(ValueError, match="no special token"):
        corrupt(ids, ids > 0, SMALL)
    for shares in ((0.8, 0.3), (-0.1, 0.1), (0.5, math.nan)):
        with pytest.raises(ValueError, match="shares ≥ 0 of sum ≤ 1"):
            corrupt(ids, ids > 4, SMALL, None, *shares)
    with pytest.raises(ValueError, match=r"expected \[MASK\] \(4\) among the special"):
        choose_tokens(ids, Words(12, 4, (0, 1, 2, 3)))
    with pytest.raises(ValueError, match="two words to draw from, got 1"):
        mask_tokens(torch.tensor([[5]]), Words(6, 4, (0, 1, 2, 3, 4)))
    with pytest.raises(KeyError, match="MASK"):
        Words.of({"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3})


# ---------------------------------------------------------------- pairs

DOCUMENTS = [[f"{d}.{s}" for s in range(n)] for d, n in enumerate([5, 1, 0, 3, 8])]
TRUE = {pair for document in DOCUMENTS for pair in itertools.pairwise(document)}


@given(
    seed=st.integers(0, 2**32),
    lengths=st.lists(st.integers(0, 5), min_size=1, max_size=6).filter(lambda n: max(n) > 1),
)
def test_pairs_of_every_corpus(seed, lengths):
    documents = [[(d, s) for s in range(n)] for d, n in enumerate(lengths)]
    true = [pair for document in documents for pair in itertools.pairwise(document)]
    pairs = sentence_order(documents, generator(seed))
    assert [tuple(sorted(pair[:2])) for pair in pairs] == true
    assert all((first > second) == bool(label) for first, second, label in pairs)
    assert pairs == sentence_order(documents, generator(seed))
    if sum(n > 0 for n in lengths) < 2:
        return
    pairs = next_sentence(documents, generator(seed))
    for (first, second, label), (true_first, true_second) in zip(pairs, true, strict=True):
        assert first == true_first
        assert (second == true_second) == (label == 0)
        assert (second[0] == first[0]) == (label == 0)  # a stranger is of another document
    assert pairs == next_sentence(documents, generator(seed))


def test_half_of_the_pairs_are_true():
    many = DOCUMENTS * 200
    for make in (next_sentence, sentence_order):
        found = make(many, generator())
        assert is_binomial(sum(pair.label for pair in found), len(found), 0.5)


def test_every_stranger_is_equally_likely():
    documents = [["a", "b"], ["c"], ["d", "e", "f"]] * 1
    found = [
        pair.second
        for seed in range(3000)
        for pair in next_sentence(documents, generator(seed))[:1]
        if pair.label
    ]
    drawn = Counter(found)
    assert sorted(drawn) == ["c", "d", "e", "f"]
    assert all(is_binomial(count, len(found), 1 / 4) for count in drawn.values())


def test_malformed_documents_are_named():
    with pytest.raises(ValueError, match="two sentences, got none"):
        sentence_order([["one"], []])
    with pytest.raises(ValueError, match="document 1: expected a list of sentences, got a string"):
        next_sentence([["a", "b"], "A text that nobody split."])
    with pytest.raises(ValueError, match="at least two documents"):
        next_sentence([["a", "b"], []])
    with pytest.raises(ValueError, match="two sentences, got none"):
        next_sentence([])
