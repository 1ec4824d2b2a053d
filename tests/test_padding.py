"""What masks every model takes and refuses, and that nothing hidden reaches what is real."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import torch
from helpers import masks, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from wode import (
    bart,
    bert,
    electra,
    elmo,
    ernie,
    gpt,
    llama,
    longformer,
    reformer,
    t5,
    transformer,
    unsupervised,
    xlnet,
)
from wode.attention import KeyValueCache, padding_mask
from wode.copying import Pointer
from wode.decoding import generate
from wode.heads import SequenceClassifier, SequenceWriter, SpanReader, TokenClassifier, written
from wode.lstm import LSTM
from wode.masked_generation import Writer, mask_predict
from wode.packing import pack
from wode.padding import as_bool, hide_padding, real_tokens
from wode.pretraining import BertForPreTraining
from wode.sequence import CNN, RNN
from wode.unilm import UniLM

V = 40  # words; no other table of embeddings has as many rows
DTYPES = [torch.bool, torch.uint8, torch.int32, torch.int64]
DTYPES += [torch.bfloat16, torch.float16, torch.float32, torch.float64]

# ---------------------------------------------------------------- the mask itself


@given(
    B=st.integers(0, 5),
    T=st.integers(0, 9),
    dtype=st.sampled_from(DTYPES),
    empty=st.booleans(),
    seed=st.integers(0),
)
@settings(max_examples=100)
def test_zeros_and_ones_are_taken_whatever_their_type(B, T, dtype, empty, seed):
    """A row may be all padding; a float mask must have a 1 somewhere, if it has anything."""
    torch.manual_seed(seed % 2**32)
    real = masks("holes", B, T).bool() if B and T else torch.ones(B, T).bool()
    real[: B // 2] &= not empty
    done = int(torch.randint(T + 1, ()))
    for x in (None, torch.zeros(B, T - done), torch.zeros(B, T - done, 3)):
        came = real_tokens(real.to(dtype), x, done if x is not None else 0)
        assert came.dtype == torch.bool and torch.equal(came, real)
    assert torch.equal(padding_mask(real.to(dtype))[:, 0, 0], real)


WRONG = {  # what becomes of 0 and 1, and what the error says came
    "added, -1e9": (lambda real: torch.where(real, 0.0, -1e9), r"-1000000000\.0.*to be added"),
    "added, -inf": (lambda real: torch.where(real, 0.0, -torch.inf), "-inf.*to be added"),
    "added, integers": (lambda real: torch.where(real, 0, -10000), "-10000.*to be added"),
    "added, hides nothing": (lambda real: torch.zeros(real.shape), "are all 0: .*to be added"),
    "two": (lambda real: real.long() * 2, "got 2"),
    "half": (lambda real: real * 0.5, r"got 0\.5"),
    "NaN": (lambda real: torch.where(real, 1.0, torch.nan), "got nan"),
    "minus one": (lambda real: -real.long(), "got -1"),
    "turned": (lambda real: torch.ones(real.shape[::-1]), r"expected \w+ \(\d+, \d+\), got \("),
    "one row": (lambda real: real[:1], r"got \(1, "),
    "one text": (lambda real: real[0], r"got \(\d+,\)"),
    "short": (lambda real: real[:, 1:], r"expected \w+ \(\d+, \d+\), got"),
    "four dimensions": (lambda real: real[:, None, None], r"got \(\d+, 1, 1, \d+\)"),
    "elsewhere": (lambda real: real.to("meta"), "on cpu, got it on meta"),
    "a list": (lambda real: real.tolist(), "a tensor, got list"),
}


def spoil(kind: str, real: Tensor) -> tuple[Any, str]:
    """A mask that is refused, and what is said of it."""
    damage, said = WRONG[kind]
    return damage(real), said


@pytest.mark.parametrize("kind", WRONG)
def test_anything_else_is_refused_with_what_came(kind):
    real = torch.tensor([[True, True, False], [True, False, False]])
    given, said = spoil(kind, real)
    with pytest.raises(ValueError, match=said):
        real_tokens(given, torch.zeros(2, 3))


def test_a_mask_of_two_dimensions_is_asked_for_where_no_tokens_are_given():
    with pytest.raises(ValueError, match=r"attention_mask \(B, S\), got \(3,\)"):
        pack(torch.ones(3))
    with pytest.raises(ValueError, match=r"mask \(B, S\) of 0 and 1 or bool, got -1e\+09|-1000000"):
        pack(torch.tensor([[0.0, -1e9]]))
    with pytest.raises(ValueError, match=r"visible \(1, 2, 2\).*got -inf"):
        as_bool("visible", torch.tensor([[[0.0, -torch.inf], [0.0, 0.0]]]), (1, 2, 2))


def test_hidden_tokens_become_zeros_whatever_they_were():
    x = torch.full((2, 3, 4, 5), torch.nan)
    x[0, 0] = 1.0
    x.requires_grad_()
    y = hide_padding(x, torch.tensor([[1, 0, 0], [0, 0, 0]]))
    assert y[0, 0].eq(1).all() and not y[0, 1:].any() and not y[1].any()
    y.square().sum().backward()
    assert x.grad is not None and x.grad.isfinite().all()


# ---------------------------------------------------------------- every model


def bert_config(kind: type[bert.Config] = bert.Config, **more: Any) -> Any:
    return kind(
        vocab_size=V,
        hidden_size=8,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=12,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        max_position_embeddings=30,
        **more,
    )


def small_bert() -> bert.Bert:
    return bert.Bert(bert_config())


def types_of(ids: Tensor) -> Tensor:
    """The second half is the second text."""
    return (torch.arange(ids.shape[1]) >= ids.shape[1] // 2).long().expand(ids.shape)


Run = Callable[[Any, Tensor, Any], Tensor]  # the model, what it reads, the mask → (B, T, …) or all


def writer_run(model: Any, ids: Tensor, mask: Any) -> Tensor:
    """What is predicted from a real token."""
    types = types_of(ids)
    before = written(types, mask).roll(-1, dims=1)
    return model(ids, mask, types)[as_bool("mask", mask)[before]]


def visible(ids: Tensor) -> Tensor:
    """An order, the same in each row."""
    order = torch.randperm(ids.shape[1], generator=torch.Generator().manual_seed(3))
    return xlnet.visible_in(order.expand(ids.shape))


def asked(ids: Tensor) -> Tensor:
    return torch.zeros(len(ids), 1, dtype=torch.long)


target = torch.tensor([[3, 5]])  # what a decoder reads; shorter than any text here

# name: (model, run, what is real in the output: tokens, rows or all; where padding may stand)
MODELS: dict[str, tuple[Callable[[], nn.Module], Run, str, str]] = {
    "bert": (small_bert, lambda m, ids, mask: m(ids, mask, types_of(ids))[0], "tokens", "holes"),
    "pooled": (small_bert, lambda m, ids, mask: m(ids, mask)[1], "all", "right"),
    "bert, visible": (
        small_bert,
        lambda m, ids, mask: m.encode(ids, mask, None, visible(ids)),
        "tokens",
        "holes",
    ),
    "pretraining": (
        lambda: BertForPreTraining(bert_config()),
        lambda m, ids, mask: m(ids, mask)[0],
        "tokens",
        "holes",
    ),
    "classifier": (
        lambda: SequenceClassifier(small_bert(), 3),
        lambda m, ids, mask: m(ids, mask),
        "all",
        "right",
    ),
    "token classifier": (
        lambda: TokenClassifier(small_bert(), 3),
        lambda m, ids, mask: m(ids, mask).transpose(1, 2),
        "tokens",
        "holes",
    ),
    "span reader": (
        lambda: SpanReader(small_bert()),
        lambda m, ids, mask: m(ids, mask).exp(),
        "all",
        "holes",
    ),
    "writer": (lambda: SequenceWriter(small_bert()), writer_run, "all", "holes"),
    "ernie": (
        lambda: ernie.Ernie(bert_config(ernie.Config)),
        lambda m, ids, mask: m(ids, mask, types_of(ids), types_of(ids))[0],
        "tokens",
        "holes",
    ),
    "generator": (
        lambda: electra.Generator(bert_config(electra.Config, embedding_size=6)),
        lambda m, ids, mask: m(ids, mask),
        "tokens",
        "holes",
    ),
    "discriminator": (
        lambda: electra.Discriminator(bert_config(electra.Config, embedding_size=6)),
        lambda m, ids, mask: m(ids, mask),
        "tokens",
        "holes",
    ),
    "unilm": (
        lambda: UniLM(bert_config()),
        lambda m, ids, mask: m(ids, "sequence-to-sequence", types_of(ids), mask),
        "tokens",
        "holes",
    ),
    "gpt": (
        lambda: gpt.Gpt(gpt.Config(V, 30, 8, 2, 2)),
        lambda m, ids, mask: m(ids, mask),
        "tokens",
        "holes",
    ),
    "gpt's loss": (
        lambda: gpt.Gpt(gpt.Config(V, 30, 8, 2, 2)),
        lambda m, ids, mask: m.loss(ids, mask),
        "all",
        "right",
    ),
    "llama": (
        lambda: llama.Llama(llama.Config(V, 8, 12, 2, 4, 2, 30)),
        lambda m, ids, mask: m(ids, mask),
        "tokens",
        "holes",
    ),
    "t5": (
        lambda: t5.T5(t5.Config(V, 8, 4, 12, 2, num_heads=2, dropout_rate=0.0)),
        lambda m, ids, mask: m(ids, target.expand(len(ids), 2), mask),
        "all",
        "holes",
    ),
    "bart": (
        lambda: bart.Bart(bart.Config(V, 8, 2, 2, 2, 2, 12, 12, 28, 0.0)),
        lambda m, ids, mask: m(ids, target.expand(len(ids), 2), mask),
        "all",
        "holes",
    ),
    "bart, with caches": (
        lambda: bart.Bart(bart.Config(V, 8, 2, 2, 2, 2, 12, 12, 28, 0.0)),
        lambda m, ids, mask: m.decode(
            target.expand(len(ids), 2), m.encode(ids, mask), mask, m.caches()
        ),
        "all",
        "holes",
    ),
    "longformer": (
        lambda: longformer.Longformer(
            bert_config(longformer.Config, attention_window=4, pad_token_id=1)
        ),
        lambda m, ids, mask: m(ids, mask, torch.arange(ids.shape[1]).expand(ids.shape) == 0)[0],
        "tokens",
        "holes",
    ),
    "reformer": (
        lambda: reformer.Reformer(reformer.Config(V, 8, 2, 2, 4, 8, 4, 2, 4, 28, 0.0, hash_seed=1)),
        lambda m, ids, mask: m(ids, mask),
        "tokens",
        "holes",
    ),
    "xlnet": (
        lambda: xlnet.XLNetLM(xlnet.Config(V, 8, 2, 2, 12, 0.0)),
        lambda m, ids, mask: m(ids, visible(ids), None, mask, types_of(ids)),
        "tokens",
        "holes",
    ),
    "xlnet, asked": (
        lambda: xlnet.XLNetLM(xlnet.Config(V, 8, 2, 2, 12, 0.0)),
        lambda m, ids, mask: m(ids, visible(ids), asked(ids), mask),
        "all",
        "right",
    ),
    "elmo": (
        lambda: elmo.ELMo(elmo.Config(V, 4, 6, 2, dropout=0.0)),
        lambda m, ids, mask: m(ids, mask).movedim(0, 2),
        "all",
        "right",
    ),
    "rnn": (
        lambda: RNN(8, 6, bidirectional=True),
        lambda m, x, mask: m(x, None, mask)[0],
        "all",
        "holes",
    ),
    "cnn": (
        lambda: CNN(8, (1, 2)),
        lambda m, x, mask: m(x, mask),
        "all",
        "holes",
    ),
    "lstm": (
        lambda: LSTM(8, 6, 2, bidirectional=True),
        lambda m, x, mask: m(x, mask)[0],
        "all",
        "holes",
    ),
    "pointer": (
        lambda: Pointer(8, 8, 6),
        lambda m, x, mask: m(x, torch.ones(len(x), 2, 8), mask).exp(),
        "all",
        "holes",
    ),
}
OF_VECTORS = ("rnn", "cnn", "lstm", "pointer")  # they read (B, T, 8)


@contextlib.contextmanager
def poisoned(model: nn.Module, real: Tensor) -> Iterator[list[int]]:
    """The embeddings of hidden words are NaN; how many were asked for."""
    asked_for: list[int] = []

    def poison(module: nn.Embedding, _inputs: object, output: Tensor) -> Tensor | None:
        if module.num_embeddings != V or output.shape[:2] != real.shape:
            return None  # positions, a decoder's words, or real tokens alone
        asked_for.append(int((~real).sum()))
        return output.masked_fill(~real[..., None], torch.nan)

    hooks = [
        part.register_forward_hook(poison)
        for part in model.modules()
        if isinstance(part, nn.Embedding)
    ]
    try:
        yield asked_for
    finally:
        for hook in hooks:
            hook.remove()


def built(name: str, B: int, T: int, seed: int) -> tuple[Any, Callable, Tensor, Tensor]:
    """The model, its run that gives what is real, a text, and which tokens of it are."""
    torch.manual_seed(seed)
    make, run, of, where = MODELS[name]
    model = randomise(make()).eval()
    real = masks(where, B, T).bool()
    if name == "gpt's loss":
        real[0, :2] = True
    reads = torch.randn(B, T, 8) if name in OF_VECTORS else torch.randint(2, V, (B, T))

    def outputs(reads: Tensor, mask: Any) -> Tensor:
        y = run(model, reads, mask)
        return y[real] if of == "tokens" else y

    return model, outputs, reads, real


@pytest.mark.parametrize("name", MODELS)
@given(B=st.integers(1, 4), T=st.integers(4, 11), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=8)
def test_what_is_hidden_changes_nothing_that_is_real(name, B, T, seed):
    """Bit by bit, whatever stands there, NaN too; nor does it reach a gradient."""
    model, outputs, reads, real = built(name, B, T, seed)
    expected = outputs(reads, real)
    assert expected.isfinite().all()
    for dtype in DTYPES[1:]:
        assert torch.equal(outputs(reads, real.to(dtype)), expected), dtype
    if reads.is_floating_point():
        others = [torch.full_like(reads, number) for number in (1e30, torch.inf, torch.nan)]
    else:
        others = [torch.randint_like(reads, V), torch.zeros_like(reads), torch.ones_like(reads)]
    for other in others:
        shape = real[..., None] if reads.is_floating_point() else real
        changed = reads.where(shape, other)
        assert torch.equal(outputs(changed, real), expected)
    with poisoned(model, real):
        y = outputs(changed, real)
        assert torch.equal(y, expected)
        y.sum().backward()
    for part, parameter in model.named_parameters():
        assert parameter.grad is None or parameter.grad.isfinite().all(), part


@pytest.mark.parametrize("name", MODELS)
@given(data=st.data(), T=st.integers(4, 9), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=6)
def test_other_masks_are_refused_by_every_model(name, data, T, seed):
    _, outputs, reads, real = built(name, 3, T, seed)
    real[:, -1], real[:, 0] = False, True  # what is added has something to add
    mask, said = spoil(data.draw(st.sampled_from(sorted(WRONG))), real)
    with pytest.raises(ValueError, match=said):
        outputs(reads, mask)


@pytest.mark.parametrize("name", sorted({*MODELS} - {"pointer"}))  # its run makes float32 queries
def test_half_precision_says_about_the_same(name):
    model, outputs, reads, real = built(name, 3, 6, 1)
    expected = outputs(reads, real)
    model.bfloat16()
    y = outputs(reads.bfloat16() if reads.is_floating_point() else reads, real.bfloat16())
    assert torch.allclose(y.float(), expected, atol=0.1)


@pytest.mark.parametrize("name", MODELS)
def test_a_row_without_a_real_token_changes_no_other(name):
    """Its own outputs are finite; where an answer is wanted for each row it is an error."""
    model, _, reads, _ = built(name, 3, 6, 0)
    run, of = MODELS[name][1:3]
    real = torch.tensor([[1, 1, 1, 1, 0, 0], [0] * 6, [1, 1, 1, 1, 1, 1]])
    if name in ("classifier", "span reader", "pointer"):
        with pytest.raises(ValueError, match=r"rows \[1\]|\[4, 0, 6\]"):
            run(model, reads, real)
        return
    y = run(model, reads, real)
    assert y.isfinite().all()
    if of == "tokens" or y.shape[:1] == (3,):
        alone = run(model, reads[::2], real[::2])
        kept = real[::2].bool() if of == "tokens" else slice(None)
        assert torch.allclose(y[::2][kept], alone[kept], atol=1e-5)
    y.sum().backward()
    for part, parameter in model.named_parameters():
        assert parameter.grad is None or parameter.grad.isfinite().all(), part


# ---------------------------------------------------------------- single places


@pytest.mark.parametrize("kind", ["holes", "left"])
@pytest.mark.parametrize("name", ["gpt", "llama"])
def test_padding_of_nan_stays_out_of_the_caches(name, kind):
    """Piece by piece as in one call, though what is hidden is NaN and the caches are kept."""
    model, _, ids, _ = built(name, 4, 10, 5)
    real = masks(kind, 4, 10).bool()
    expected = model(ids, real)[real]
    caches, pieces = model.caches(), []
    for begin in range(0, 10, 3):
        end = min(begin + 3, 10)
        with poisoned(model, real[:, begin:end]):
            pieces.append(model(ids[:, begin:end], real[:, :end].long(), caches))
    assert torch.allclose(torch.cat(pieces, dim=1)[real], expected, atol=1e-5)


@pytest.mark.parametrize("kind", sorted({*WRONG} - {"one row"}))
def test_generate_refuses_other_masks_too(kind):
    model, _, ids, _ = built("gpt", 2, 5, 1)
    real = torch.tensor([[False, True, True, True, True]] * 2)
    mask, said = spoil(kind, real)
    with pytest.raises(ValueError, match=said):
        generate(model, ids, 3, attention_mask=mask)


@pytest.mark.parametrize("kind", [transformer.TranslationModel, unsupervised.Translator])
def test_translation_keeps_an_embedding_of_padding_that_is_nan_out_of_its_caches(kind):
    torch.manual_seed(0)
    config = transformer.Config(hidden_size=8, num_heads=2, ffn_size=12, num_layers=2, dropout=0.0)
    more, languages = ([], []) if kind is transformer.TranslationModel else ([[1]], [0])
    model = kind(V, config, *more).eval()
    source = torch.tensor([[3, 4, 5, 6], [7, 8, 0, 0]])  # 0 is padding
    expected = model.decode(target.expand(2, 2), *model.encode(source, *languages), *languages)
    with poisoned(model, source != 0):
        memory, mask = model.encode(source, *languages)
    caches = [(KeyValueCache(), KeyValueCache(fixed=True)) for _ in range(config.num_layers)]
    output = model.decode(target.expand(2, 2), memory, mask, *languages, caches=caches)
    assert torch.allclose(output, expected, atol=1e-6)


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("name", ["t5", "bart"])
def test_memory_of_nan_behind_the_mask_reaches_no_answer(name, cached):
    model, _, ids, real = built(name, 4, 7, 4)
    reads, memory = target.expand(4, 2), model.encode(ids, real)
    caches = model.caches() if cached else None
    output = model.decode(reads, memory.masked_fill(~real[..., None], torch.nan), real, caches)
    assert torch.allclose(output, model.decode(reads, memory, real), atol=1e-6)
    model.zero_grad()
    output.sum().backward()
    for part, parameter in model.named_parameters():
        assert parameter.grad is None or parameter.grad.isfinite().all(), part


def test_a_mask_of_a_decoder_is_of_its_memory():
    model, _, ids, real = built("bart", 3, 6, 2)
    memory = model.encode(ids, real)
    for wrong in (real[:1], real[:, :1], real[:, :5]):
        with pytest.raises(ValueError, match=r"attention_mask \(3, 6\), got"):
            model.decode(target.expand(3, 2), memory, wrong)


def test_who_sees_whom_is_zeros_and_ones_as_well():
    ids = torch.randint(2, V, (2, 4))
    model, reader = small_bert().eval(), xlnet.XLNet(xlnet.Config(V, 8, 2, 2, 12, 0.0))
    sees = torch.ones(2, 4, 4).tril()
    for encode in (partial(model.encode, ids, None, None), partial(reader, ids)):
        results = [encode(sees.to(dtype)) for dtype in (torch.bool, torch.long, torch.float)]
        results = [y if isinstance(y, Tensor) else y[0] for y in results]
        assert torch.equal(results[0], results[1]) and torch.equal(results[0], results[2])
        with pytest.raises(ValueError, match=r"visible \(2, 4, 4\).*got -inf"):
            encode(torch.where(sees.bool(), 0.0, -torch.inf))
        for wrong in (sees[:1], sees[:, :1], sees[0]):
            with pytest.raises(ValueError, match=r"visible \(2, 4, 4\), got"):
                encode(wrong)


def test_longformer_s_merged_mask_is_two_masks_here():
    model, _, ids, real = built("longformer", 2, 6, 3)
    with pytest.raises(ValueError, match=r"attention_mask .* got 2"):
        model(ids, real.long().clamp(min=1) + real.long())
    with pytest.raises(ValueError, match=r"global_attention_mask .* got -1"):
        model(ids, real, -real.long())


def test_positions_of_a_longformer_do_not_count_the_padding():
    model, _, ids, _ = built("longformer", 1, 8, 3)
    real = torch.tensor([[0, 0, 1, 1, 1, 1, 1, 1]])
    nothing = torch.ones_like(ids)  # its [PAD]
    assert torch.equal(
        model(ids, real)[0][:, 2:], model(ids.where(real > 0, nothing), real)[0][:, 2:]
    )


def test_places_of_a_masked_model_are_a_mask():
    model, ids = Writer(bert_config(), causal=False).eval(), torch.randint(5, V, (2, 4))
    for wrong in (torch.ones(2, 4, dtype=torch.long), torch.ones(2, 3).bool()):
        with pytest.raises(ValueError, match=r"places bool \(2, 4\), got"):
            model(ids, wrong)
        with pytest.raises(ValueError, match=r"places bool \(2, 4\), got"):
            mask_predict(model, ids, wrong, 2, 4, lambda logits: logits.argmax(dim=-1))


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (0, 0)])
def test_a_batch_of_nothing_is_named_by_every_bert(shape):
    for model in (small_bert(), SequenceClassifier(small_bert(), 3), SpanReader(small_bert())):
        for dtype in (torch.bool, torch.long, torch.float):
            with pytest.raises(ValueError, match="no real token in a batch of "):
                model(torch.zeros(shape, dtype=torch.long), torch.ones(shape, dtype=dtype))


@pytest.mark.parametrize("name", ["gpt", "llama", "xlnet", "t5"])
def test_boolean_masks_need_no_values(name):
    """So that models can be exported, compiled into one graph, and tried out without memory."""
    model, _, ids, real = built(name, 2, 5, 3)
    arguments = {"gpt": (ids, real), "t5": (ids, target.expand(2, 2), real), "llama": (ids, real)}
    inputs = arguments.get(name, (ids, None, None, real))
    expected = model(*inputs)
    if name == "gpt":  # exporting takes seconds
        exported = torch.export.export(model, inputs).module()
        assert torch.allclose(exported(*inputs), expected, atol=1e-5)
    nowhere = [x if x is None else x.to("meta") for x in inputs]
    assert model.to("meta")(*nowhere).shape == expected.shape


def test_a_loss_over_nothing_is_an_error():
    model, ids = gpt.Gpt(gpt.Config(V, 30, 8, 2, 2)), torch.randint(V, (2, 3))
    for arguments in ((ids[:, :1],), (ids, torch.tensor([[1, 0, 1], [0, 1, 0]]))):
        with pytest.raises(ValueError, match="expected a token after another"):
            model.loss(*arguments)
