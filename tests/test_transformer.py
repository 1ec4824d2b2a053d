"""The transformer equals torch's with copied weights; the searches find what they should."""

import itertools
import math

import pytest
import torch
import torch.nn.functional as F
from helpers import assert_same_gradients, gradient, gradients, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from wode.attention import MultiHeadAttention, causal_mask, padding_mask, torch_weights
from wode.decoding import beam_search, greedy_search, penalty
from wode.transformer import (
    Config,
    Decoder,
    Encoder,
    Transformer,
    TranslationModel,
    positional_encoding,
    smoothed_cross_entropy,
    warmup_rate,
)
from wode.translation import TranslationSteps

configs = st.builds(
    lambda heads, head_size, layers, ffn, norm_first: Config(
        heads * head_size, heads, layers, ffn, dropout=0.0, norm_first=norm_first
    ),
    heads=st.integers(1, 3),
    head_size=st.integers(2, 5),
    layers=st.integers(1, 3),
    ffn=st.integers(1, 9),
    norm_first=st.booleans(),
)


def lengths_mask(batch: int, length: int, least: int = 1) -> Tensor:
    """bool (B, T): each row's first few tokens are real, at least ``least`` of them."""
    lengths = torch.randint(least, length + 1, (batch,))
    return torch.arange(length) < lengths[:, None]


def reference(config: Config) -> nn.Transformer:
    model = nn.Transformer(
        config.hidden_size,
        config.num_heads,
        config.num_layers,
        config.num_layers,
        config.ffn_size,
        config.dropout,
        norm_first=config.norm_first,
        batch_first=True,
    )
    model.encoder.enable_nested_tensor = False
    return randomise(model, std=0.5)


@given(
    config=configs,
    B=st.integers(1, 3),
    S=st.integers(1, 6),
    T=st.integers(1, 6),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=80)
def test_encoder_decoder_equals_torch(config, B, S, T, seed):
    """In float64: layer normalization of two or three numbers magnifies what float32 rounds."""
    torch.manual_seed(seed)
    theirs = reference(config).double()
    ours = Transformer(config).double()
    ours.load_state_dict(torch_weights(theirs.state_dict()))
    source, target = (torch.randn(B, n, config.hidden_size).double() for n in (S, T))
    real = lengths_mask(B, S, least=0)  # a source that is padding throughout among them
    mask = padding_mask(real)
    output = ours(source, target, mask, causal_mask(T), mask)
    expected = theirs(
        source,
        target,
        tgt_mask=~causal_mask(T),
        src_key_padding_mask=~real,
        memory_key_padding_mask=~real,
    )
    assert output.isfinite().all()
    assert torch.allclose(output, expected, rtol=0, atol=1e-9)
    upstream = torch.randn_like(output)
    output.backward(upstream)
    expected.backward(upstream)
    assert_same_gradients(ours, torch_weights(gradients(theirs)), 1e-9)


@given(config=configs, B=st.integers(1, 3), T=st.integers(1, 6), seed=st.integers(0, 2**32))
@settings(max_examples=40)
def test_encoder_and_decoder_alone_equal_torch(config, B, T, seed):
    torch.manual_seed(seed)
    theirs = reference(config)
    encoder, decoder = Encoder(config), Decoder(config)
    encoder.load_state_dict(torch_weights(theirs.encoder.state_dict()))
    decoder.load_state_dict(torch_weights(theirs.decoder.state_dict()))
    x, memory = torch.randn(2, B, T, config.hidden_size)
    real = lengths_mask(B, T)
    expected = theirs.encoder(x, src_key_padding_mask=~real)
    assert torch.allclose(encoder(x, padding_mask(real)), expected, atol=1e-5)
    theirs.eval()  # torch's fast path for inference; it leaves out what is padding
    fast = theirs.encoder(x, src_key_padding_mask=~real)
    assert torch.allclose(encoder.eval()(x, padding_mask(real))[real], fast[real], atol=1e-5)
    expected = theirs.decoder(x, memory)
    assert torch.allclose(decoder(x, memory), expected, atol=1e-5)


def test_the_paper_s_base_model_has_the_reference_s_size():
    with torch.device("meta"):
        ours, theirs = Transformer(Config()), nn.Transformer(batch_first=True)
    count = sum(p.numel() for p in ours.parameters())
    assert count == sum(p.numel() for p in theirs.parameters()) == 44_140_544


