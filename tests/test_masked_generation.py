"""wode.masked_generation: scores equal their formulas, writing draws what the model says."""

import itertools
from collections.abc import Callable

import pytest
import torch
from helpers import assert_same_gradients, gradients, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import BertConfig, BertForMaskedLM, BertLMHeadModel

from wode.bert import Config
from wode.decoding import write
from wode.masked_generation import (
    Writer,
    chain_log_probability,
    drawing,
    gibbs,
    in_order,
    log_probability,
    mask_predict,
    pseudo_log_likelihood,
    questions,
    rewrite,
    train_writer,
)
from wode.masking import IGNORE_INDEX, Words
from wode.subwords import count_words
from wode.tasks.sentences import statements
from wode.wordpiece import SPECIAL, WordPiece

SEEDS = st.integers(0, 2**32)
WORDS = Words(12, 4, (0, 1, 2, 3, 4))


def perfect(joint: Tensor) -> Callable[[Tensor], Tensor]:
    """The exact masked model of a joint distribution (V, …, V); [MASK] is the number V."""
    V, T = joint.shape[0], joint.ndim
    every = torch.tensor([*itertools.product(range(V), repeat=T)])  # (V^T, T)
    named = torch.nn.functional.one_hot(every, V).double()  # (V^T, T, V)

    def model(ids: Tensor) -> Tensor:
        fits = ((ids[:, None] == every) | (ids[:, None] == V)).all(dim=2)  # (B, V^T)
        weight = fits * joint.flatten().double()
        return torch.einsum("bs,stv->btv", weight, named).log().float()

    return model


def a_joint(V: int, T: int, seed: int, sharp: float = 1.0) -> Tensor:
    drawn = torch.randn((V,) * T, generator=torch.Generator().manual_seed(seed))
    return (sharp * drawn).flatten().softmax(dim=0).view((V,) * T)


def all_of(V: int, T: int) -> tuple[Tensor, Tensor]:
    every = torch.tensor([*itertools.product(range(V), repeat=T)])
    return every, torch.ones_like(every, dtype=torch.bool)


@settings(max_examples=25)
@given(st.integers(2, 3), st.integers(1, 4), SEEDS)
def test_the_chain_in_any_order_is_the_joint_and_the_pll_is_its_formula(
    V: int, T: int, seed: int
) -> None:
    joint, (every, places) = a_joint(V, T, seed, 2.0), all_of(V, T)
    model = perfect(joint)
    for order in (
        in_order(places),
        in_order(places).flip(1),
        in_order(places, torch.Generator().manual_seed(seed)),
    ):
        assert torch.allclose(
            chain_log_probability(model, every, order, V), joint.flatten().log(), atol=1e-4
        )
    naive = [
        sum((joint[tuple(row)] / joint[(*row[:t], slice(None), *row[t + 1 :])].sum()).log()
            for t in range(T))
        for row in every.tolist()
    ]  # fmt: skip
    found = pseudo_log_likelihood(model, every, in_order(places), V)
    assert torch.allclose(found, torch.tensor(naive), atol=1e-4)


def test_a_pll_may_sum_to_more_than_one() -> None:
    joint = torch.tensor([[0.5 - 1e-6, 1e-6], [1e-6, 0.5 - 1e-6]])
    every, places = all_of(2, 2)
    total = pseudo_log_likelihood(perfect(joint), every, in_order(places), 2).exp().sum()
    assert abs(total - 2) < 1e-3


def networks(seed: int, layers: int, causal: bool) -> Writer:
    torch.manual_seed(seed)
    config = Config(12, 16, layers, 2, 24, 0.0, 0.0, max_position_embeddings=10)
    return randomise(Writer(config, causal)).eval()


