"""wode.bert equals transformers' BERT: real weights and random ones, padded and packed."""

import json

import pytest
import torch
from helpers import assert_close, assert_same_gradients, gradient, gradients, masks, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from transformers import BertConfig, BertModel
from transformers import BertForPreTraining as ReferenceForPreTraining

from wode.bert import Bert, Config, load
from wode.files.checkpoint import CheckpointError
from wode.files.hub import MINILM, ModelNotFoundError, find
from wode.packing import SHARED, pack
from wode.pretraining import BertForPreTraining

configs = st.builds(
    lambda heads, head_size, layers, ffn, eps: Config(
        vocab_size=50,
        hidden_size=heads * head_size,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=ffn,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        max_position_embeddings=12,
        layer_norm_eps=eps,
    ),
    heads=st.integers(1, 4),
    head_size=st.integers(2, 8),
    layers=st.integers(1, 3),
    ffn=st.integers(1, 20),
    eps=st.sampled_from([1e-12, 1e-5]),
)


def reference_of(config: Config, attention: str) -> BertConfig:
    settings_ = {name: getattr(config, name) for name in config.__dataclass_fields__}
    reference = BertConfig(**settings_)
    reference._attn_implementation = attention
    return reference


@given(
    config=configs,
    B=st.integers(1, 5),
    T=st.integers(1, 12),
    kind=st.sampled_from(["none", "right", "left", "holes"]),
    types=st.booleans(),
    attention=st.sampled_from(["eager", "sdpa"]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=60)
def test_equals_the_reference(config, B, T, kind, types, attention, seed):
    torch.manual_seed(seed)
    theirs = ReferenceForPreTraining(reference_of(config, attention)).double()
    randomise(theirs)
    ours = BertForPreTraining(config).double()
    ours.load_state_dict(theirs.state_dict())
    ids, mask = torch.randint(50, (B, T)), masks(kind, B, T)
    token_types = torch.randint(2, (B, T)) if types else None
    given_mask = None if kind == "none" else mask

    words, sentences = ours(ids, given_mask, token_types)
    expected = theirs(ids, attention_mask=given_mask, token_type_ids=token_types)
    real = mask.bool()
    assert torch.allclose(words[real], expected.prediction_logits[real], rtol=0, atol=1e-8)
    first = real[:, 0]  # where padding stands first, there is no sentence to judge
    other = expected.seq_relationship_logits[first]
    assert torch.allclose(sentences[first], other, rtol=0, atol=1e-8)

    labels = torch.where(real & (torch.rand(B, T) < 0.5), ids, -100)
    labels[real.nonzero()[0][0], real.nonzero()[0][1]] = 7
    is_not_next = torch.randint(2, (B,)) if first.all() else None
    loss = ours.loss(ids, given_mask, token_types, labels, is_not_next)
    score = expected.prediction_logits.flatten(0, 1)
    expected_loss = nn.functional.cross_entropy(score, labels.flatten())
    if is_not_next is not None:
        logits = expected.seq_relationship_logits
        expected_loss = expected_loss + nn.functional.cross_entropy(logits, is_not_next)
    assert torch.allclose(loss, expected_loss, rtol=0, atol=1e-8)
    loss.backward()
    expected_loss.backward()
    assert_same_gradients(ours, gradients(theirs), 1e-8)


@given(
    config=configs,
    B=st.integers(1, 5),
    T=st.integers(1, 12),
    kind=st.sampled_from(["none", "right", "left", "holes"]),
    attention=st.sampled_from(["eager", "sdpa"]),
    shared=st.sampled_from([0, 8, SHARED]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=60)
def test_the_encoder_equals_the_reference(config, B, T, kind, attention, shared, seed):
    """Hidden states, padded and packed, pooled output, and every gradient.

    In float64: layer normalization of two or three numbers magnifies what float32 rounds.
    """
    torch.manual_seed(seed)
    theirs = BertModel(reference_of(config, attention)).double()
    randomise(theirs)
    ours = Bert(config).double()
    ours.load_state_dict(theirs.state_dict())
    ids, mask, types = torch.randint(50, (B, T)), masks(kind, B, T), torch.randint(2, (B, T))
    real = mask.bool()
    hidden, pooled = ours(ids, mask, types)
    expected = theirs(ids, attention_mask=mask, token_type_ids=types)
    assert torch.allclose(hidden[real], expected.last_hidden_state[real], rtol=0, atol=1e-8)
    assert not hidden[~real].any()
    first = real[:, 0]
    assert torch.allclose(pooled[first], expected.pooler_output[first], rtol=0, atol=1e-8)
    packing = pack(mask, shared)
    assert len(packing.rows) == real.sum()
    packed = ours.packed(ids, packing, types)  # (N, E)
    wanted = expected.last_hidden_state[packing.rows, packing.columns]
    assert torch.allclose(packed, wanted, rtol=0, atol=1e-8)

    weights = torch.randn(len(packed), config.hidden_size).double() / packed.numel()
    loss = (packed * weights).sum() + pooled[first].square().mean() * first.any()
    expected_loss = (wanted * weights).sum()
    expected_loss = expected_loss + expected.pooler_output[first].square().mean() * first.any()
    if not first.any():  # the mean over no sentence
        loss, expected_loss = (packed * weights).sum(), (wanted * weights).sum()
    loss.backward()
    expected_loss.backward()
    assert_same_gradients(ours, gradients(theirs), 1e-8)


def test_a_row_without_a_token_is_zero_and_harms_nobody():
    torch.manual_seed(0)
    model = Bert(SMALL).eval()
    ids = torch.randint(50, (3, 5))
    mask = torch.tensor([[1, 1, 1, 1, 1], [0, 0, 0, 0, 0], [1, 1, 0, 0, 0]])
    hidden, pooled = model(ids, mask)
    assert not hidden[1].any()
    others, alone = torch.tensor([0, 2]), model(ids[[0, 2]], mask[[0, 2]])
    assert torch.allclose(hidden[others], alone[0], rtol=0, atol=1e-6)
    assert torch.allclose(pooled[others], alone[1], rtol=0, atol=1e-6)
    (hidden.square().sum() + pooled.sum()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is None or parameter.grad.isfinite().all(), name


def test_positions_are_the_columns_wherever_padding_stands():
    """Left padding shifts the positions, in the reference as here; right padding does not."""
    torch.manual_seed(0)
    model = Bert(SMALL).eval()
    ids = torch.randint(5, 50, (1, 4))
    right, left = torch.zeros(1, 7, dtype=torch.long), torch.zeros(1, 7, dtype=torch.long)
    right[:, :4], left[:, 3:] = ids, ids
    alone = model(ids)[0][0]
    assert torch.allclose(model(right, right > 0)[0][0, :4], alone, rtol=0, atol=1e-6)
    assert not torch.allclose(model(left, left > 0)[0][0, 3:], alone, atol=1e-3)


@pytest.fixture(scope="module")
def pair():
    theirs = BertModel.from_pretrained(find(MINILM).path).eval()
    return Bert.from_pretrained(MINILM), theirs


def test_minilm_equals_transformers(pair):
    from transformers import BertTokenizer

    ours, theirs = pair
    tokenizer = BertTokenizer.from_pretrained(find(MINILM).path)
    texts = ["Hello, world!", "", "The bank of the river " * 30, "银行", "a b c"]
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    for model in pair:
        model.zero_grad()
    hidden, pooled = ours(**batch)
    expected = theirs(**batch)
    real = batch["attention_mask"].bool()
    assert torch.allclose(hidden[real], expected.last_hidden_state[real], rtol=0, atol=1e-5)
    assert torch.allclose(pooled, expected.pooler_output, rtol=0, atol=1e-5)
    assert not hidden[~real].any()
    (hidden[real].square().mean() + pooled.sum()).backward()
    (expected.last_hidden_state[real].square().mean() + expected.pooler_output.sum()).backward()
    expected_gradients = gradients(theirs)
    for name, parameter in ours.named_parameters():
        scale = expected_gradients[name].abs().max().clamp(min=1e-2)
        assert_close(gradient(parameter) / scale, expected_gradients[name] / scale, 1e-4, name)


def test_a_sentence_does_not_depend_on_its_neighbours(pair):
    ours, _ = pair
    ids = torch.randint(1000, 2000, (4, 9))
    mask = torch.arange(9) < torch.tensor([[9], [3], [5], [3]])
    hidden, _ = ours(ids, mask)
    for row, length in enumerate(mask.sum(1).tolist()):
        alone, _ = ours(ids[row : row + 1, :length])
        assert torch.allclose(hidden[row, :length], alone[0], rtol=0, atol=1e-5)


def test_dropout_is_on_in_training():
    model = Bert(Config(50, 16, 1, 2, 32))
    ids = torch.randint(50, (2, 6))
    assert not torch.equal(model(ids)[0], model(ids)[0])
    model.eval()
    assert torch.equal(model(ids)[0], model(ids)[0])


# ---------------------------------------------------------------- files


def saved(theirs, folder, **changes) -> str:
    theirs.save_pretrained(folder)
    settings_ = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(settings_ | changes))
    return str(folder)


SMALL = Config(50, 16, 2, 2, 32, max_position_embeddings=12)


def test_reads_any_bert_of_the_hub(tmp_path):
    theirs = ReferenceForPreTraining(reference_of(SMALL, "sdpa")).eval()
    randomise(theirs)
    folder = saved(theirs, tmp_path / "a")
    ids = torch.randint(50, (2, 6))
    expected = theirs(ids)
    words, sentences = BertForPreTraining.from_pretrained(folder)(ids)
    assert torch.allclose(words, expected.prediction_logits, atol=1e-4)
    assert torch.allclose(sentences, expected.seq_relationship_logits, atol=1e-4)
    encoder = Bert.from_pretrained(folder)  # the same file, without its heads
    assert torch.allclose(encoder(ids)[0], theirs.bert(ids).last_hidden_state, rtol=0, atol=1e-5)


def test_reads_an_old_checkpoint(tmp_path):
    """As the first BERTs were converted: a .bin, LayerNorm.gamma and .beta, position_ids."""
    theirs = ReferenceForPreTraining(reference_of(SMALL, "sdpa")).eval()
    randomise(theirs)
    folder = saved(theirs, tmp_path)
    (tmp_path / "model.safetensors").unlink()
    old = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): tensor
        for name, tensor in theirs.state_dict().items()
        if name not in ("cls.predictions.decoder.bias", "cls.predictions.decoder.weight")
    }
    old["bert.embeddings.position_ids"] = torch.arange(12)[None]
    torch.save(old, tmp_path / "pytorch_model.bin")
    ids = torch.randint(50, (2, 6))
    words, _ = BertForPreTraining.from_pretrained(folder)(ids)
    assert torch.allclose(words, theirs(ids).prediction_logits, atol=1e-4)


