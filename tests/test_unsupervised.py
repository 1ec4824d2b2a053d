"""wode.unsupervised: the noise keeps its bounds, the model equals TranslationModel, it learns."""

import random
from collections.abc import Iterator

import pytest
import torch
import torch.nn.functional as F
from helpers import assert_close, compared, gradient, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from wode.transformer import Config, TranslationModel
from wode.translation import BEGIN, END, PAD, TranslationSteps, batch_of, translate
from wode.unsupervised import (
    Translator,
    back_translation_loss,
    denoising_loss,
    drop_words,
    generate,
    noise,
    set_embedding,
    shuffle_locally,
    unsupervised_step,
    writing_loss,
)


@pytest.fixture(autouse=True, scope="module")
def float64() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


seeds = st.integers(0, 2**31)
lengths = st.lists(st.integers(1, 9), min_size=1, max_size=5)


def sentences(lengths: list[int], low: int = 6, high: int = 12) -> Tensor:
    """Ids (B, T) of these lengths, padded on the right."""
    rows = [torch.randint(low, high, (length,)) for length in lengths]
    return pad_sequence(rows, batch_first=True, padding_value=PAD)


def words_of(ids: Tensor) -> list[list[int]]:
    rows = [[word for word in row if word != PAD] for row in ids.tolist()]
    for row, whole in zip(rows, ids.tolist(), strict=True):
        assert whole[len(row) :] == [PAD] * (len(whole) - len(row))  # on the right alone
    return rows


# ---------------------------------------------------------------- noise


@given(lengths=lengths, k=st.integers(0, 5), seed=seeds)
def test_no_word_moves_by_more_than_k(lengths, k, seed):
    ids = pad_sequence([torch.arange(4, 4 + n) for n in lengths], batch_first=True)
    generator = torch.Generator().manual_seed(seed)
    shuffled = words_of(shuffle_locally(ids, k, generator))
    for row, length in zip(shuffled, lengths, strict=True):
        assert sorted(row) == list(range(4, 4 + length))
        assert all(abs(word - 4 - place) <= k for place, word in enumerate(row))


@pytest.mark.equals("unsupervised")
@given(lengths=lengths, k=st.integers(0, 5), p=st.floats(0, 0.9), seed=seeds)
def test_noise_word_by_word(lengths, k, p, seed):
    torch.manual_seed(seed)
    ids = sentences(lengths)
    generator = torch.Generator().manual_seed(seed)
    noisy = words_of(noise(ids, p, k, generator))
    generator.manual_seed(seed)
    chance = torch.rand(ids.shape, generator=generator).tolist()
    kept = []
    for row, drawn in zip(words_of(ids), chance, strict=True):
        left = [word for word, u in zip(row, drawn, strict=False) if u >= p]
        kept.append(left or [row[max(range(len(row)), key=lambda i: drawn[i])]])
    width = max(map(len, kept))
    drawn = torch.rand(len(kept), width, generator=generator, dtype=torch.float64).tolist()
    for row, left, us in zip(noisy, kept, drawn, strict=True):
        order = sorted(range(len(left)), key=lambda i: i + (k + 1) * us[i])
        assert row == [left[i] for i in order]
    compared.configurations += 1


def test_the_noise_is_as_large_as_it_says() -> None:
    ids = torch.arange(1, 11).repeat(4000, 1)
    generator = torch.Generator().manual_seed(0)
    lost = 1 - (drop_words(ids, 0.3, generator) != PAD).double().mean()
    assert abs(lost - 0.3) < 0.01
    shuffled = shuffle_locally(ids, 3, generator)
    moves = (shuffled - 1 - torch.arange(10)).abs()
    assert moves.max() == 3
    assert (shuffle_locally(ids, 1, generator) - 1 - torch.arange(10)).abs().max() == 1
    assert 0.5 < moves.double().mean() < 1.5
    assert torch.equal(noise(ids, 0, 0, generator), ids)


# ---------------------------------------------------------------- the model

configs = st.builds(
    lambda heads, size, layers, first: Config(2 * heads * size, heads, layers, 8, 0.0, first),
    heads=st.integers(1, 2),
    size=st.integers(1, 3),
    layers=st.integers(1, 2),
    first=st.booleans(),
)