@settings(deadline=None, max_examples=10)
@given(SEEDS, st.integers(1, 2))
def test_a_causal_network_sums_to_one_over_all_sequences(seed: int, layers: int) -> None:
    model = networks(seed, layers, causal=True)

    def only(ids: Tensor) -> Tensor:  # four tokens; 0 is padding
        return model(ids)[..., 5:9]

    every, _ = all_of(4, 3)
    ids = torch.cat([torch.full((len(every), 1), 2), every + 5], dim=1)
    log_p = torch.zeros(len(ids))
    for t in range(1, 4):
        log_p += only(ids[:, :t])[:, -1].log_softmax(dim=1)[range(len(ids)), ids[:, t] - 5]
    shifted = log_probability(
        lambda x: torch.nn.functional.pad(only(x), (5, 3), value=-torch.inf), ids, ids >= 5
    )
    assert torch.allclose(shifted, log_p, atol=1e-5)
    assert abs(log_p.exp().sum() - 1) < 1e-4


@settings(deadline=None, max_examples=25)
@given(SEEDS, st.lists(st.integers(1, 6), min_size=1, max_size=4), st.booleans())
def test_a_padded_batch_scores_as_each_row_alone(
    seed: int, lengths: list[int], causal: bool
) -> None:
    model = networks(seed, 1, causal)
    rows = [torch.randint(5, 12, (n,)).tolist() for n in lengths]
    ids = torch.tensor([[2, *row, 3] + [0] * (max(lengths) - len(row)) for row in rows])
    places = ids >= 5

    def score(ids: Tensor, places: Tensor) -> Tensor:
        if causal:
            return log_probability(model, ids, places)
        order = in_order(places)
        return chain_log_probability(model, ids, order, 4) + pseudo_log_likelihood(
            model, ids, order, 4
        )

    together = score(ids, places)
    for row, length, value in zip(ids, lengths, together, strict=True):
        alone = row[None, : length + 2]
        assert torch.allclose(score(alone, alone >= 5)[0], value, atol=1e-4)


@pytest.mark.parametrize("causal", [True, False])
@settings(deadline=None, max_examples=25)
@given(SEEDS, st.lists(st.integers(1, 8), min_size=1, max_size=4))
def test_a_writer_is_the_reference(causal: bool, seed: int, lengths: list[int]) -> None:
    model = networks(seed, 2, causal)
    config = BertConfig(
        vocab_size=12, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=24, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        max_position_embeddings=10, is_decoder=causal,
    )  # fmt: skip
    reference = (BertLMHeadModel if causal else BertForMaskedLM)(config).eval()
    names = {
        name: name.replace("predictions.", "cls.predictions.", 1) for name in model.state_dict()
    }
    state = {names[name]: tensor for name, tensor in model.state_dict().items()}
    _, unexpected = reference.load_state_dict(state, strict=False)
    assert all("pooler" in name for name in unexpected)
    ids = torch.zeros(len(lengths), max(lengths), dtype=torch.long)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.randint(1, 12, (length,))
    real = ids != 0
    found, expected = model(ids)[real], reference(ids, attention_mask=real.long()).logits[real]
    assert torch.allclose(found, expected, atol=1e-5)
    found.square().mean().backward()
    expected.square().mean().backward()
    theirs = gradients(reference)
    own = {name: theirs[names[name]] for name in names if names[name] in theirs}
    assert len(own) > 30
    assert_same_gradients(model, own)


def counted(rows: Tensor, V: int) -> Tensor:
    """How often each sequence stands in rows (N, T), as shares (V, …, V)."""
    shape = (V,) * rows.shape[1]
    flat = sum(rows[:, t] * V ** (rows.shape[1] - 1 - t) for t in range(rows.shape[1]))
    return (torch.bincount(torch.as_tensor(flat), minlength=V ** len(shape)) / len(rows)).view(
        shape
    )


def drawn(seed: int) -> Callable[[Tensor], Tensor]:
    chance = torch.Generator().manual_seed(seed)
    return lambda logits: torch.multinomial(logits.softmax(dim=1), 1, generator=chance)[:, 0]


