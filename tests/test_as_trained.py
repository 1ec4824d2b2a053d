"""What equality in evaluation mode cannot see: dropout, initial weights, tied weights, new gaps.

Each model stands beside its reference of ``transformers``, in training mode and as it is drawn.
"""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from helpers import assert_close, dropped, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    BertConfig,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertModel,
    ElectraConfig,
    ElectraForMaskedLM,
    ElectraForPreTraining,
    ErnieConfig,
    ErnieModel,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    LongformerConfig,
    LongformerModel,
    ReformerConfig,
    ReformerModel,
    T5Config,
    T5ForConditionalGeneration,
    XLNetConfig,
    XLNetLMHeadModel,
)
from transformers import (
    BertForPreTraining as ReferenceForPreTraining,
)

from wode import (
    alignment,
    bart,
    bert,
    electra,
    ernie,
    gpt,
    llama,
    longformer,
    masked_generation,
    reformer,
    t5,
    xlnet,
)
from wode.data.formats import Tagged
from wode.heads import SequenceClassifier, TokenClassifier
from wode.masking import Words
from wode.pretraining import BertForPreTraining
from wode.tasks.baselines import sentence_vectors
from wode.wordpiece import SPECIAL, WordPiece

sys.path.insert(0, str(Path(__file__).parents[1] / "snippets" / "1_NLP_basics"))
from bert_heads import tag_samples

RATES = {"hidden_dropout_prob": 0.11, "attention_probs_dropout_prob": 0.13}


def bert_settings(size: int, layers: int) -> Any:
    sizes = bert.Config(60, 4 * size, layers, 2, 12 * size, max_position_embeddings=12)
    return vars(sizes) | RATES


def eager(config: Any) -> Any:
    config._attn_implementation = "eager"
    return config


def pair(name: str, size: int, layers: int) -> tuple[Any, Any]:
    """Ours and the reference, of the same sizes, as they are drawn."""
    wide = 4 * size
    theirs: Any
    match name:
        case "gpt":
            given_: Any = {"vocab_size": 60, "n_positions": 12, "n_embd": wide, "n_layer": layers}
            given_ |= {"n_head": 2, "embd_pdrop": 0.1, "attn_pdrop": 0.2, "resid_pdrop": 0.3}
            return gpt.Gpt(gpt.Config(**given_)), GPT2LMHeadModel(eager(GPT2Config(**given_)))
        case "bart":
            inner = 12 * size
            config = bart.Config(60, wide, layers, layers, 2, 2, inner, inner, 20, 0.1, 0.2)
            theirs = BartForConditionalGeneration(eager(BartConfig(**vars(config))))
            return bart.Bart(config), theirs
        case "t5":
            sizes = t5.Config(60, wide, 2 * size, 12 * size, layers, num_heads=2, dropout_rate=0.1)
            return t5.T5(sizes), T5ForConditionalGeneration(eager(T5Config(**vars(sizes))))
        case "xlnet":
            sizes = xlnet.Config(60, wide, layers, 2, 12 * size, dropout=0.1)
            return xlnet.XLNetLM(sizes), XLNetLMHeadModel(XLNetConfig(**vars(sizes)))
        case "llama":
            llamas = llama.Config(60, wide, 12 * size, layers, 2, 1, 20)
            return llama.Llama(llamas), LlamaForCausalLM(LlamaConfig(**vars(llamas)))
        case "reformer":
            sizes = reformer.Config(60, wide, layers, 2, 2 * size, 12 * size, 2, 1, 16, 20, 0.1)
            more = {"attn_layers": ["lsh"] * layers, "axial_pos_embds": False}
            return reformer.Reformer(sizes), ReformerModel(ReformerConfig(**vars(sizes), **more))
    of_bert = bert_settings(size, layers)
    if name == "longformer":
        of_bert |= {"attention_window": [4] * layers, "pad_token_id": 1}
        of_bert |= {"max_position_embeddings": 20, "attention_probs_dropout_prob": 0.0}
        theirs = LongformerModel(LongformerConfig(**of_bert))
        return longformer.Longformer(longformer.Config(**of_bert)), theirs
    if name == "ernie":
        of_bert |= {"task_type_vocab_size": 3}
        theirs = ErnieModel(eager(ErnieConfig(**of_bert, use_task_id=True)))
        return ernie.Ernie(ernie.Config(**of_bert)), theirs
    if name in ("generator", "discriminator"):
        of_bert |= {"embedding_size": 2 * size}
        ours_, theirs = {
            "generator": (electra.Generator, ElectraForMaskedLM),
            "discriminator": (electra.Discriminator, ElectraForPreTraining),
        }[name]
        return ours_(electra.Config(**of_bert)), theirs(eager(ElectraConfig(**of_bert)))
    config, reference = bert.Config(**of_bert), eager(BertConfig(**of_bert))
    reference.num_labels = 3
    match name:
        case "sequence":
            theirs = BertForSequenceClassification(reference)
            return SequenceClassifier(bert.Bert(config), 3), theirs
        case "token":
            return TokenClassifier(bert.Bert(config), 3), BertForTokenClassification(reference)
    return BertForPreTraining(config), ReferenceForPreTraining(reference)


