"""wode.llama equals transformers' Llama: random weights and SmolLM2's."""

import json
from dataclasses import replace
from typing import Any

import pytest
import torch
from helpers import assert_close, assert_same_gradients, gradients, masks, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

from wode.decoding import generate
from wode.files.checkpoint import CheckpointError
from wode.files.gguf import local_model
from wode.files.hub import SMOLLM2
from wode.llama import Config, Llama, RMSNorm, rms_norm, rotate, turn, turns

SIZES: dict[str, Any] = {
    "vocab_size": 40,
    "hidden_size": 24,
    "intermediate_size": 20,
    "num_hidden_layers": 2,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
}
configs = st.builds(
    lambda shared, groups, half, layers, inner, eps, theta, tied: Config(
        vocab_size=40,
        hidden_size=shared * groups * 2 * half,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=shared * groups,
        num_key_value_heads=groups,
        max_position_embeddings=64,
        rms_norm_eps=eps,
        rope_theta=theta,
        tie_word_embeddings=tied,
    ),
    shared=st.integers(1, 3),
    groups=st.integers(1, 3),
    half=st.integers(1, 4),
    layers=st.integers(1, 3),
    inner=st.integers(1, 20),
    eps=st.sampled_from([1e-6, 1e-5]),
    theta=st.sampled_from([10_000.0, 100_000.0]),
    tied=st.booleans(),
)


def reference_of(config: Config, attention: str = "eager") -> LlamaForCausalLM:
    names = vars(config).copy()
    rope = {"rope_type": "default", "rope_theta": names.pop("rope_theta")}
    reference = LlamaConfig(**names, rope_parameters=rope)
    reference._attn_implementation = attention
    return randomise(LlamaForCausalLM(reference)).eval()


