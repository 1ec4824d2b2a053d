"""wode.elmo equals its paper's equations, written naively; each direction sees its side only."""

import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from helpers import assert_close, assert_same_gradients, masks, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from wode.elmo import SPELLING, Config, ELMo, Mixture, from_the_end, mixture, numbered, spelled
from wode.translation import BEGIN, END, PAD, UNKNOWN, Vocabulary

V = 11


@pytest.fixture(autouse=True, scope="module")
def float64() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


filters = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), max_size=3).map(tuple)
configs = st.builds(
    lambda size, more, layers, filters, d, highways: Config(
        V, size, size + more, layers, filters, d, highways, dropout=0.0
    ),
    size=st.integers(1, 4),
    more=st.integers(0, 2),
    layers=st.integers(1, 3),
    filters=filters,
    d=st.integers(1, 3),
    highways=st.integers(0, 2),
)


# ---------------------------------------------------------------- the paper's equations


def sigma(x: Tensor) -> Tensor:
    return 1 / (1 + (-x).exp())


def naive_word(model: ELMo, spelling: Tensor) -> Tensor:
    """Kim et al., section 2.2: one word (C,), filter by filter, window by window: (E,)."""
    w = dict(model.words.named_parameters())
    letters = [w["characters.weight"][letter] for letter in spelling if letter > 0]
    y = []
    for n, (width, many) in enumerate(model.config.filters):
        for f in range(many):
            H, b = w[f"filters.{n}.weight"][f], w[f"filters.{n}.bias"][f]
            windows = []
            for begin in range(len(letters)):
                inside = letters[begin : begin + width]
                windows.append(b + sum(H[:, i] @ letter for i, letter in enumerate(inside)))
            y.append(torch.stack(windows).max().clamp(min=0))
    y = torch.stack(y)
    for n in range(model.config.highways):
        t = sigma(w[f"gates.{n}.weight"] @ y + w[f"gates.{n}.bias"])
        changed = (w[f"transforms.{n}.weight"] @ y + w[f"transforms.{n}.bias"]).clamp(min=0)
        y = t * changed + (1 - t) * y
    return w["projection.weight"] @ y + w["projection.bias"]


def naive_lstm(lstm: Any, xs: list[Tensor]) -> list[Tensor]:
    """One position after the other; Sak et al. (arXiv:1402.1128): r_t = W_rm m_t goes back."""
    w, hidden = dict(lstm.named_parameters()), lstm.hidden_size
    h, c, out = torch.zeros(lstm.proj_size or hidden), torch.zeros(hidden), []
    for x in xs:
        gates = w["weight_ih_l0"] @ x + w["bias_ih_l0"] + w["weight_hh_l0"] @ h + w["bias_hh_l0"]
        i, f, g, o = gates.split(hidden)
        c = sigma(f) * c + sigma(i) * g.tanh()
        h = sigma(o) * c.tanh()
        if lstm.proj_size:
            h = w["weight_hr_l0"] @ h
        out.append(h)
    return out


def naive_layers(model: ELMo, sentence: list[Tensor]) -> list[list[Tensor]]:
    """Layer by layer, a sentence's [h→_kj; h←_kj] of its word vectors."""
    right = left = sentence
    layers = [[torch.cat([x, x]) for x in sentence]]
    for j in range(model.config.layers):
        before = right, left
        right = naive_lstm(model.forwards[j], right)
        left = naive_lstm(model.backwards[j], left[::-1])[::-1]
        if j > 0:
            right = [new + old for new, old in zip(right, before[0], strict=True)]
            left = [new + old for new, old in zip(left, before[1], strict=True)]
        layers.append([torch.cat(both) for both in zip(right, left, strict=True)])
    return layers