def test_rewriting_masks_in_any_order_draws_from_the_joint_and_at_once_does_not() -> None:
    joint, N = a_joint(3, 3, 0, 2.0), 20_000
    model, blank = perfect(joint), torch.full((N, 3), 3)
    places = torch.ones(N, 3, dtype=torch.bool)
    for order in (in_order(places), in_order(places, torch.Generator().manual_seed(1))):
        found = counted(rewrite(model, blank, order, 3, drawn(2)), 3)
        assert (found - joint).abs().sum() < 0.05
    at_once = counted(mask_predict(model, blank, places, 1, 3, drawn(3)), 3)
    marginals = [joint.sum(dim=[d for d in range(3) if d != t]) for t in range(3)]
    product = torch.einsum("a,b,c->abc", *marginals)
    assert (at_once - product).abs().sum() < 0.05
    assert (product - joint).abs().sum() > 0.2


def test_gibbs_sampling_comes_to_the_joint_where_there_are_paths() -> None:
    joint, N = a_joint(3, 2, 0), 20_000
    start, places = torch.zeros(N, 2, dtype=torch.long), torch.ones(N, 2, dtype=torch.bool)
    chance = torch.Generator().manual_seed(0)
    found = counted(gibbs(perfect(joint), start, places, 20, 3, drawn(1), chance), 3)
    assert (found - joint).abs().sum() < 0.05
    stuck = torch.tensor([[0.5, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 0.0]])
    rows = gibbs(perfect(stuck), start[:50], places[:50], 20, 3, drawn(1), chance)
    assert not rows.any()


