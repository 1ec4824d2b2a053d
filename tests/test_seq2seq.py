"""wode.seq2seq: batches of pairs, training, and writing with and without caches."""

import random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wode import bart, t5
from wode.denoising import Pair, token_masking
from wode.seq2seq import answers, batch_of, train
from wode.translation import BEGIN, END


def new_bart() -> bart.Bart:
    sizes = (20, 8, 1, 2, 2, 2, 8, 8, 16)
    return bart.Bart(bart.Config(*sizes, 0.0, pad_token_id=0, decoder_start_token_id=BEGIN))


def new_t5() -> t5.T5:
    return t5.T5(t5.Config(20, 8, 4, 8, 1, num_heads=2, decoder_start_token_id=BEGIN))


@pytest.mark.parametrize("new", [new_bart, new_t5])
@given(
    sources=st.lists(st.lists(st.integers(4, 19), min_size=1, max_size=7), min_size=1, max_size=5),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=15)
def test_answers_are_those_of_each_source_alone_and_without_caches(new, sources, seed):
    torch.manual_seed(seed)
    model = new().double().eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.6)
    for source, answer in zip(sources, answers(model, sources, 6), strict=True):
        written = [BEGIN]
        while len(written) < 7:
            logits = model(torch.tensor([source]), torch.tensor([written]))[0, -1]
            if (token := int(logits.argmax())) == END:
                break
            written.append(token)
        assert answer == written[1:]


def test_answers_leave_the_model_in_its_mode() -> None:
    model = new_t5().train()
    answers(model, [[5, 6]], 3)
    assert model.training


def test_a_batch_is_padded_where_nothing_is_read_or_asked() -> None:
    ids, mask, labels = batch_of([Pair([5, 6, 7], [8, END]), Pair([9], [5, 6, END])])
    assert ids.tolist() == [[5, 6, 7], [9, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert labels.tolist() == [[8, END, -100], [5, 6, END]]


@pytest.mark.parametrize("new", [new_bart, new_t5])
def test_training_lowers_the_loss(new) -> None:
    torch.manual_seed(0)
    chance, texts = random.Random(0), [[5, 6, 7, 8], [9, 10, 11, 12]]

    def draw() -> list[Pair]:
        rows = chance.choices(texts, k=8)
        return [Pair(token_masking(row, 4, chance), [*row, END]) for row in rows]

    losses = train(new(), draw, 60, 1e-2)
    assert len(losses) == 60 and sum(losses[-5:]) < 0.6 * sum(losses[:5])


@pytest.mark.parametrize("pairs", [[], [Pair([], [END])]])
def test_what_cannot_be_is_named(pairs: list[Pair]) -> None:
    with pytest.raises(ValueError, match="at least one token"):
        batch_of(pairs)