def test_dropout_is_where_torch_has_it():
    """In train mode the same seed drops the same numbers; attention's own dropout left out."""
    config = Config(16, 2, 2, 32, dropout=0.3)
    torch.manual_seed(0)
    theirs = reference(config)
    ours = Transformer(config)
    ours.load_state_dict(torch_weights(theirs.state_dict()))
    for module in (*ours.modules(), *theirs.modules()):
        if isinstance(module, MultiHeadAttention | nn.MultiheadAttention):
            module.dropout = 0.0
    # One sentence: in a batch, torch keeps the time first in memory and drops in that order.
    source, target = torch.randn(1, 5, 16), torch.randn(1, 4, 16)
    torch.manual_seed(1)
    output = ours(source, target)
    torch.manual_seed(1)
    assert torch.allclose(output, theirs(source, target), atol=1e-5)


def test_attention_and_embedding_drop_too():
    model = TranslationModel(9, Config(16, 2, 2, 32, dropout=0.3))
    attentions = [m for m in model.modules() if isinstance(m, MultiHeadAttention)]
    assert [attention.dropout for attention in attentions] == [0.3] * 6
    ids = torch.randint(1, 9, (2, 5))
    assert not torch.equal(model.embed(ids), model.embed(ids))
    model.eval()
    assert torch.equal(model.embed(ids), model.embed(ids))


def test_the_output_layer_trains_the_embedding():
    """Rows that were never read get a gradient: from the scores alone."""
    torch.manual_seed(0)
    model = TranslationModel(9, Config(16, 2, 1, 24))
    logits = model(torch.tensor([[3, 4]]), torch.tensor([[1, 5]]))
    smoothed_cross_entropy(logits.flatten(0, 1), torch.tensor([5, 2])).backward()
    assert (gradient(model.embedding.weight).abs().sum(dim=1) > 0).all()


# ---------------------------------------------------------------- around the stacks


@pytest.mark.parametrize("first", [0, 5])
def test_embed_adds_positions_to_words_as_long_as_they_are(first):
    """A word in two places has two vectors; both languages have positions, the logits show it."""
    torch.manual_seed(0)
    model = TranslationModel(9, Config(16, 2, 1, 24)).eval()
    ids = torch.tensor([[3, 4, 3]])
    with torch.no_grad():
        words, embedded = model.embedding(ids), model.embed(ids, first)
        assert torch.allclose(embedded, 4 * words + positional_encoding(3, 16, first), atol=1e-6)
        assert (embedded[0, 0] - embedded[0, 2]).norm() > 0.5
        long = TranslationModel(500, Config(64, 2, 1, 24))
        ratio = (
            8 * long.embedding.weight.norm(dim=1).mean() / positional_encoding(20, 64).norm(dim=1)
        )
        assert ((ratio > 1) & (ratio < 2)).all()
        forth, back = (model(source, ids) for source in (ids[:, :2], ids[:, :2].flip(1)))
        assert not torch.allclose(forth, back, atol=1e-3)