@given(st.integers(1, 8), st.integers(1, 10), SEEDS)
def test_mask_predict_hides_the_least_certain_again_as_often_as_the_paper_says(
    T: int, rounds: int, seed: int
) -> None:
    chance = torch.Generator().manual_seed(seed)
    sure = torch.rand(T + 2, generator=chance) * 5  # how peaked each place's logits are
    asked = []

    def model(ids: Tensor) -> Tensor:
        asked.append((ids == 4).squeeze(0))
        logits = torch.zeros(1, T + 2, 12)
        logits[0, :, 6] = sure
        return logits

    ids = torch.tensor([[2, *[4] * T, 3]])
    places = ids == 4
    found = mask_predict(model, ids, places, rounds, 4, lambda logits: logits.argmax(dim=1))
    assert found.tolist() == [[2, *[6] * T, 3]]
    counts = [T, *(T * (rounds - t) // rounds for t in range(1, rounds))]
    assert [int(hidden.sum()) for hidden in asked] == [n for n in counts if n]
    for hidden in asked:
        assert (
            sure[1:-1][hidden[1:-1]].max() <= sure[1:-1][~hidden[1:-1]].min()
            if (~hidden[1:-1]).any()
            else True
        )


def test_no_round_and_no_row_are_said_to_be_wrong() -> None:
    ids = torch.tensor([[2, 4, 4, 3]])
    model = networks(0, 1, causal=False)
    with pytest.raises(ValueError, match="expected rounds, a whole number of at least 1, got 0"):
        mask_predict(model, ids, ids == 4, 0, 4, lambda logits: logits.argmax(dim=1))
    with pytest.raises(ValueError, match=r"at least one row of places, got \(0, 4\)"):
        in_order(ids[:0] == 4)


def test_only_the_places_are_written_and_rows_may_be_unequal() -> None:
    ids = torch.tensor([[2, 4, 7, 3], [2, 4, 4, 3], [2, 8, 9, 3]])
    seen = []

    def model(read: Tensor) -> Tensor:
        seen.append(read.clone())
        return torch.nn.functional.one_hot(torch.full(read.shape, 6), 12).float()

    order = in_order(ids == 4)
    assert order.tolist() == [[1, -1], [1, 2], [-1, -1]]
    found = rewrite(model, ids, order, 4, lambda logits: logits.argmax(dim=1))
    assert found.tolist() == [[2, 6, 7, 3], [2, 6, 6, 3], [2, 8, 9, 3]]
    assert [len(read) for read in seen] == [2, 1]
    assert ids[0, 1] == 4  # the input stays
    with pytest.raises(ValueError, match=r"expected places bool \(B, T\), got torch.int64"):
        in_order(ids)


def test_no_special_token_is_drawn_but_those_allowed() -> None:
    logits = torch.zeros(4000, 12)
    chance = torch.Generator().manual_seed(0)
    assert set(drawing(WORDS, 1.0, chance)(logits).tolist()) == set(range(5, 12))
    assert set(drawing(WORDS, 1.0, chance, but=[3])(logits).tolist()) == {3, *range(5, 12)}
    assert not logits.isinf().any()


def test_what_each_way_asks() -> None:
    chance = torch.Generator().manual_seed(0)
    ids = torch.tensor([[2, 7, 8, 3, 0]]).repeat(4000, 1)
    read, asked = questions("causal", ids, WORDS, chance)
    assert torch.equal(read, ids)
    assert asked[0].tolist() == [7, 8, 3, -100, -100]
    _, few = questions("causal15", ids, WORDS, chance)
    kept = few != IGNORE_INDEX
    assert torch.equal(few[kept], asked[kept])
    assert abs(kept[:, :3].float().mean() - 0.15) < 0.01
    read, asked = questions("any", ids, WORDS, chance)
    hidden = read == 4
    assert torch.equal(hidden, asked != IGNORE_INDEX)
    assert torch.equal(asked[hidden], ids[hidden])
    both = hidden[:, 1:3].sum(dim=1)  # with a share uniform in 0 … 1: 0, 1, 2 equally often
    assert all(abs((both == n).float().mean() - 1 / 3) < 0.03 for n in range(3))
    read, asked = questions("prefix", ids, WORDS, chance)
    found = {(tuple(a), tuple(b)) for a, b in zip(read.tolist(), asked.tolist(), strict=True)}
    first = ((2, 4, 4, 3, 0), (-100, 7, -100, -100, -100))
    assert found == {first, ((2, 7, 4, 3, 0), (-100, -100, 8, -100, -100))}
    with pytest.raises(ValueError, match="masked, any or prefix, got 'left'"):
        questions("left", ids, WORDS, chance)


def test_the_statements_agree() -> None:
    texts = statements()
    assert len(set(texts)) == len(texts) == 18_432
    for text in texts:
        _, _, count, colour, *_, stop = text.split()
        assert stop == "."
        assert (count == "an") == (count in ("a", "an") and colour == "old")
    assert "she bought two red books yesterday ." in texts
    assert "she buys an old book daily ." in texts
    assert "they buy five big sheep daily ." in texts
    assert "she buy two red books daily ." not in texts


@pytest.mark.parametrize(("way", "least"), [("causal", 0.5), ("any", 0.05)])
def test_a_small_one_learns_to_write_and_the_same_seed_writes_the_same(
    way: str, least: float
) -> None:
    texts = statements()[::7]
    tokenizer = WordPiece({w: n for n, w in enumerate((*SPECIAL, *sorted(count_words(texts))))})
    words = Words.of(tokenizer.vocabulary)
    config = Config(words.size, 32, 1, 4, 64, 0.0, 0.0, max_position_embeddings=9)
    encoded = [tokenizer.encode(text) for text in texts]
    models = [train_writer(way, encoded, words, config, 150, 32, 8e-3, 0, 0.1) for _ in range(2)]
    for one, other in zip(*(model.parameters() for model in models), strict=True):
        assert torch.equal(one, other)
    chance = torch.Generator().manual_seed(0)
    if way == "causal":
        pick = drawing(words, 1.0, chance, but=(3,))
        rows = write(models[0], torch.full((200, 1), 2), 7, 3, pick)
    else:
        blank = torch.tensor([[2, *[4] * 7, 3]]).repeat(200, 1)
        order = in_order(blank == 4)
        rows = rewrite(models[0], blank, order, 4, drawing(words, 1.0, chance))[:, 1:8].tolist()
    legal = set(statements())
    assert sum(tokenizer.decode(row) in legal for row in rows) / 200 > least