NAMES = ["sequence", "token", "pretraining", "generator", "gpt", "bart", "t5", "xlnet"]
NAMES += ["reformer", "longformer", "ernie"]


@pytest.mark.parametrize("name", NAMES)
@given(size=st.integers(1, 3), layers=st.integers(1, 3), T=st.integers(2, 9))
@settings(max_examples=6)
def test_the_same_is_dropped_at_the_same_rates_as_by_the_reference(name, size, layers, T):
    ours, theirs = pair(name, size, layers)
    T += -T % 4 if name == "longformer" else 0  # the reference pads, to whole windows
    ids = torch.randint(2, 60, (1, T))
    if name == "bart" or name == "t5":
        assert dropped(ours, ids, ids) == dropped(theirs, input_ids=ids, decoder_input_ids=ids)
    else:
        assert dropped(ours, ids) == dropped(theirs, input_ids=ids)


def spread(model: nn.Module) -> dict[str, tuple[float, float]]:
    """Mean and deviation of each of the model's weights of some size, by name."""
    return {
        name: (weight.mean().item(), weight.std().item())
        for name, weight in model.state_dict().items()
        if weight.numel() >= 400 and weight.is_floating_point()
    }


@pytest.mark.parametrize("name", [*NAMES, "discriminator", "llama"])
@pytest.mark.parametrize("seed", [0, 1])
def test_initial_weights_are_spread_as_the_references(name, seed):
    torch.manual_seed(seed)
    ours, theirs = pair(name, 8 + seed, 2)
    drawn, expected = spread(ours), spread(theirs)
    common = drawn.keys() & expected.keys()
    assert len(common) >= 6
    for weight in common:
        mean, deviation = expected[weight]
        assert drawn[weight][1] == pytest.approx(deviation, rel=0.25), weight
        assert abs(drawn[weight][0] - mean) < 0.3 * deviation + 1e-6, weight
    weights = theirs.state_dict()
    for weight, value in ours.state_dict().items():
        if value.ndim == 1 and weight in weights:  # biases and norms
            assert torch.equal(value, weights[weight]), weight


@pytest.mark.parametrize("name", [*NAMES, "discriminator", "llama"])
def test_as_many_weights_are_learned_as_in_the_reference(name):
    """A decoder that is no longer tied has a matrix of its own."""
    ours, theirs = pair(name, 2, 2)
    assert count(ours) == count(theirs)


def count(model: nn.Module) -> int:
    return sum(weight.numel() for weight in model.parameters())


def test_generator_and_discriminator_share_their_embeddings():
    config = electra.Config(**bert_settings(2, 1), embedding_size=8)
    both = electra.Pair(config, config)
    alone = [count(part) for part in (both.generator, both.discriminator)]
    assert count(both) == sum(alone) - count(both.generator.electra.embeddings)
    words = both.discriminator.electra.embeddings.word_embeddings.weight
    assert both.generator.generator_lm_head.weight is words


# ---------------------------------------------------------------- what is learned from


@given(size=st.integers(1, 3), B=st.integers(1, 4), T=st.integers(2, 9), seed=st.integers(0, 99))
@settings(max_examples=20)
def test_the_loss_of_pre_training_is_the_references(size, B, T, seed):
    torch.manual_seed(seed)
    ours, theirs = pair("pretraining", size, 1)
    randomise(theirs)
    ours.load_state_dict(theirs.state_dict())
    ours, theirs = ours.eval().double(), theirs.eval().double()
    ids, types, following = (
        torch.randint(5, 60, (B, T)),
        torch.randint(2, (B, T)),
        torch.randint(2, (B,)),
    )
    labels = torch.where(torch.rand(B, T) < 0.5, ids, -100)
    labels[0, 0] = 7
    told: dict[str, Any] = {"attention_mask": None, "token_type_ids": types, "labels": labels}
    expected = theirs(ids, **told, next_sentence_label=following).loss
    assert_close(ours.loss(ids, **told, is_not_next=following), expected)
    words_only = F.cross_entropy(ours(ids, None, types)[0].flatten(0, 1), labels.flatten())
    assert_close(ours.loss(ids, **told), words_only)


VOCABULARY = [*SPECIAL, *"abcdefghijklmnopqrstuvwxyz"]
TOKENIZER = WordPiece({token: number for number, token in enumerate(VOCABULARY)})


def test_each_step_hides_other_words_of_the_same_sentence(monkeypatch):
    """Of ELECTRA's training, and of each way of `train_writer` that hides some."""
    text = "a b c d e f g h i j k l m n o p"
    seen: list[Tensor] = []
    config = electra.Config(40, 8, 1, 2, 8, embedding_size=8)
    both = electra.Pair(config, config)
    losses = both.losses
    monkeypatch.setattr(both, "losses", lambda ids, *rest: seen.append(ids) or losses(ids, *rest))
    electra.pretrain(both, TOKENIZER, [text], steps=4, lr=1e-3, batch=2)
    assert len({tuple(row) for ids in seen for row in ids.tolist()}) >= 6

    questions = masked_generation.questions
    words = Words.of(TOKENIZER.vocabulary)

    def recorded(*given_: Any) -> tuple[Tensor, Tensor]:
        asked = questions(*given_)
        seen.append(torch.cat(asked, dim=1))
        return asked

    monkeypatch.setattr(masked_generation, "questions", recorded)
    for way in ("masked", "any", "prefix", "causal15"):
        seen.clear()
        small = bert.Config(40, 8, 1, 2, 8)
        masked_generation.train_writer(way, [TOKENIZER.encode(text)], words, small, 6, batch=2)
        assert len({tuple(row) for ids in seen for row in ids.tolist()}) >= 7, way