def test_what_does_not_fit_is_named(tmp_path):
    theirs = BertModel(reference_of(SMALL, "sdpa"))
    folder = saved(theirs, tmp_path / "a")
    with pytest.raises(CheckpointError, match=r"bert\.embeddings.* is missing"):
        load(BertForPreTraining, folder)
    (tmp_path / "a" / "model.safetensors").unlink()
    with pytest.raises(
        ModelNotFoundError, match=r"model\.safetensors in the folder .*config\.json"
    ):
        load(Bert, folder)
    folder = saved(theirs, tmp_path / "b", hidden_size=32)
    with pytest.raises(CheckpointError, match=r"has shape \(50, 32\) in the model"):
        load(Bert, folder)
    folder = saved(theirs, tmp_path / "c", model_type="roberta")
    with pytest.raises(ValueError, match='got "roberta"'):
        load(Bert, folder)
    folder = saved(theirs, tmp_path / "d", hidden_act="relu")
    with pytest.raises(ValueError, match=r"d.config\.json: expected hidden_act .*'relu'"):
        load(Bert, folder)


def test_wrong_input_is_named():
    model = Bert(SMALL)
    with pytest.raises(ValueError, match=r"at most 12 tokens, got input_ids \(1, 13\)"):
        model(torch.ones(1, 13, dtype=torch.long))
    with pytest.raises(ValueError, match=r"no real token in a batch of \(2, 3\)"):
        model(torch.ones(2, 3, dtype=torch.long), torch.zeros(2, 3, dtype=torch.long))
    ids = torch.ones(2, 3, dtype=torch.long)
    with pytest.raises(ValueError, match=r"attention_mask \(2, 3\), got \(2, 4\)"):
        model(ids, torch.ones(2, 4))
    with pytest.raises(ValueError, match=r"token_type_ids .* \(2, 3\), got \(1, 3\)"):
        model(ids, None, ids[:1])
    pretraining = BertForPreTraining(SMALL)
    with pytest.raises(ValueError, match=r"no label in \(2, 3\): all are -100"):
        pretraining.loss(ids, None, None, torch.full_like(ids, -100))
    with pytest.raises(ValueError, match="num_attention_heads, got 10 and 3"):
        Config(hidden_size=10, num_attention_heads=3)
