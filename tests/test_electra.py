"""wode.electra and wode.ernie equal transformers' ELECTRA and ERNIE; the two losses, by hand."""

from typing import Any

import pytest
import torch
from helpers import assert_close, assert_same_gradients, gradients, masks, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F
from transformers import (
    ElectraConfig,
    ElectraForMaskedLM,
    ElectraForPreTraining,
    ErnieConfig,
    ErnieModel,
)

from wode import ernie
from wode.electra import Config, Discriminator, Generator, Pair, fill, sample
from wode.ernie import Ernie

sizes: Any = st.fixed_dictionaries(
    {
        "heads": st.integers(1, 4),
        "head_size": st.integers(2, 8),
        "layers": st.integers(1, 3),
        "inner": st.integers(1, 20),
        "eps": st.sampled_from([1e-12, 1e-5]),
    }
)
batches: Any = st.fixed_dictionaries(
    {
        "B": st.integers(1, 5),
        "T": st.integers(1, 12),
        "kind": st.sampled_from(["none", "right", "left", "holes"]),
        "types": st.booleans(),
        "attention": st.sampled_from(["eager", "sdpa"]),
        "seed": st.integers(0, 2**32),
    }
)


def settings_of(size: dict, **more: Any) -> dict:
    return {
        "vocab_size": 50,
        "hidden_size": size["heads"] * size["head_size"],
        "num_hidden_layers": size["layers"],
        "num_attention_heads": size["heads"],
        "intermediate_size": size["inner"],
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "max_position_embeddings": 12,
        "layer_norm_eps": size["eps"],
        **more,
    }


@pytest.mark.equals("electra")
@pytest.mark.parametrize(
    ("kind", "reference"),
    [(Generator, ElectraForMaskedLM), (Discriminator, ElectraForPreTraining)],
)
@given(size=sizes, embedding=st.integers(1, 20), same=st.booleans(), batch=batches)
@settings(max_examples=40)
def test_electra_equals_the_reference(kind, reference, size, embedding, same, batch):
    torch.manual_seed(batch["seed"])
    config = settings_of(size)
    config["embedding_size"] = config["hidden_size"] if same else embedding
    theirs_config = ElectraConfig(**config)
    theirs_config._attn_implementation = batch["attention"]
    theirs = randomise(reference(theirs_config).double())
    ours = kind(Config(**config)).double()
    ours.load_state_dict(theirs.state_dict())
    B, T = batch["B"], batch["T"]
    ids, mask = torch.randint(50, (B, T)), masks(batch["kind"], B, T)
    types = torch.randint(2, (B, T)) if batch["types"] else None
    given_mask = None if batch["kind"] == "none" else mask
    real = mask.bool()

    logits = ours(ids, given_mask, types)
    expected = theirs(ids, attention_mask=given_mask, token_type_ids=types).logits
    assert_close(logits[real], expected[real], 1e-8)
    weight = torch.randn_like(logits)[real]
    (logits[real] * weight).sum().backward()
    (expected[real] * weight).sum().backward()
    assert_same_gradients(ours, gradients(theirs), 1e-8)


@pytest.mark.equals("ernie")
@given(size=sizes, tasks=st.integers(1, 4), told=st.booleans(), batch=batches)
@settings(max_examples=40)
def test_ernie_equals_the_reference(size, tasks, told, batch):
    torch.manual_seed(batch["seed"])
    config = settings_of(size, task_type_vocab_size=tasks)
    reference = ErnieConfig(**config, use_task_id=True)
    reference._attn_implementation = batch["attention"]
    theirs = randomise(ErnieModel(reference).double())
    ours = Ernie(ernie.Config(**config)).double()
    ours.load_state_dict(theirs.state_dict())
    B, T = batch["B"], batch["T"]
    ids, mask = torch.randint(50, (B, T)), masks(batch["kind"], B, T)
    types = torch.randint(2, (B, T)) if batch["types"] else None
    task = torch.randint(tasks, (B, T)) if told else None
    given_mask = None if batch["kind"] == "none" else mask
    real = mask.bool()

    hidden, pooled = ours(ids, given_mask, types, task)
    expected = theirs(ids, attention_mask=given_mask, token_type_ids=types, task_type_ids=task)
    assert_close(hidden[real], expected.last_hidden_state[real], 1e-8)
    first = real[:, 0]
    if first.any():
        assert_close(pooled[first], expected.pooler_output[first], 1e-8)
    weight = torch.randn_like(hidden)[real]
    (hidden[real] * weight).sum().backward()
    (expected.last_hidden_state[real] * weight).sum().backward()
    assert_same_gradients(ours, gradients(theirs), 1e-8)