def naive_losses(model: ELMo, layers: list[list[list[Tensor]]], sentences: list) -> list[Tensor]:
    """Section 3.1's two sums, negative, over the tokens predicted; layers by sentence."""
    E, W, b = model.config.size, model.softmax.weight, model.softmax.bias
    sums, count = [torch.zeros(()), torch.zeros(())], 0
    for states, ids in zip(layers, sentences, strict=True):
        for k in range(len(ids)):
            if k > 0:  # t_k by t_1 … t_{k-1}
                scores = W @ states[-1][k - 1][:E] + b
                sums[0] = sums[0] - (scores[ids[k]] - scores.exp().sum().log())
                count += 1
            if k < len(ids) - 1:  # t_k by t_{k+1} … t_N
                scores = W @ states[-1][k + 1][E:] + b
                sums[1] = sums[1] - (scores[ids[k]] - scores.exp().sum().log())
    return [one / count for one in sums]


def batch(config: Config, B: int, T: int) -> tuple[Tensor, Tensor, Tensor | None]:
    """Random ids (B, T), padded at the end, and words (B, T, 5), if the model reads spellings."""
    real = masks("right", B, T).bool()
    real[0] = True
    ids = torch.randint(1, V, (B, T)).where(real, PAD)
    if not config.filters:
        return ids, real, None
    words = torch.randint(1, SPELLING, (B, T, 5))
    length = torch.randint(1, 6, (B, T, 1))
    return ids, real, words.where((torch.arange(5) < length) & real[..., None], 0)


@pytest.mark.equals("elmo")
@given(config=configs, B=st.integers(1, 3), T=st.integers(2, 5), seed=st.integers(0, 2**32))
@settings(max_examples=40)
def test_equals_the_papers_equations(config, B, T, seed):
    torch.manual_seed(seed)
    model = randomise(ELMo(config))
    mix = randomise(Mixture(config.layers + 1))
    ids, real, words = batch(config, B, T)
    read = ids if words is None else words

    expected, sentences = [], []
    for row in range(B):
        n = int(real[row].sum())
        if words is None:
            x = [model.words.weight[number] for number in ids[row, :n]]
        else:
            x = [naive_word(model, word) for word in words[row, :n]]
        expected.append(naive_layers(model, x))
        sentences.append(ids[row, :n].tolist())

    layers = model(read, real)
    for row, states in enumerate(expected):
        states = torch.stack([torch.stack(layer) for layer in states])
        assert_close(layers[:, row, : states.shape[1]], states, 1e-10)
        assert not layers[:, row, states.shape[1] :].any()

    elmo, w = mix(layers), mix.weights.exp()
    by_hand = []
    for row in range(B):
        for k in range(len(sentences[row])):
            vector = sum(w[j] / w.sum() * layer[k] for j, layer in enumerate(expected[row]))
            assert_close(elmo[row, k], mix.gamma * vector, 1e-10)
            by_hand.append(mix.gamma * vector)

    losses, theirs = model.losses(ids, real, words), naive_losses(model, expected, sentences)
    for ours, other in zip(losses, theirs, strict=True):
        assert_close(ours, other, 1e-10)

    together = nn.ModuleList([model, mix])
    names, parameters = zip(*together.named_parameters(), strict=True)
    by_hand = torch.stack(by_hand)
    weight = torch.randn_like(by_hand)
    gradients = torch.autograd.grad(
        theirs[0] + 2 * theirs[1] + (by_hand * weight).sum(), parameters, allow_unused=True
    )
    (losses[0] + 2 * losses[1] + (elmo[real] * weight).sum()).backward()
    had = {n: g for n, g in zip(names, gradients, strict=True) if g is not None}
    assert_same_gradients(together, had, 1e-9)


@given(shape=st.tuples(st.integers(1, 4), st.integers(1, 3)), seed=st.integers(0, 2**32))
def test_a_normed_mixture_weighs_layers_of_mean_0_and_variance_1(shape, seed):
    torch.manual_seed(seed)
    layers = torch.randn(*shape, 2, 5) * 3 + 1
    mix = randomise(Mixture(shape[0], layer_norm=True))
    mean = layers.mean(dim=-1, keepdim=True)
    normed = (layers - mean) / (layers.var(dim=-1, correction=0, keepdim=True) + 1e-5).sqrt()
    assert_close(mix(layers), mixture(normed, mix.weights, mix.gamma), 1e-10)
    assert abs(mix.shares.sum().item() - 1) < 1e-12


