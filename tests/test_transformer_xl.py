"""wode.transformer_xl equals its paper's equations, written naively; a memory is a longer text."""

import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from helpers import assert_close, assert_same_gradients, compared, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from wode.transformer_xl import Config, TransformerXL


@pytest.fixture(autouse=True, scope="module")
def float64() -> Iterator[None]:
    """The sines of the distances too."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


configs = st.builds(
    lambda heads, half, layers, inner: Config(20, 2 * half * heads, layers, heads, inner, 0.0),
    heads=st.integers(1, 3),
    half=st.integers(1, 3),
    layers=st.integers(1, 3),
    inner=st.integers(1, 12),
)


def norm(x: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
    return (x - x.mean()) / (x.var(correction=0) + eps).sqrt() * weight + bias


def naive(model: TransformerXL, ids: Tensor, memory: list[Tensor] | None) -> Tensor:
    """Section 3.3 for one text (T,), token by token and head by head: (T, vocabulary)."""
    config, words = model.config, model.word_embedding.weight
    d = config.d_model // config.n_head
    h = [words[token] for token in ids]
    for n in range(config.n_layer):
        w = dict(model.layer[n].named_parameters())
        old = [] if memory is None else list(memory[n][0])
        read, out = old + h, []
        for i in range(len(h)):
            at, parts = len(old) + i, []
            for head in range(config.n_head):
                Wq, Wk, Wv, _, Wr = (w[f"rel_attn.{m}"][:, head] for m in "qkvor")
                u, v = w["rel_attn.r_w_bias"][head], w["rel_attn.r_r_bias"][head]
                scores = []
                for j in range(at + 1):
                    wave = (at - j) * 10_000.0 ** (
                        -torch.arange(0, config.d_model, 2) / config.d_model
                    )
                    R = torch.cat([wave.sin(), wave.cos()]).to(words)
                    q, k, r = h[i] @ Wq, read[j] @ Wk, R @ Wr
                    scores.append((q @ k + q @ r + u @ k + v @ r) / math.sqrt(d))
                weights = torch.stack(scores).softmax(dim=0)
                parts.append(sum(a * (x @ Wv) for a, x in zip(weights, read, strict=False)))
            y = sum(w["rel_attn.o"][:, head] @ part for head, part in enumerate(parts))
            eps = config.layer_norm_eps
            x = norm(h[i] + y, w["rel_attn.layer_norm.weight"], w["rel_attn.layer_norm.bias"], eps)
            y = w["ff.layer_1.weight"] @ x + w["ff.layer_1.bias"]
            y = w["ff.layer_2.weight"] @ y.clamp(min=0) + w["ff.layer_2.bias"]
            out.append(norm(x + y, w["ff.layer_norm.weight"], w["ff.layer_norm.bias"], eps))
        h = out
    return torch.stack(h) @ words.T


@pytest.mark.equals("transformer-xl")
@given(config=configs, S=st.integers(0, 4), T=st.integers(1, 5), seed=st.integers(0, 2**32))
@settings(max_examples=15)
def test_equals_the_papers_equations(config, S, T, seed):
    torch.manual_seed(seed)
    model = randomise(TransformerXL(config))
    ids = torch.randint(20, (1, T))
    memory = [torch.randn(1, S, config.d_model) for _ in range(config.n_layer)]
    memory = memory if S else None
    logits, _ = model(ids, memory)
    expected = naive(model, ids[0], memory)
    assert_close(logits[0], expected, 1e-10)
    weight = torch.randn_like(expected)
    names, parameters = zip(*model.named_parameters(), strict=True)
    theirs = torch.autograd.grad((expected * weight).sum(), parameters)
    (logits[0] * weight).sum().backward()
    assert_same_gradients(model, dict(zip(names, theirs, strict=True)), 1e-9)


@pytest.mark.equals("transformer-xl")
@given(
    config=configs,
    lengths=st.lists(st.integers(1, 6), min_size=2, max_size=4),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=25)
def test_segments_with_a_memory_are_one_long_segment(config, lengths, seed):
    torch.manual_seed(seed)
    model = randomise(TransformerXL(config))
    ids = torch.randint(20, (2, sum(lengths)))
    memory, parts = None, []
    for segment in ids.split(lengths, dim=1):
        logits, memory = model(segment, memory)
        parts.append(logits)
    whole, kept = model(ids)
    assert_close(torch.cat(parts, dim=1), whole, 1e-10)
    assert memory is not None
    for one, other in zip(memory, kept, strict=True):
        assert_close(one, other, 1e-10)
    compared.configurations += 1
    assert not any(part.requires_grad for part in memory)


def test_a_memory_holds_so_many_tokens_and_no_more() -> None:
    torch.manual_seed(0)
    model = randomise(TransformerXL(Config(20, 8, 2, 2, 8, 0.0, mem_len=3)))
    first, second = torch.randint(20, (2, 1, 5))
    _, memory = model(first)
    assert [part.shape for part in memory] == [(1, 3, 8)] * 2
    assert not any(part.requires_grad for part in memory)
    _, all_of_it = TransformerXL.forward(model, first)
    assert torch.equal(memory[0], all_of_it[0][:, -3:])
    changed = first.clone()
    changed[0, 0] = (changed[0, 0] + 1) % 20
    before, after = (model(second, model(text)[1])[0] for text in (first, changed))
    # The forgotten token is still felt through the layer below: 3 tokens of memory, 2 layers.
    assert not torch.equal(before, after)
    one = randomise(TransformerXL(Config(20, 8, 1, 2, 8, 0.0, mem_len=3)))
    before, after = (one(second, one(text)[1])[0] for text in (first, changed))
    assert torch.equal(before, after)


FROZEN = json.loads(Path(__file__).with_name("transformer_xl_frozen.json").read_text())


@pytest.mark.equals("transformer-xl")
@pytest.mark.parametrize("frozen", FROZEN)
def test_equals_what_transformers_gave(frozen: dict) -> None:
    """`TransfoXLLMHeadModel` of transformers 4.57.6, mended; it begins with a memory of zeros.

    Its embeddings are multiplied by √d, which stands in the weights here.
    """
    config = Config(*frozen["config"])
    model = TransformerXL(config)
    model.load_state_dict({name: torch.tensor(one) for name, one in frozen["weights"].items()})
    memory = [torch.zeros(2, config.mem_len or 0, config.d_model)] * config.n_layer
    for segment, expected in zip(frozen["segments"], frozen["logits"], strict=True):
        logits, memory = model(torch.tensor(segment), memory)
        assert_close(logits, torch.tensor(expected), 1e-12)
    compared.configurations += 1


@given(
    layers=st.integers(1, 3), mem_len=st.integers(1, 9), T=st.integers(1, 5), ask=st.integers(0, 4)
)
@settings(max_examples=15)
def test_an_answer_looks_back_as_far_as_the_memories_and_no_farther(layers, mem_len, T, ask):
    torch.manual_seed(0)
    model = randomise(TransformerXL(Config(20, 8, layers, 2, 8, 0.0, mem_len=mem_len)))
    segments = 2 + layers * (mem_len // T + 1)
    begin = (segments - 1) * T
    last = begin + ask % T
    ids = torch.randint(20, (1, segments * T)).repeat(last + 1, 1)
    ids[range(last), range(last)] = (ids[range(last), range(last)] + 1) % 20
    memory, logits = None, ids
    for part in ids.split(T, dim=1):
        logits, memory = model(part, memory)
    changed = (logits[:-1, ask % T] - logits[-1, ask % T]).abs().amax(dim=1) > 1e-13
    oldest = begin
    for _ in range(layers):
        oldest = oldest // T * T - mem_len
    assert not changed[:oldest].any()
    assert changed[max(oldest, 0) : begin].all()


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(ValueError, match="multiple of n_head"):
        Config(d_model=10, n_head=3)
    model = TransformerXL(Config(20, 8, 2, 2, 8))
    ids = torch.zeros(1, 3, dtype=torch.long)
    with pytest.raises(
        ValueError, match=r"expected a memory of 2 × \(1, S, 8\), got 1 × \(1, 4, 8\)"
    ):
        model(ids, [torch.zeros(1, 4, 8)])
