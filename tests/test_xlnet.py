"""wode.xlnet equals transformers' XLNet: both streams, padding, two texts, memory, gradients."""

import pytest
import torch
from helpers import assert_close, assert_same_gradients, gradients, masks, randomise
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F
from transformers import XLNetConfig, XLNetLMHeadModel

from wode.transformer_xl import distances
from wode.xlnet import Config, XLNetLM, last_of, random_order, visible_in

configs = st.builds(
    lambda heads, half, layers, inner, eps: Config(
        50, 2 * half * heads, layers, heads, inner, 0.0, eps
    ),
    heads=st.integers(1, 4),
    half=st.integers(2, 4),
    layers=st.integers(1, 3),
    inner=st.integers(1, 20),
    eps=st.sampled_from([1e-12, 1e-5]),
)


def pair(config: Config) -> tuple[XLNetLM, XLNetLMHeadModel]:
    """Ours and theirs with the same random weights, in float64."""
    theirs = randomise(XLNetLMHeadModel(XLNetConfig(**vars(config)))).double()
    ours = XLNetLM(config).double()
    ours.load_state_dict(theirs.state_dict())
    # Where there are queries, theirs forgets to give the distances the type of the weights.
    in_float32 = theirs.transformer.relative_positional_encoding
    theirs.transformer.relative_positional_encoding = lambda *a, **k: in_float32(*a, **k).double()
    return ours, theirs


@pytest.mark.equals("xlnet")
@given(
    config=configs,
    B=st.integers(1, 4),
    T=st.integers(2, 9),
    asked=st.integers(1, 4),
    kind=st.sampled_from(["none", "right", "left", "holes"]),
    texts=st.booleans(),
    remembered=st.integers(0, 5),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=60)
def test_equals_the_reference(config, B, T, asked, kind, texts, remembered, seed):
    torch.manual_seed(seed)
    ours, theirs = pair(config)
    ids, mask = torch.randint(50, (B, T)), masks(kind, B, T)
    types = torch.randint(2, (B, T)) if texts else None
    order = random_order(B, T)
    visible, targets = visible_in(order), order[:, -asked:]
    memory = [torch.randn(B, remembered, config.d_model).double() for _ in range(config.n_layer)]
    mems = [part.transpose(0, 1) for part in memory]
    given_mask = None if kind == "none" else mask

    logits = ours(ids, visible, targets, given_mask, types, memory)
    expected = theirs(
        ids,
        attention_mask=None if given_mask is None else given_mask.double(),
        perm_mask=1 - visible.double(),
        target_mapping=F.one_hot(targets, T).double(),
        token_type_ids=types,
        mems=mems if remembered else None,
    ).logits
    # A query that sees nothing is another matter: see below.
    sees = (visible & mask.bool()[:, None]).any(dim=2) | bool(remembered)
    fair = sees.gather(1, targets)
    assume(fair.any())
    assert_close(logits[fair], expected[fair])

    weight = torch.randn_like(logits)[fair]
    (logits[fair] * weight).sum().backward()
    (expected[fair] * weight).sum().backward()
    assert_same_gradients(ours, gradients(theirs), 1e-5)