def translation_model(
    model: Translator, config: Config, source: int, target: int
) -> TranslationModel:
    """A `TranslationModel` with the encoder and the decoder of one direction."""
    other = TranslationModel(model.embedding.num_embeddings, config)
    state = {"embedding.weight": model.embedding.weight}
    encoder, decoder = (
        parts[language % len(parts)]
        for parts, language in ((model.encoders, source), (model.decoders, target))
    )
    state |= {f"transformer.encoder.{n}": w for n, w in encoder.state_dict().items()}
    state |= {f"transformer.decoder.{n}": w for n, w in decoder.state_dict().items()}
    other.load_state_dict(state)
    return other


@pytest.mark.equals("unsupervised")
@given(
    config=configs,
    shapes=st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=1, max_size=4),
    share=st.tuples(st.booleans(), st.booleans()),
    direction=st.tuples(st.integers(0, 1), st.integers(0, 1)),
    seed=seeds,
)
@settings(max_examples=20)
def test_equals_a_translation_model(config, shapes, share, direction, seed):
    torch.manual_seed(seed)
    # Its begin tokens are language 0's and 1's in turn, so that one of them is BEGIN.
    a, b = direction
    model = randomise(
        Translator(12, config, [BEGIN if b == n else 5 for n in (0, 1)], None, *share)
    )
    other = translation_model(model, config, a, b)
    source, target = (sentences(list(n)) for n in zip(*shapes, strict=True))
    pairs = list(zip(words_of(source), words_of(target), strict=True))
    _, reads, says = batch_of(pairs)
    logits = other(source, reads)
    assert_close(model(source, reads, a, b), logits, 1e-10)
    loss = writing_loss(model, source, target, a, b)
    theirs = F.cross_entropy(logits.flatten(0, 1), says.flatten(), ignore_index=PAD)
    assert_close(loss, theirs, 1e-10)
    loss.backward()
    theirs.backward()
    assert_close(gradient(model.embedding.weight), gradient(other.embedding.weight), 1e-9)
    for ours, parts in ((model.encoders, "encoder"), (model.decoders, "decoder")):
        language = a if parts == "encoder" else b
        named = dict(getattr(other.transformer, parts).named_parameters())
        for name, parameter in ours[language % len(ours)].named_parameters():
            assert_close(gradient(parameter), gradient(named[name]), 1e-9, name)
        if len(ours) == 2:  # the other language's part has no share in it
            assert all(p.grad is None for p in ours[1 - language].parameters())
    compared.configurations += 1


@given(config=configs, lengths=lengths, seed=seeds)
@settings(max_examples=15)
def test_generates_what_greedy_search_writes(config, lengths, seed):
    torch.manual_seed(seed)
    model = randomise(Translator(12, config, [5, BEGIN]), 1.0).train()
    source = sentences(lengths)
    other = translation_model(model, config, 0, 1)
    with torch.no_grad():
        first = TranslationSteps(other, source).next_logits(torch.full((len(lengths), 1), BEGIN))
    first[:, [PAD, END]] = -torch.inf  # at least one word
    ours = generate(model, source, 0, 1, max_length=7)
    assert model.training and not ours.requires_grad
    assert ours[:, 0].tolist() == first.argmax(dim=1).tolist()
    theirs = translate(other, words_of(source), max_length=7)
    for row, expected in zip(ours.tolist(), theirs, strict=True):
        if expected and PAD not in expected:
            assert row == expected + [PAD] * (len(row) - len(expected))
    # Padding, and the other rows, change nothing.
    alone = generate(model, source[:1, : lengths[0]], 0, 1, max_length=7)
    assert words_of(alone) == words_of(ours)[:1]


@given(config=configs, lengths=lengths, seed=seeds)
@settings(max_examples=10)
def test_a_language_writes_its_own_words(config, lengths, seed):
    torch.manual_seed(seed)
    words = torch.zeros(2, 12, dtype=torch.bool)
    words[0, 6:9] = words[1, 9:] = True
    model = randomise(Translator(12, config, [4, 5], words), 1.0)
    assert not words[:, END].any()  # what was given is as it was
    source = sentences(lengths, 6, 9)
    assert set(generate(model, source, 0, 1).unique().tolist()) <= {PAD, 9, 10, 11}
    assert set(generate(model, source, 0, 0).unique().tolist()) <= {PAD, 6, 7, 8}
    assert writing_loss(model, source, sentences(lengths, 9, 12), 0, 1).isfinite()
    assert writing_loss(model, source, source, 0, 1).isinf()