def test_the_task_matters() -> None:
    """Without it an ERNIE is a BERT: the test above would not notice a task left out by both."""
    model = Ernie(
        ernie.Config(
            **settings_of({"heads": 2, "head_size": 4, "layers": 1, "inner": 8, "eps": 1e-5})
        )
    )
    ids = torch.randint(50, (1, 5))
    one, other = (model(ids, task_type_ids=torch.full_like(ids, n))[0] for n in (0, 2))
    assert (one - other).abs().max() > 1e-4


def small_pair() -> Pair:
    sizes_ = {"heads": 2, "head_size": 4, "layers": 1, "inner": 8, "eps": 1e-5}
    big = settings_of(sizes_ | {"heads": 4}, embedding_size=12)
    return randomise(Pair(Config(**settings_of(sizes_, embedding_size=12)), Config(**big)))


def batch_with_gaps() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    text, mask = torch.randint(5, 50, (3, 8)), masks("right", 3, 8)
    mask[:, :3] = 1
    labels = torch.full_like(text, -100)
    labels[:, 1:3] = text[:, 1:3]
    return text.masked_fill(labels != -100, 4), labels, mask


def test_the_losses_are_those_of_the_paper() -> None:
    torch.manual_seed(0)
    pair = small_pair()
    ids, labels, mask = batch_with_gaps()
    losses = pair.losses(ids, labels, mask, torch.Generator().manual_seed(1))
    gaps, real = labels != -100, mask.bool()
    logits = pair.generator(ids, mask)
    assert_close(losses.generator, F.cross_entropy(logits[gaps], labels[gaps]))

    original = torch.where(gaps, labels, ids)
    assert torch.equal(losses.ids[~gaps], ids[~gaps])
    assert torch.equal(losses.replaced, losses.ids != original)
    fake = pair.discriminator(losses.ids, mask).sigmoid()[real]  # D(x, t) is 1 - fake, section 2
    is_fake = losses.replaced[real]
    expected = -torch.where(is_fake, fake.log(), (1 - fake).log()).mean()
    assert_close(losses.discriminator, expected)
    assert 0 < losses.replaced.sum() < gaps.sum() + 1


def test_no_gradient_of_the_discriminator_reaches_the_generators_layers() -> None:
    torch.manual_seed(0)
    pair = small_pair()
    ids, labels, mask = batch_with_gaps()
    pair.losses(ids, labels, mask).discriminator.backward()
    own = dict(pair.generator.electra.encoder.named_parameters())
    assert own and all(parameter.grad is None for parameter in own.values())
    shared = pair.generator.electra.embeddings.word_embeddings.weight
    assert shared.grad is not None and shared.grad.any()
    assert shared is pair.discriminator.electra.embeddings.word_embeddings.weight
    assert shared is pair.generator.generator_lm_head.weight


def test_a_word_that_happens_to_be_the_original_is_real() -> None:
    ids, labels = torch.tensor([[7, 4, 4]]), torch.tensor([[-100, 8, 9]])
    filled, replaced = fill(ids, labels, torch.tensor([8, 10]))
    assert filled.tolist() == [[7, 8, 10]]
    assert replaced.tolist() == [[False, False, True]]


def test_samples_come_as_often_as_they_are_likely() -> None:
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log().expand(40_000, 4)
    counts = sample(logits, torch.Generator().manual_seed(0)).bincount(minlength=4) / 40_000
    assert (counts - torch.tensor([0.5, 0.3, 0.15, 0.05])).abs().max() < 0.0125  # 5 deviations


def test_what_cannot_be_is_named() -> None:
    sizes_ = {"heads": 2, "head_size": 4, "layers": 1, "inner": 8, "eps": 1e-5}
    configs = [Config(**settings_of(sizes_, embedding_size=size)) for size in (8, 12)]
    with pytest.raises(ValueError, match="embeddings of one size"):
        Pair(*configs)
    with pytest.raises(ValueError, match="no label in"):
        small_pair().losses(torch.ones(1, 3).long(), torch.full((1, 3), -100))


def test_what_is_drawn_is_where_the_scores_are():
    """Chance comes from the CPU, so that a seed draws the same on a GPU; meta stands for one."""
    assert sample(torch.empty(3, 5, device="meta")).device.type == "meta"