@pytest.mark.equals("xlnet")
@given(config=configs, T=st.integers(1, 8), seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_reads_on_from_its_memory_as_the_reference(config, T, seed):
    torch.manual_seed(seed)
    ours, theirs = pair(config)
    first, second = torch.randint(50, (2, 2, T))
    hidden, memory = ours.transformer(first)
    theirs_first = theirs.transformer(first, use_mems=True)
    assert_close(hidden, theirs_first.last_hidden_state)
    for kept, expected in zip(memory, theirs_first.mems, strict=True):
        assert_close(kept.transpose(0, 1), expected)
        assert not kept.requires_grad
    hidden, memory = ours.transformer(second, memory=memory)
    expected = theirs.transformer(second, mems=theirs_first.mems, use_mems=True)
    assert_close(hidden, expected.last_hidden_state)
    assert memory[0].shape == (2, 2 * T, config.d_model)


def probabilities(model: XLNetLM, ids: Tensor, order: Tensor) -> Tensor:
    """log p(x_z_t | x_z_<t) of every place: (B, T)."""
    scores = model(ids, visible_in(order), order)  # (B, T, vocabulary), in the order
    return scores.log_softmax(-1).gather(2, ids.gather(1, order)[:, :, None])[:, :, 0]


@given(T=st.integers(2, 7), seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_no_token_is_told_to_its_own_query_or_to_those_before_it(T, seed):
    torch.manual_seed(seed)
    model = randomise(XLNetLM(Config(20, 16, 3, 2, 16, 0.0)))
    ids, order = torch.randint(20, (1, T)), random_order(1, T)
    before = model(ids, visible_in(order), order)
    turn = int(torch.randint(T, ()))
    ids[0, order[0, turn]] = (ids[0, order[0, turn]] + 1) % 20
    after = model(ids, visible_in(order), order)
    changed = (before - after).abs().amax(dim=2)[0] > 1e-6
    assert not changed[: turn + 1].any()
    assert changed[turn + 1 :].all()


def test_the_chain_rule_holds_in_every_order() -> None:
    """Over all texts of three tokens out of four, the probabilities sum to one."""
    torch.manual_seed(0)
    model = randomise(XLNetLM(Config(4, 8, 2, 2, 8, 0.0)))
    ids = torch.cartesian_prod(*[torch.arange(4)] * 3)  # (64, 3)
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        total = (
            probabilities(model, ids, torch.tensor([order]).expand(64, 3)).sum(dim=1).exp().sum()
        )
        assert abs(total.item() - 1) < 1e-5


def test_a_query_that_sees_nothing_is_told_nothing_here_and_all_in_the_reference() -> None:
    """Theirs adds -1e30 to each score: all are equal, the first in the order sees every token."""
    torch.manual_seed(0)
    ours, theirs = pair(Config(20, 16, 1, 2, 16, 0.0))
    ids, order = torch.randint(20, (1, 5)), random_order(1, 5)
    other = (ids + 1) % 20
    first = order[:, :1]
    visible, mapping = visible_in(order), F.one_hot(first, 5).double()
    ours_told = ours(ids, visible, first) - ours(other, visible, first)
    theirs_told = (
        theirs(ids, perm_mask=1 - visible.double(), target_mapping=mapping).logits
        - theirs(other, perm_mask=1 - visible.double(), target_mapping=mapping).logits
    )
    assert ours_told.abs().max() == 0
    assert theirs_told.abs().max() > 0.01


def test_loss_is_the_mean_over_the_last_of_the_order() -> None:
    torch.manual_seed(0)
    model = randomise(XLNetLM(Config(20, 16, 2, 2, 16, 0.0)))
    ids, order = torch.randint(20, (3, 12)), random_order(3, 12)
    expected = -probabilities(model, ids, order)[:, -3:].mean()
    assert_close(model.loss(ids, order, share=4), expected)
    assert last_of(order, 5).shape == (3, 2)
    assert last_of(order, 100).shape == (3, 1)


def test_orders_are_permutations_equally_likely() -> None:
    orders = random_order(6000, 3, torch.Generator().manual_seed(0))
    assert torch.equal(orders.sort(dim=1).values, torch.arange(3).expand(6000, 3))
    _, counts = orders.unique(dim=0, return_counts=True)
    assert len(counts) == 6
    assert ((counts - 1000).abs() < 150).all()  # five standard deviations


def test_distances_are_sines_and_cosines() -> None:
    far = distances(-2, 3, 4)
    assert far.shape == (6, 4)
    wave = torch.tensor([3.0, 0.03])
    assert_close(far[5], torch.cat([wave.sin(), wave.cos()]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"visible": torch.ones(2, 3, 4)}, r"expected visible \(2, 4, 4\), got \(2, 3, 4\)"),
        ({"targets": torch.tensor([[4], [0]])}, "expected targets from 0 to 3"),
        ({"targets": torch.tensor([1])}, r"expected targets \(2, M\), got \(1,\)"),
        ({"attention_mask": torch.ones(2, 5)}, r"expected attention_mask \(2, 4\)"),
    ],
)
def test_a_shape_that_does_not_fit_is_named(arguments: dict, message: str) -> None:
    model = XLNetLM(Config(20, 16, 1, 2, 16))
    with pytest.raises(ValueError, match=message):
        model(torch.zeros(2, 4, dtype=torch.long), **arguments)


def test_a_config_that_cannot_be_is_named() -> None:
    with pytest.raises(ValueError, match="multiple of n_head"):
        Config(d_model=10, n_head=3)
    with pytest.raises(ValueError, match="gelu"):
        Config(ff_activation="relu")