def test_vectors_become_embeddings() -> None:
    model = Translator(12, Config(8, 2, 1, 8), [4, 5])
    before = model.embedding.weight.clone()
    vectors = torch.randn(3, 6)
    set_embedding(model, torch.tensor([7, 9, 6]), vectors)
    assert torch.equal(model.embedding.weight[[7, 9, 6], :6], vectors)
    assert not model.embedding.weight[[7, 9, 6], 6:].any()
    rest = [0, 1, 2, 3, 4, 5, 8, 10, 11]
    assert torch.equal(model.embedding.weight[rest], before[rest])
    assert model.embedding.weight.requires_grad


# ---------------------------------------------------------------- learning


def test_the_losses_are_what_they_say() -> None:
    torch.manual_seed(0)
    model = randomise(Translator(12, Config(8, 2, 1, 8, dropout=0.0), [4, 5]))
    ids = [sentences([3, 5], 6, 9), sentences([4, 2], 9, 12)]
    draws = [torch.Generator().manual_seed(3) for _ in range(3)]
    noisy = [noise(one, 0.4, 2, draws[0]) for one in ids]
    denoised = [writing_loss(model, noisy[n], ids[n], n, n) for n in (0, 1)]
    for n in (0, 1):
        assert torch.equal(denoising_loss(model, ids[n], n, 0.4, 2, draws[1]), denoised[n])
    made = [generate(model, ids[n], n, 1 - n, 6) for n in (0, 1)]
    back = [writing_loss(model, made[n], ids[n], 1 - n, n) for n in (0, 1)]
    for n in (0, 1):
        assert torch.equal(back_translation_loss(model, ids[n], n, 1 - n, 6), back[n])
    optimizer = torch.optim.SGD(model.parameters(), 0.0)
    losses = unsupervised_step(model, optimizer, ids, True, True, 0.4, 2, 6, draws[2])
    assert losses["denoise"] == pytest.approx(torch.stack(denoised).sum().item())
    assert losses["back_translate"] == pytest.approx(torch.stack(back).sum().item())
    assert [*unsupervised_step(model, optimizer, ids, denoise=False)] == ["back_translate"]
    assert [*unsupervised_step(model, optimizer, ids, back_translate=False)] == ["denoise"]
    with pytest.raises(ValueError, match="got neither"):
        unsupervised_step(model, optimizer, ids, denoise=False, back_translate=False)


def test_a_language_and_its_cipher() -> None:
    """Words alone, known to be each other's (equal vectors): the order must be learned unpaired.

    Of a sentence s, v, o the cipher writes v, o, s, with other words.
    """
    torch.set_default_dtype(torch.float32)
    torch.manual_seed(0)
    rng, nouns = random.Random(0), 5

    def batch(cipher: bool, rows: int = 32) -> Tensor:
        made = []
        for _ in range(rows):
            s, v, o = (rng.randrange(first, first + nouns) for first in (6, 11, 16))
            made.append([v + 15, o + 15, s + 15] if cipher else [s, v, o])
        return torch.tensor(made)

    words = torch.zeros(2, 36, dtype=torch.bool)
    words[0, 6:21] = words[1, 21:] = True
    model = Translator(36, Config(32, 4, 1, 64, 0.0, norm_first=True), [4, 5], words)
    vectors = torch.linalg.qr(torch.randn(32, 15)).Q.T  # (15, 32)
    for first in (6, 21):
        set_embedding(model, torch.arange(first, first + 15), vectors)
    optimizer = torch.optim.Adam(model.parameters(), 5e-3)
    generator = torch.Generator().manual_seed(0)
    for _ in range(60):
        batches = [batch(cipher=False), batch(cipher=True)]
        unsupervised_step(model, optimizer, batches, max_length=5, generator=generator)
    source = batch(cipher=False, rows=100)
    expected = source[:, [1, 2, 0]] + 15
    written = F.pad(generate(model, source, 0, 1, 3), (0, 3))[:, :3]
    assert (written == expected).all(dim=1).double().mean() > 0.9
    torch.set_default_dtype(torch.float64)


def test_what_does_not_fit_is_named() -> None:
    ids = torch.ones(1, 3).long()
    with pytest.raises(ValueError, match="0 <= p < 1, got 1"):
        drop_words(ids, 1)
    with pytest.raises(ValueError, match="k >= 0, got -1"):
        shuffle_locally(ids, -1)
    config = Config(8, 2, 1, 8)
    with pytest.raises(ValueError, match=r"words \(2, 12\), got \(1, 12\)"):
        Translator(12, config, [4, 5], torch.ones(1, 12).bool())
    with pytest.raises(ValueError, match=r"E' <= 8, got \(3,\) and \(3, 9\)"):
        set_embedding(Translator(12, config, [4, 5]), torch.arange(3), torch.ones(3, 9))