@given(
    config=configs,
    B=st.integers(1, 4),
    T=st.integers(1, 14),
    cut=st.integers(1, 13),
    kind=st.sampled_from(["none", "right", "left"]),
    attention=st.sampled_from(["eager", "sdpa"]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=60)
def test_equals_the_reference(config, B, T, cut, kind, attention, seed):
    torch.manual_seed(seed)
    theirs = reference_of(config, attention)
    ours = Llama(config)
    ours.load_state_dict(theirs.state_dict())
    ids, mask = torch.randint(40, (B, T)), masks(kind, B, T)
    given_mask = None if kind == "none" else mask
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    real = mask.bool()
    maps: list[Tensor] = []
    logits = ours(ids, given_mask, maps=maps)
    assert [m.shape for m in maps] == [(B, config.num_attention_heads, T, T)] * len(maps)
    assert not torch.cat(maps).triu(1).any()
    expected = theirs(ids, attention_mask=given_mask, position_ids=positions).logits
    assert_close(logits[real], expected[real])

    caches, pieces = ours.caches(), []
    with torch.no_grad():
        for begin in range(0, T, cut):
            seen = None if given_mask is None else given_mask[:, : begin + cut]
            pieces.append(ours(ids[:, begin : begin + cut], seen, caches))
    assert_close(torch.cat(pieces, dim=1)[real], logits[real])

    labels = torch.randint(40, (int(real.sum()),))
    nn.functional.cross_entropy(logits[real], labels).backward()
    nn.functional.cross_entropy(expected[real], labels).backward()
    assert_same_gradients(ours, gradients(theirs))


def test_writes_the_same_with_a_cache_padded_or_not():
    torch.manual_seed(0)
    theirs: Any = reference_of(Config(**SIZES))
    ours = Llama(Config(**SIZES)).eval()
    ours.load_state_dict(theirs.state_dict())
    prompts = [[1, 2, 3, 4, 5], [6, 7], [8]]
    padded = torch.tensor([[0] * (5 - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (5 - len(p)) + [1] * len(p) for p in prompts])
    ways = [
        generate(ours, padded, 12, attention_mask=mask, temperature=0, cache=c)
        for c in (True, False)
    ]
    out = theirs.generate(
        padded,
        attention_mask=mask,
        max_new_tokens=12,
        do_sample=False,
        pad_token_id=0,
        eos_token_id=None,
    )
    assert ways[0] == ways[1] == out[:, 5:].tolist()
    assert ways[0] == [generate(ours, torch.tensor([p]), 12, temperature=0)[0] for p in prompts]
    caches = ours.caches()
    ours(padded, mask, caches)
    assert caches[0].key is not None
    assert caches[0].key.shape == (3, 2, 5, 4)  # two heads are kept, not six


def test_rotated_products_depend_on_the_distance():
    q, k = torch.randn(2, 1, 1, 1, 8)

    def product(a: int, b: int) -> Tensor:
        at = [rotate(x, torch.tensor([[p]]), 10_000.0) for x, p in ((q, a), (k, b))]
        return (at[0] * at[1]).sum()

    assert torch.allclose(product(3, 5), product(40, 42), atol=1e-4)
    assert not torch.allclose(product(3, 5), product(3, 6), atol=1e-4)


def test_what_the_layers_do_is_what_is_taught():
    x, positions = torch.randn(2, 3, 5, 8), torch.randint(0, 90, (2, 5))
    angles = turns(positions, 8, 10_000.0, x.dtype)
    turned = turn(x.transpose(1, 2), *angles).transpose(1, 2)
    torch.testing.assert_close(turned, rotate(x, positions, 10_000.0))
    norm = RMSNorm(8, 1e-5)
    torch.nn.init.normal_(norm.weight)
    torch.testing.assert_close(norm(x), rms_norm(x, norm.weight, 1e-5))


def test_smollm2_equals_transformers():
    folder = local_model(SMOLLM2)
    theirs: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    ours = Llama.from_pretrained(SMOLLM2)
    texts = ["The capital of France is", "hot -> cold\nbig -> small\nwet ->", "你好"]
    batch = tokenizer(texts, padding=True, padding_side="left", return_tensors="pt")
    ids, mask = batch["input_ids"], batch["attention_mask"]
    with torch.no_grad():
        positions = (mask.cumsum(1) - 1).clamp(min=0)
        expected = theirs(ids, attention_mask=mask, position_ids=positions).logits
        logits = ours(ids, mask)
    real = mask.bool()
    assert torch.allclose(logits[real], expected[real], atol=1e-3)
    assert_close(logits[real], expected[real])
    written = generate(ours, ids, 8, attention_mask=mask, temperature=0)
    out = theirs.generate(
        **batch, max_new_tokens=8, do_sample=False, eos_token_id=None, pad_token_id=0
    )
    assert written == out[:, ids.shape[1] :].tolist()
    assert "Paris" in tokenizer.decode(written[0])


# ---------------------------------------------------------------- files


def saved(folder, **changes):
    reference_of(Config(**SIZES)).save_pretrained(folder)
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return folder


def test_reads_a_folder(tmp_path):
    folder = saved(tmp_path)
    theirs = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    ids = torch.randint(40, (2, 6))
    ours = Llama.from_pretrained(str(folder))
    assert_close(ours(ids), theirs(ids).logits)
    theirs.bfloat16().save_pretrained(folder)
    ours = Llama.from_pretrained(str(folder))
    assert ours.lm_head.weight.dtype == torch.float32
    assert_close(ours(ids), theirs.float()(ids).logits)


def test_what_does_not_fit_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"has shape \(40, 48\) in the model"):
        Llama.from_pretrained(str(saved(tmp_path / "a", hidden_size=48, head_dim=8)))
    with pytest.raises(ValueError, match='got "gpt2"'):
        Llama.from_pretrained(str(saved(tmp_path / "b", model_type="gpt2")))
    rope = {"rope_type": "llama3", "rope_theta": 1e4}
    with pytest.raises(ValueError, match=r"plain rotary positions, got .*llama3"):
        Llama.from_pretrained(str(saved(tmp_path / "c", rope_parameters=rope)))
    with pytest.raises(ValueError, match="num_key_value_heads, got 24, 6 and 4"):
        replace(Config(**SIZES), num_key_value_heads=4)
    with pytest.raises(ValueError, match=r"attention_mask \(2, 6\), got \(2, 5\)"):
        Llama(Config(**SIZES))(torch.ones(2, 6, dtype=torch.long), torch.ones(2, 5))