def test_a_new_mixture_is_the_layers_mean_and_learns_which_layer_serves() -> None:
    torch.manual_seed(0)
    layers = torch.randn(3, 50, 4)
    mix = Mixture(3)
    assert_close(mix(layers), layers.mean(dim=0), 1e-12)
    optimizer = torch.optim.Adam(mix.parameters(), lr=0.3)
    for _ in range(80):
        loss = (mix(layers) - 2 * layers[1]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert mix.shares[1] > 0.9
    assert abs(mix.gamma.item() - 2) < 0.2


# ---------------------------------------------------------------- who sees whom


@given(config=configs, T=st.integers(2, 5), data=st.data(), seed=st.integers(0, 2**32))
@settings(max_examples=25)
def test_each_direction_sees_its_own_side_and_no_padding(config, T, data, seed):
    torch.manual_seed(seed)
    config = Config(V, 4, 4 + config.hidden - config.size, config.layers, dropout=0.0)
    model = randomise(ELMo(config))
    ids, real, _ = batch(config, 2, T)
    n = int(real[1].sum())
    x = model.words(ids).detach().requires_grad_()
    model.words.forward = lambda words: x
    layers = model(ids, real)
    k = data.draw(st.integers(0, n - 1))
    for j in range(1, config.layers + 1):
        for half, sees in (
            (layers[j, 1, k, :4], torch.arange(T) <= k),
            (layers[j, 1, k, 4:], (torch.arange(T) >= k) & (torch.arange(T) < n)),
        ):
            (slope,) = torch.autograd.grad(half.sum(), x, retain_graph=True)
            assert not slope[0].any()
            assert torch.equal(slope[1].ne(0).any(dim=-1), sees)


@given(config=configs, T=st.integers(2, 5), more=st.integers(1, 3), seed=st.integers(0, 2**32))
@settings(max_examples=25)
def test_neither_padding_nor_a_batchs_order_changes_anything(config, T, more, seed):
    torch.manual_seed(seed)
    model = randomise(ELMo(config))
    ids, real, words = batch(config, 3, T)
    before = model(ids if words is None else words, real)
    losses = model.losses(ids, real, words)
    order = torch.tensor([2, 0, 1])
    ids, real = (nn.functional.pad(one[order], (0, more)) for one in (ids, real))
    if words is not None:  # more characters and more words
        words = nn.functional.pad(words[order], (0, more, 0, more))
    after = model(ids if words is None else words, real)
    assert_close(after[:, :, :T], before[:, order], 1e-10)
    assert not after[:, :, T:].any()
    for one, other in zip(model.losses(ids, real, words), losses, strict=True):
        assert_close(one, other, 1e-10)
    alone = (ids if words is None else words)[1:2, : int(real[1].sum())]
    assert_close(model(alone)[:, 0], after[:, 1, : alone.shape[1]], 1e-10)


def test_directions_share_words_and_softmax_and_nothing_else() -> None:
    torch.manual_seed(0)
    model = ELMo(Config(V, 3, 4, filters=((2, 3),), dropout=0.0))
    ids, real, words = batch(model.config, 2, 4)
    for n, own in enumerate(("forwards", "backwards")):
        model.zero_grad(set_to_none=True)
        model.losses(ids, real, words)[n].backward()
        moved = {
            name.split(".")[0]
            for name, p in model.named_parameters()
            if p.grad is not None and p.grad.any()
        }
        assert moved == {"words", "softmax", own}


@given(lengths=st.lists(st.integers(0, 4), min_size=1, max_size=4))
def test_from_the_end_turns_each_sentence_by_itself(lengths):
    x = torch.arange(len(lengths) * 4 * 2).view(len(lengths), 4, 2)
    turned = from_the_end(x, torch.tensor(lengths))
    for row, n in enumerate(lengths):
        assert turned[row].tolist() == [*x[row, :n].flip(0).tolist(), *x[row, n:].tolist()]
    assert torch.equal(from_the_end(turned, torch.tensor(lengths)), x)


def test_it_learns_a_sentence_from_both_sides() -> None:
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float32)
    try:
        sentences = [list("我去银行"), list("他行走在路上")]
        vocabulary = Vocabulary(sentences)
        ids, real = numbered(sentences, vocabulary)
        model = ELMo(Config(len(vocabulary), 32, 32, filters=((1, 8), (3, 8)), dropout=0.0))
        words = spelled(sentences)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
        losses = []
        for _ in range(80):
            forward, backward = model.losses(ids, real, words)
            losses.append((forward.item(), backward.item()))
            optimizer.zero_grad()
            (forward + backward).backward()
            optimizer.step()
        # Which sentence it is nobody can tell at its end: log 2, twice in twelve predictions.
        for first, last in zip(losses[0], losses[-1], strict=True):
            assert abs(first - math.log(len(vocabulary))) < 0.3
            assert 0.9 * math.log(2) / 6 < last < 0.2
        layers = model(words, real)
        static, first_layer = (layers[j, [0, 1], [4, 2]] for j in (0, 1))  # 行 in each
        assert torch.equal(static[0], static[1])
        assert (first_layer[0] - first_layer[1]).abs().max() > 0.1
    finally:
        torch.set_default_dtype(torch.float64)