@pytest.mark.parametrize("length", [99, 100, 101])
def test_a_word_of_100_characters_is_still_cut(length):
    word = "a" * length
    tokenizer = WordPiece(TOKENIZER.vocabulary | {"##a": len(VOCABULARY)})
    assert tokenizer.tokens(word) == (
        ["a"] + ["##a"] * (length - 1) if length <= 100 else ["[UNK]"]
    )


@given(
    texts=st.lists(st.text("abcd ", min_size=1, max_size=9), min_size=1, max_size=5),
    seed=st.integers(0, 99),
)
@settings(max_examples=15)
def test_sentence_vectors_are_means_over_their_own_tokens(texts, seed):
    torch.manual_seed(seed)
    given_ = bert_settings(2, 1)
    theirs = randomise(BertModel(BertConfig(**given_))).eval()
    ours = bert.Bert(bert.Config(**given_)).eval()
    ours.load_state_dict(theirs.state_dict())
    with torch.no_grad():
        alone = [theirs(torch.tensor([TOKENIZER.encode(text).ids])) for text in texts]
    expected = torch.stack([one.last_hidden_state[0].mean(dim=0) for one in alone])
    assert_close(sentence_vectors(ours, TOKENIZER, texts), F.normalize(expected, dim=1), 1e-4)


@given(words=st.lists(st.text("abcde-", min_size=1, max_size=6), min_size=1, max_size=8))
@settings(max_examples=40)
def test_a_word_has_one_label_and_that_at_its_first_piece(words):
    vocabulary = {token: n for n, token in enumerate([*SPECIAL, *"abcde-", "##a", "##b", "##c"])}
    samples = tag_samples(
        WordPiece(vocabulary), [Tagged(words, [str(n) for n in range(len(words))])], [*"01234567"]
    )
    (encoding, label), text = samples[0], " ".join(words)
    begins = [len(" ".join(words[:n])) + (n > 0) for n in range(len(words))]
    first = {begin: number for number, begin in enumerate(begins)}
    for place, (which, (begin, _)) in enumerate(
        zip(encoding.sequence, encoding.offsets, strict=True)
    ):
        wanted = -100 if which is None else first.get(begin, -100)
        assert label[place] == wanted, (text, place)
    assert sorted(label[label >= 0].tolist()) == [*range(len(words))]


# ---------------------------------------------------------------- alignment


def learned(
    x: Tensor, y: Tensor, pairs: Tensor, k: int, keep: float, patience: int, chance: torch.Generator
) -> tuple[list[float], list[float]]:
    """`wode.alignment.self_learning` as the paper says it, and the ``keep`` of each step."""
    best, waited, objective, kept = -1e9, 0, list[float](), list[float]()
    while True:
        U, _, V = torch.linalg.svd(x[pairs[:, 0]].T @ y[pairs[:, 1]])
        cosine = x @ (U @ V) @ y.T
        objective.append(float(cosine.max(1).values.mean() + cosine.max(0).values.mean()) / 2)
        waited = 0 if objective[-1] - best >= 1e-6 else waited + 1
        best = max(best, objective[-1])
        if waited == patience + 1:
            if keep == 1:
                return objective, kept
            keep, waited = min(2 * keep, 1), 0
        near = cosine.topk(k, 1).values.mean(1)[:, None] + cosine.topk(k, 0).values.mean(0)
        kept.append(keep)
        pairs = alignment.dictionary(2 * cosine - near, keep, chance)


@given(
    k=st.integers(1, 6),
    keep=st.sampled_from([0.1, 0.2, 0.3, 0.5, 1.0]),
    patience=st.integers(1, 4),
    seed=st.integers(0, 999),
)
@settings(max_examples=25)
def test_self_learning_step_by_step(k, keep, patience, seed):
    torch.manual_seed(seed)
    x, y = (alignment.normalise(torch.randn(12, 4).double()) for _ in range(2))
    pairs = torch.stack([torch.randperm(12), torch.randperm(12)], dim=1)
    steps: list[float] = []
    dictionary = alignment.dictionary
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            alignment,
            "dictionary",
            lambda scores, keep, chance: steps.append(keep) or dictionary(scores, keep, chance),
        )
        chance = torch.Generator().manual_seed(seed)
        found = alignment.self_learning(x, y, pairs, 20, k, keep, patience, chance)
    objective, kept = learned(x, y, pairs, k, keep, patience, torch.Generator().manual_seed(seed))
    assert found.objective == pytest.approx(objective, abs=1e-12)
    assert steps == kept
