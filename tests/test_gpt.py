"""wode.gpt equals transformers' GPT-2, its banded layers GPT-Neo's; a cache changes no logit."""

import json
import math
import runpy
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import assert_close, assert_same_gradients, gradient, gradients, masks, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from transformers import GPT2Config, GPT2LMHeadModel, GPTNeoConfig, GPTNeoForCausalLM
from transformers.generation.logits_process import TopKLogitsWarper, TopPLogitsWarper

from wode.decoding import generate, keep_top_k, keep_top_p, sample
from wode.files.checkpoint import CheckpointError
from wode.gpt import Config, Gpt, renamed

configs = st.builds(
    lambda heads, head_size, layers, inner, eps, window: Config(
        vocab_size=40,
        n_positions=12,
        n_embd=heads * head_size,
        n_layer=layers,
        n_head=heads,
        n_inner=inner,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        resid_pdrop=0.0,
        layer_norm_epsilon=eps,
        window_size=window,
    ),
    heads=st.integers(1, 4),
    head_size=st.integers(4, 8),
    layers=st.integers(1, 3),
    inner=st.none() | st.integers(1, 20),
    eps=st.sampled_from([1e-6, 1e-5]),
    window=st.integers(1, 12),
)
SIZES: dict[str, Any] = {
    "vocab_size": 40,
    "n_positions": 24,
    "n_embd": 16,
    "n_layer": 3,
    "n_head": 2,
}
KINDS = st.sampled_from(["none", "right", "left", "holes"])


def positions(mask: Tensor) -> Tensor:
    return (mask.cumsum(1) - 1).clamp(min=0)