@given(T=st.integers(1, 40), E=st.integers(1, 33), first=st.integers(0, 100))
def test_positional_encoding_is_the_papers(T, E, first):
    encoding = positional_encoding(T, E, first)
    assert encoding.shape == (T, E)
    for t, column in itertools.product(range(T), range(E)):
        angle = (first + t) / 10_000 ** ((column // 2 * 2) / E)
        wanted = math.sin(angle) if column % 2 == 0 else math.cos(angle)
        assert abs(encoding[t, column].item() - wanted) < 1e-4


@given(
    N=st.integers(1, 6),
    C=st.integers(2, 7),
    smoothing=st.floats(0, 1),
    seed=st.integers(0, 2**32),
    data=st.data(),
)
def test_smoothed_cross_entropy_equals_torch(N, C, smoothing, seed, data):
    torch.manual_seed(seed)
    logits = 3 * torch.randn(N, C, dtype=torch.float64)
    labels = torch.randint(C, (N,))
    ignored = data.draw(st.lists(st.booleans(), min_size=N, max_size=N))
    labels[1:][torch.tensor(ignored[1:], dtype=torch.bool)] = -100  # at least one is left
    ours = smoothed_cross_entropy(logits, labels, smoothing)
    assert torch.allclose(ours, F.cross_entropy(logits, labels, label_smoothing=smoothing))


def test_the_loss_smooths_by_a_tenth_and_refuses_what_is_no_share():
    torch.manual_seed(0)
    logits, labels = torch.randn(6, 10), torch.arange(6)
    expected = F.cross_entropy(logits, labels, label_smoothing=0.1)
    assert torch.allclose(smoothed_cross_entropy(logits, labels), expected)
    for smoothing in (-0.1, 10, math.nan):
        with pytest.raises(ValueError, match="expected 0 <= smoothing <= 1"):
            smoothed_cross_entropy(logits, labels, smoothing)


def test_warmup_rises_in_a_line_and_falls_as_the_root():
    rates = [warmup_rate(step, 512) for step in range(1, 20_001)]
    assert rates.index(max(rates)) == 3999
    assert rates[1999] == pytest.approx(rates[3999] / 2)
    assert rates[15_999] == pytest.approx(rates[3999] / 2)
    assert max(rates) == pytest.approx(1 / math.sqrt(512 * 4000))


def small_model(vocabulary: int = 9, norm_first: bool = False) -> TranslationModel:
    model = TranslationModel(vocabulary, Config(16, 2, 2, 24, norm_first=norm_first))
    return randomise(model, std=0.5).eval()


@given(seed=st.integers(0, 2**32), norm_first=st.booleans(), extra=st.integers(1, 4))
@settings(max_examples=30)
def test_no_token_sees_its_future_nor_padding(seed, norm_first, extra):
    torch.manual_seed(seed)
    model = small_model(norm_first=norm_first)
    source, target = torch.randint(1, 9, (2, 5)), torch.randint(1, 9, (2, 6))
    logits = model(source, target)
    padded = F.pad(source, (0, extra))
    assert torch.allclose(model(padded, target), logits, atol=1e-4)
    cut = 3
    changed = target.clone()
    changed[:, cut:] = torch.randint(1, 9, (2, 6 - cut))
    assert torch.allclose(model(source, changed)[:, :cut], logits[:, :cut], atol=1e-5)


# ---------------------------------------------------------------- searches

BEGIN, END = 1, 2


@given(seed=st.integers(0, 2**32), norm_first=st.booleans(), beams=st.integers(1, 4))
@settings(max_examples=30)
def test_a_cache_changes_only_the_time(seed, norm_first, beams):
    torch.manual_seed(seed)
    model = small_model(norm_first=norm_first)
    source = torch.randint(3, 9, (3, 5))
    source[1, 3:] = 0
    found, logits = [], []
    for cache in (True, False):
        steps = TranslationSteps(model, source, cache=cache)
        found.append(greedy_search(steps, 3, BEGIN, END, max_length=8))
        steps = TranslationSteps(model, source, beams, cache)
        found.append(beam_search(steps, 3, beams, BEGIN, END, max_length=8))
        steps, each = TranslationSteps(model, source, cache=cache), []
        tokens = torch.tensor([[BEGIN, 5, 4, 7, 3]]).repeat(3, 1)
        with torch.no_grad():
            for t in range(1, 6):
                each.append(steps.next_logits(tokens[:, :t]))
                rows = torch.tensor([(0, 1, 2), (2, 1, 0), (1, 0, 2)][t % 3])
                steps.select(rows)
        logits.append(torch.stack(each))
    assert torch.allclose(*logits, atol=1e-4)
    assert found[0] == found[2]
    assert found[1] == found[3]


def every_translation(
    model: TranslationModel, source: Tensor, vocabulary: int, max_length: int, alpha: float
) -> dict[tuple[int, ...], float]:
    """The score of each possible answer: whole ones, and those cut off at max_length."""
    scores = {}
    words = [v for v in range(vocabulary) if v != END]
    for length in range(max_length + 1):
        for body in itertools.product(words, repeat=length):
            ids = [BEGIN, *body] + ([END] if length < max_length else [])
            target = torch.tensor([ids])
            with torch.no_grad():
                log_p = model(source, target[:, :-1]).log_softmax(-1)
            total = log_p.gather(2, target[:, 1:, None]).sum().item()
            scores[body] = total / penalty(len(ids) - 1, alpha)
    return scores


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_a_beam_wide_enough_finds_the_best_of_all(seed, alpha):
    torch.manual_seed(seed)
    vocabulary, max_length = 4, 4
    model = small_model(vocabulary)
    source = torch.randint(3, 4, (1, 3))
    scores = every_translation(model, source, vocabulary, max_length, alpha)
    beams = 3**max_length
    steps = TranslationSteps(model, source, beams)
    (found,) = beam_search(steps, 1, beams, BEGIN, END, max_length, alpha)
    assert scores[tuple(found)] == pytest.approx(max(scores.values()), abs=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_sentences_in_a_batch_do_not_disturb_each_other(seed):
    torch.manual_seed(seed)
    model = small_model()
    source = torch.randint(3, 9, (4, 5))
    source[2, 2:] = 0
    batch = beam_search(TranslationSteps(model, source, 3), 4, 3, BEGIN, END, 7)
    greedy = greedy_search(TranslationSteps(model, source), 4, BEGIN, END, 7)
    for row in range(4):
        alone = source[row : row + 1]
        alone = alone[:, : int((alone != 0).sum())]
        (found,) = beam_search(TranslationSteps(model, alone, 3), 1, 3, BEGIN, END, 7)
        assert found == batch[row]
        (found,) = greedy_search(TranslationSteps(model, alone), 1, BEGIN, END, 7)
        assert found == greedy[row]


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_one_beam_takes_the_best_beginning_of_the_greedy_walk(alpha):
    """It goes on with the likeliest word, and weighs at each step what ending there would score."""
    torch.manual_seed(0)
    lengths = set()
    for _ in range(10):
        model = small_model()
        source = torch.randint(3, 9, (2, 4))
        answers = beam_search(TranslationSteps(model, source), 2, 1, BEGIN, END, 6, alpha)
        for row, answer in zip(source, answers, strict=True):
            words, total, scores = [BEGIN], 0.0, {}
            for length in range(1, 7):
                with torch.no_grad():
                    log_p = model(row[None], torch.tensor([words]))[0, -1].log_softmax(-1)
                scores[(*words[1:],)] = (total + log_p[END].item()) / penalty(length, alpha)
                log_p[END] = -torch.inf
                total += log_p.max().item()
                words.append(int(log_p.argmax()))
            scores[(*words[1:],)] = total / penalty(6, alpha)
            assert (*answer,) == max(scores, key=lambda ids: scores[ids])
            lengths.add(len(answer))
    assert min(lengths) < 2 and max(lengths) == 6


class Table:
    """Steps whose probabilities are read from a table by the last two of three tokens; 2 ends."""

    def __init__(self, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.log_p = torch.rand(3, 3, 3, generator=generator).log().log_softmax(dim=-1)

    def next_logits(self, tokens: Tensor) -> Tensor:
        last = F.pad(tokens, (1, 0))[:, -2:]
        return self.log_p[last[:, 0], last[:, 1]]

    def select(self, rows: Tensor) -> None:
        pass

    def best(self, longest: int, alpha: float) -> list[int]:
        """The best of all sentences that end, or have ``longest`` tokens and no end."""

        def score(body: tuple[int, ...]) -> float:
            ids = [0, 0, *body, *[2] * (len(body) < longest)]
            log_p = sum(self.log_p[abc].item() for abc in zip(ids, ids[1:], ids[2:], strict=False))
            return log_p / penalty(len(ids) - 2, alpha)

        sentences = [b for n in range(longest + 1) for b in itertools.product((0, 1), repeat=n)]
        return list(max(sentences, key=score))


def test_beams_find_what_greed_misses_and_stop_where_a_sentence_ends():
    for alpha in (0.0, 1.0):
        missed = []
        for seed in range(60):
            table = Table(seed)
            best = table.best(6, alpha)
            assert beam_search(table, 1, 2**6, 0, 2, max_length=6, alpha=alpha) == [best], seed
            missed.append(beam_search(table, 1, 1, 0, 2, max_length=6, alpha=alpha) != [best])
        assert sum(missed) >= 3  # else the beams had nothing to show


def test_the_length_penalty_is_the_papers():
    """((5 + length) / 6)^alpha: 1 for one token, whatever alpha."""
    assert [penalty(length, 1.0) for length in (1, 7, 13)] == [1.0, 2.0, 3.0]
    assert penalty(13, 0.5) == pytest.approx(math.sqrt(3))
    assert penalty(1, 0.6) == 1.0 and penalty(40, 0.0) == 1.0


class SlowStarter:
    """Ends at once with a probability; or says token 0, surely goes on, and ends after nine."""

    def __init__(self, ends: float = 0.6) -> None:
        self.ends = ends

    def next_logits(self, tokens: Tensor) -> Tensor:
        said = tokens.shape[1] - 1
        p = torch.tensor(
            {0: [1 - self.ends, 0.0, self.ends], 9: [0.0, 0.0, 1.0]}.get(said, [1.0, 0.0, 0.0])
        )
        return p.clamp(min=1e-9).log().expand(len(tokens), 3)

    def select(self, rows: Tensor) -> None:
        pass


def test_the_search_goes_on_while_a_longer_sentence_can_overtake():
    """log 0.6 = −0.51 for the short one, log 0.4 / penalty(10, 1) = −0.37 for the long one."""
    for alpha, expected in ((1.0, [0] * 9), (0.0, [])):
        (found,) = beam_search(SlowStarter(), 1, 2, BEGIN, END, max_length=12, alpha=alpha)
        assert found == expected


def test_the_beam_s_length_penalty_is_the_papers_when_none_is_given():
    """log 0.45 / penalty(10, 0.6) = −0.46 overtakes log 0.55 = −0.60; at alpha 0 it does not."""
    (found,) = beam_search(SlowStarter(0.55), 1, 2, BEGIN, END, max_length=12)
    assert found == [0] * 9
    (found,) = beam_search(SlowStarter(0.55), 1, 2, BEGIN, END, max_length=12, alpha=0.0)
    assert found == []