# ---------------------------------------------------------------- numbers, errors


def test_sentences_become_numbers_and_spellings() -> None:
    vocabulary = Vocabulary([["a", "é"]])
    ids, real = numbered([["a"], ["é", "new", "a"]], vocabulary)
    a, e = vocabulary.encode(["a", "é"])
    assert ids.tolist() == [[BEGIN, a, END, PAD, PAD], [BEGIN, e, UNKNOWN, a, END]]
    assert torch.equal(real, ids != PAD)
    words = spelled([["a"], ["é", "new", "a"]], longest=4)
    assert words.shape == (2, 5, 4)
    letter = [257, 1 + ord("a"), 258, 0]
    assert words[0].tolist() == [[257, 259, 258, 0], letter, [257, 260, 258, 0], [0] * 4, [0] * 4]
    assert words[1, 1].tolist() == [257, 1 + 0xC3, 1 + 0xA9, 258]
    assert words[1, 2].tolist() == [257, 1 + ord("n"), 1 + ord("e"), 258]
    assert torch.equal((words > 0).any(dim=-1), real)


def test_bad_input_is_named() -> None:
    for size, hidden, layers in ((5, 4, 2), (0, 4, 2), (4, 4, 0)):
        with pytest.raises(ValueError, match=f"got {size}, {hidden} and {layers}"):
            Config(V, size, hidden, layers)
    with pytest.raises(ValueError, match="expected filters"):
        Config(V, filters=((0, 3),))
    with pytest.raises(ValueError, match="expected longest ≥ 3, got 2"):
        spelled([["a"]], longest=2)
    with pytest.raises(TypeError, match="got a string"):
        spelled(["abc"])
    by_number, by_spelling = ELMo(Config(V)), ELMo(Config(V, filters=((1, 2),)))
    ids = torch.ones(2, 3, dtype=torch.long)
    with pytest.raises(ValueError, match=r"expected words \(B, T\), numbered, got \(2, 3, 1\)"):
        by_number(ids[..., None])
    with pytest.raises(ValueError, match=r"expected words \(B, T, C\), spelled, got \(2, 3\)"):
        by_spelling(ids)
    with pytest.raises(ValueError, match=r"expected attention_mask \(2, 3\), got \(2, 4\)"):
        by_number(ids, torch.ones(2, 4))
    with pytest.raises(ValueError, match="expected padding at the end only"):
        by_number(ids, torch.tensor([[1, 1, 0], [0, 1, 1]]))
    with pytest.raises(ValueError, match="with at most 1"):
        by_number.losses(ids[:, :1])
    with pytest.raises(ValueError, match=r"expected ids \(2, 3\).*got \(2, 2\)"):
        by_spelling.losses(ids[:, :2], words=ids[..., None])
    with pytest.raises(ValueError, match="expected 3 layers, got 2"):
        Mixture(3)(torch.ones(2, 1, 4))