def next_token_loss(logits: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
    real = (mask[:, 1:] & mask[:, :-1]).bool()
    return nn.functional.cross_entropy(logits[:, :-1][real], ids[:, 1:][real])


@given(
    config=configs,
    B=st.integers(1, 4),
    T=st.integers(1, 12),
    kind=KINDS,
    attention=st.sampled_from(["eager", "sdpa"]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=60)
def test_equals_gpt2(config, B, T, kind, attention, seed):
    torch.manual_seed(seed)
    names = {n: v for n, v in vars(config).items() if n != "window_size"}
    reference = GPT2Config(**names)
    reference._attn_implementation = attention
    theirs = GPT2LMHeadModel(reference)
    randomise(theirs)
    ours = Gpt(Config(**names))
    ours.load_state_dict(renamed(theirs.state_dict()))
    ids, mask = torch.randint(40, (B, T)), masks(kind, B, T)
    given_mask = None if kind == "none" else mask
    logits = ours(ids, given_mask)
    expected = theirs(ids, attention_mask=given_mask, position_ids=positions(mask)).logits
    assert_close(logits[mask.bool()], expected[mask.bool()])
    assert_close(ours(ids, given_mask, logits_to_keep=1), logits[:, -1:])
    if not (mask[:, 1:] & mask[:, :-1]).any():
        return
    loss, expected_loss = ours.loss(ids, given_mask), next_token_loss(expected, ids, mask)
    assert_close(loss, expected_loss)
    loss.backward()
    expected_loss.backward()
    assert_same_gradients(ours, renamed(gradients(theirs)))


def neo_weights(state: dict[str, Tensor], head_size: int) -> dict[str, Tensor]:
    """GPT-Neo's weights as ours: one matrix of three, queries times √d, which it leaves out."""
    found = {}
    for name, tensor in state.items():
        if ".attn.attention." not in name:
            found[name] = tensor
        elif ".q_proj." in name:
            k, v = (state[name.replace("q_proj", part)] for part in ("k_proj", "v_proj"))
            stem = name.replace("attn.attention.q_proj.weight", "attn.c_attn.")
            found[stem + "weight"] = torch.cat([tensor * math.sqrt(head_size), k, v])
            found[stem + "bias"] = torch.zeros(3 * len(tensor))
        elif ".out_proj." in name:
            found[name.replace("attn.attention.out_proj", "attn.c_proj")] = tensor
    return found


@given(
    config=configs,
    B=st.integers(1, 4),
    T=st.integers(1, 12),
    kind=KINDS,
    seed=st.integers(0, 2**32),
)
@settings(max_examples=60)
def test_banded_layers_equal_gpt_neo(config, B, T, kind, seed):
    torch.manual_seed(seed)
    theirs = GPTNeoForCausalLM(
        GPTNeoConfig(
            vocab_size=40,
            max_position_embeddings=config.n_positions,
            hidden_size=config.n_embd,
            num_layers=config.n_layer,
            num_heads=config.n_head,
            intermediate_size=config.n_inner,
            attention_types=[[(["global", "local"] * 2)[: config.n_layer], 1]],
            window_size=config.window_size,
            resid_dropout=0.0,
            embed_dropout=0.0,
            attention_dropout=0.0,
            layer_norm_epsilon=config.layer_norm_epsilon,
        )
    )
    randomise(theirs)
    ours = Gpt(config)
    d = config.n_embd // config.n_head
    ours.load_state_dict(neo_weights(theirs.state_dict(), d))
    ids, mask = torch.randint(40, (B, T)), masks(kind, B, T)
    # A row whose window holds no real token: GPT-Neo looks at what is hidden, ours at nothing.
    window = config.window_size or T
    near = nn.functional.pad(mask, (window - 1, 0)).unfold(1, window, 1).any(dim=2)
    fine = (near | (mask == 0)).all(dim=1)
    if not fine.any():
        return
    ids, mask = ids[fine], mask[fine]
    logits = ours(ids, mask)
    expected = theirs(ids, attention_mask=mask, position_ids=positions(mask)).logits
    assert_close(logits[mask.bool()], expected[mask.bool()])
    if not (mask[:, 1:] & mask[:, :-1]).any():
        return
    ours.loss(ids, mask).backward()
    next_token_loss(expected, ids, mask).backward()
    grad = neo_weights(gradients(theirs), 1)
    for name, parameter in ours.named_parameters():
        mine = gradient(parameter)
        if name.endswith("c_attn.bias"):
            continue  # GPT-Neo has none
        if name.endswith("c_attn.weight"):  # ours is √d times theirs
            mine = torch.cat([mine[: len(mine) // 3] * math.sqrt(d), mine[len(mine) // 3 :]])
        assert_close(mine, grad[name], what=name)


# ---------------------------------------------------------------- writing


def small(seed: int = 0, **changes) -> Gpt:
    torch.manual_seed(seed)
    return randomise(Gpt(Config(**(SIZES | changes)))).eval()


@given(
    B=st.integers(1, 4),
    T=st.integers(1, 12),
    cut=st.integers(1, 11),
    kind=KINDS,
    window=st.none() | st.integers(1, 6),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=40)
def test_a_cache_changes_no_logit(B, T, cut, kind, window, seed):
    model = small(seed % 7, window_size=window)
    torch.manual_seed(seed)
    ids, mask = torch.randint(40, (B, T)), masks(kind, B, T)
    given_mask = None if kind == "none" else mask
    with torch.no_grad():
        expected = model(ids, given_mask)
        caches, pieces = model.caches(), []
        for begin in range(0, T, cut):
            seen = None if given_mask is None else given_mask[:, : begin + cut]
            pieces.append(model(ids[:, begin : begin + cut], seen, caches))
    assert torch.allclose(torch.cat(pieces, dim=1)[mask.bool()], expected[mask.bool()], atol=1e-4)


@pytest.mark.parametrize("window", [None, 3])
@pytest.mark.parametrize(
    "how", [{"temperature": 0}, {"temperature": 0.8, "top_k": 9}, {"top_p": 0.9}]
)
def test_writes_the_same_with_a_cache_padded_or_not(window, how):
    model = small(window_size=window)
    prompts = [[1, 2, 3, 4, 5], [6, 7], [8]]
    padded = torch.tensor([[0] * (5 - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (5 - len(p)) + [1] * len(p) for p in prompts])
    written = []
    for cache in (True, False):
        chance = torch.Generator().manual_seed(3)
        written.append(
            generate(model, padded, 12, attention_mask=mask, generator=chance, cache=cache, **how)
        )
    assert written[0] == written[1]
    assert [len(row) for row in written[0]] == [12, 12, 12]
    if how == {"temperature": 0}:
        alone = [generate(model, torch.tensor([p]), 12, temperature=0)[0] for p in prompts]
        assert alone == written[0]


def test_greedy_equals_transformers():
    torch.manual_seed(0)
    theirs = GPT2LMHeadModel(GPT2Config(**SIZES, bos_token_id=0, eos_token_id=39)).eval()
    randomise(theirs)
    ours = Gpt(Config(**SIZES)).eval()
    ours.load_state_dict(renamed(theirs.state_dict()))
    prompt = torch.tensor([[0, 0, 5, 6], [1, 2, 3, 4]])
    mask = torch.tensor([[0, 0, 1, 1], [1, 1, 1, 1]])
    out = theirs.generate(
        prompt, attention_mask=mask, max_new_tokens=20, do_sample=False, pad_token_id=39
    )
    rows = [row[: ([*row, 39]).index(39)] for row in out[:, 4:].tolist()]
    assert generate(ours, prompt, 20, attention_mask=mask, end_id=39, temperature=0) == rows


def test_stops_at_the_end_and_repeats_with_the_seed():
    model = small()
    prompt = torch.tensor([[1, 2], [3, 4]])
    free = generate(model, prompt, 10, temperature=0)
    end = free[0][3]
    first = free[0].index(end)
    stopped = generate(model, prompt, 10, temperature=0, end_id=end)
    assert stopped[0] == free[0][:first]
    texts = [
        generate(model, prompt, 10, generator=torch.Generator().manual_seed(s)) for s in (5, 5, 6)
    ]
    assert texts[0] == texts[1] != texts[2]


@given(
    rows=st.lists(st.lists(st.integers(-6, 6), min_size=7, max_size=7), min_size=1, max_size=4),
    k=st.integers(1, 9),
    p=st.floats(0.01, 1.0),
)
def test_filters_equal_the_reference(rows, k, p):
    logits = torch.tensor(rows).float() / 2
    ids = torch.zeros(len(rows), 1, dtype=torch.long)
    assert torch.equal(keep_top_k(logits, k), TopKLogitsWarper(k)(ids, logits))
    assert torch.equal(keep_top_p(logits, p), TopPLogitsWarper(p)(ids, logits))

    even = torch.zeros(1, 4)
    assert (
        keep_top_p(even, 0.5).isfinite().sum()
        == TopPLogitsWarper(0.5)(ids[:1], even).isfinite().sum()
        == 2
    )


def test_draws_as_often_as_the_probabilities_say():
    logits = torch.tensor([[0.0, 1.0, 2.0, -1.0]])
    chance = torch.Generator().manual_seed(0)
    for temperature, shape in ((1.0, logits), (0.5, logits * 2)):
        drawn = sample(logits.expand(20_000, 4), temperature, generator=chance)
        shares = drawn.bincount(minlength=4) / 20_000
        assert torch.allclose(shares, shape.softmax(-1)[0], atol=0.02)
    drawn = sample(logits.expand(1000, 4), top_k=2, generator=chance)
    assert set(drawn.tolist()) == {1, 2}


def test_learns_to_write_in_seconds(monkeypatch):
    """The page's experiment: right far more often than counting words, and nothing is recited."""
    path = Path(__file__).parents[1] / "snippets/1_NLP_basics/gpt_experiment.py"
    found = runpy.run_path(str(path))
    *_, (step, model) = found["trained"](0, 400)
    assert step == 400
    ours = found["judged"](found["written"](model, 0))
    assert ours["right"] > 0.8
    assert ours["copied"] < 0.2
    assert found["judged"](found["counted"](1, 0))["right"] < 0.5


# ---------------------------------------------------------------- the rest


def test_no_token_sees_its_future_and_a_band_sees_no_further():
    model = small(n_layer=2, window_size=2)
    x = torch.randn(1, 6, 16, requires_grad=True)
    maps: list[Tensor] = []
    hidden = model.transformer.run(x, maps=maps)
    assert [m.shape for m in maps] == [(1, 2, 6, 6)] * 2
    assert not torch.cat(maps).triu(1).any()
    assert maps[0].tril(-2).any()
    assert not maps[1].tril(-2).any()
    for t in range(6):
        (g,) = torch.autograd.grad(hidden[0, t].sum(), x, retain_graph=True)
        assert not g[0, t + 1 :].any()


def test_initial_weights():
    model = Gpt(Config(vocab_size=100, n_positions=8, n_embd=64, n_layer=8, n_head=2))
    spread = {n: p.std().item() for n, p in model.named_parameters() if p.ndim == 2}
    assert spread["transformer.h.0.attn.c_attn.weight"] == pytest.approx(0.02, rel=0.1)
    assert spread["transformer.h.0.mlp.c_proj.weight"] == pytest.approx(0.005, rel=0.1)
    assert model.lm_head.weight is model.transformer.wte.weight


def test_sizes_of_gpt2_and_gpt3():
    with torch.device("meta"):
        gpt2 = Gpt(Config())
        gpt3 = Gpt(Config(n_positions=2048, n_embd=12288, n_layer=96, n_head=96))
    assert sum(p.numel() for p in gpt2.parameters()) == 124_439_808
    assert sum(p.numel() for p in gpt3.parameters()) == pytest.approx(175e9, rel=0.005)


def test_dropout_is_on_in_training_only():
    model = small().train()
    ids = torch.randint(40, (2, 6))
    assert not torch.equal(model(ids), model(ids))
    model.eval()
    assert torch.equal(model(ids), model(ids))


def test_reads_files_with_and_without_the_head(tmp_path):
    theirs = GPT2LMHeadModel(GPT2Config(**SIZES)).eval()
    randomise(theirs)
    theirs.save_pretrained(tmp_path / "a")
    ids = torch.randint(40, (2, 6))
    expected = theirs(ids).logits
    assert_close(Gpt.from_pretrained(str(tmp_path / "a"))(ids), expected)

    old = {f"h.{n}" if n[0].isdigit() else n: t for n, t in theirs.transformer.state_dict().items()}
    old["h.0.attn.bias"] = torch.ones(1, 1, 24, 24).tril()  # as the first GPT-2 files have it
    (tmp_path / "b").mkdir()
    torch.save(old, tmp_path / "b/pytorch_model.bin")
    (tmp_path / "b/config.json").write_text((tmp_path / "a/config.json").read_text())
    model = Gpt.from_pretrained(str(tmp_path / "b"))
    assert_close(model(ids), expected)
    assert not model.training


def test_what_does_not_fit_is_named(tmp_path):
    theirs = GPT2LMHeadModel(
        GPT2Config(vocab_size=40, n_positions=24, n_embd=16, n_layer=1, n_head=2)
    )

    def saved(name: str, **changes) -> str:
        theirs.save_pretrained(tmp_path / name)
        path = tmp_path / name / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))
        return str(tmp_path / name)

    with pytest.raises(CheckpointError, match=r"has shape \(40, 32\) in the model"):
        Gpt.from_pretrained(saved("a", n_embd=32))
    with pytest.raises(ValueError, match='got "bert"'):
        Gpt.from_pretrained(saved("b", model_type="bert"))
    with pytest.raises(ValueError, match="'relu'"):
        Gpt.from_pretrained(saved("c", activation_function="relu"))


def test_wrong_input_is_named():
    model = small()
    with pytest.raises(ValueError, match=r"at most 24 tokens \(n_positions\), got 25 after 0"):
        model(torch.ones(1, 25, dtype=torch.long))
    with pytest.raises(ValueError, match=r"attention_mask \(2, 6\), got \(2, 5\)"):
        model(torch.ones(2, 6, dtype=torch.long), torch.ones(2, 5))
    with pytest.raises(ValueError, match="n_head, got 10 and 3"):
        Config(n_embd=10, n_head=3)
    right = torch.tensor([[1, 1, 0]])
    with pytest.raises(ValueError, match="padding on the left"):
        generate(model, torch.ones(1, 3, dtype=torch.long), 2, attention_mask=right)
    logits = torch.zeros(1, 4)
    with pytest.raises(ValueError, match="top_k, a whole number of at least 1, got 0"):
        sample(logits, top_k=0)
    for p in (0.0, 1.1):
        with pytest.raises(ValueError, match=f"top_p <= 1, got {p}"):
            sample(logits, top_p=p)
    with pytest.raises(ValueError, match=r"temperature, a finite number of at least 0, got -1\.0"):
        sample(logits, temperature=-1.0)
