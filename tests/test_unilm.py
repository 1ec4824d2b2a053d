"""One UniLM equals, mask by mask, the architectures it imitates, each built from transformers."""

import pytest
import torch
from helpers import assert_close, assert_same_gradients, gradients, masks, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import BertConfig, BertForMaskedLM, BertLMHeadModel, DynamicCache

from wode.bert import Config
from wode.unilm import MODES, SHARES, UniLM, draw_modes, segments, visible, write

configs = st.builds(
    lambda heads, head_size, **sizes: Config(
        vocab_size=40,
        hidden_size=heads * head_size,
        num_attention_heads=heads,
        max_position_embeddings=16,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        **sizes,
    ),
    heads=st.integers(1, 3),
    head_size=st.integers(1, 5),
    num_hidden_layers=st.integers(1, 3),
    intermediate_size=st.integers(1, 20),
)
shapes = {
    "config": configs,
    "B": st.integers(1, 4),
    "T": st.integers(2, 12),
    "kind": st.sampled_from(["none", "right", "left", "holes"]),
    "seed": st.integers(0, 2**32),
}


def pair_of(config, kind, decoder):
    """Ours and theirs with the same weights, both in double precision."""
    reference = BertConfig(**vars(config), is_decoder=decoder)
    reference._attn_implementation = "eager"
    theirs = randomise(kind(reference).double())
    ours = UniLM(config).double()
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def texts(config, B, T, kind):
    ids, mask = torch.randint(config.vocab_size, (B, T)), masks(kind, B, T)
    return ids, torch.randint(2, (B, T)), (None if kind == "none" else mask), mask.bool()


def agree(ours, theirs, score, expected):
    """The scores where there are tokens, and the gradients of one number made of them."""
    assert_close(score, expected)
    weight = torch.randn_like(score)
    (score * weight).sum().backward()
    (expected * weight).sum().backward()
    assert_same_gradients(ours, gradients(theirs))


@pytest.mark.equals("unilm")
@given(**shapes)
@settings(max_examples=40)
def test_seeing_all_it_is_bert(config, B, T, kind, seed):
    torch.manual_seed(seed)
    ours, theirs = pair_of(config, BertForMaskedLM, decoder=False)
    ids, types, mask, real = texts(config, B, T, kind)
    score = ours(ids, "bidirectional", types, mask)
    agree(ours, theirs, score[real], theirs(ids, mask, types).logits[real])


@pytest.mark.equals("unilm")
@given(**shapes)
@settings(max_examples=40)
def test_seeing_what_was_it_is_a_decoder(config, B, T, kind, seed):
    torch.manual_seed(seed)
    ours, theirs = pair_of(config, BertLMHeadModel, decoder=True)
    ids, types, mask, real = texts(config, B, T, kind)
    score = ours(ids, "left-to-right", types, mask)
    expected = theirs(ids, mask, types, use_cache=False).logits
    agree(ours, theirs, score[real], expected[real])


@pytest.mark.equals("unilm")
@given(**shapes)
@settings(max_examples=40)
def test_seeing_what_will_be_it_is_a_decoder_of_the_text_turned_round(config, B, T, kind, seed):
    torch.manual_seed(seed)
    ours, theirs = pair_of(config, BertLMHeadModel, decoder=True)
    ids, types, mask, real = texts(config, B, T, kind)
    places = torch.arange(T).flip(0).expand(B, T)
    turned = None if mask is None else mask.flip(1)
    expected = theirs(ids.flip(1), turned, types.flip(1), places, use_cache=False).logits.flip(1)
    agree(ours, theirs, ours(ids, "right-to-left", types, mask)[real], expected[real])


@pytest.mark.equals("unilm")
@given(config=configs, B=st.integers(1, 4), S=st.integers(1, 7), T=st.integers(1, 7),
       seed=st.integers(0, 2**32))  # fmt: skip
@settings(max_examples=60)
def test_source_and_target_it_is_an_encoder_and_a_decoder(config, B, S, T, seed):
    """An encoder reads the source alone; a decoder with the same weights writes the target and
    finds in each layer, before its own past, the keys and values of the source."""
    torch.manual_seed(seed)
    ours, decoder = pair_of(config, BertLMHeadModel, decoder=True)
    encoder = BertForMaskedLM(BertConfig(**vars(config))).double()
    encoder.load_state_dict(decoder.state_dict())
    source, target = torch.randint(40, (B, S)), torch.randint(40, (B, T))
    read = encoder(source, token_type_ids=torch.zeros_like(source), output_hidden_states=True)

    cache = DynamicCache(config=decoder.config)
    for number, below in enumerate(read.hidden_states[:-1]):
        layer = encoder.get_submodule(f"bert.encoder.layer.{number}.attention.self")
        heads = (B, S, config.num_attention_heads, -1)
        key, value = (
            layer.get_submodule(name)(below).view(heads).transpose(1, 2)
            for name in ("key", "value")
        )
        cache.update(key, value, number)
    written = decoder(
        target,
        torch.ones(B, S + T, dtype=torch.long),
        torch.ones_like(target),
        torch.arange(S, S + T).expand(B, T),
        past_key_values=cache,
    )

    both = torch.cat([source, target], dim=1)
    types = (torch.arange(S + T) >= S).long().expand(B, -1)
    score = ours(both, "sequence-to-sequence", types)
    expected = torch.cat([read.logits, written.logits], dim=1)
    assert_close(score, expected)
    weight = torch.randn_like(score)
    (score * weight).sum().backward()
    (expected * weight).sum().backward()
    shared = {  # what the two parts learn comes together in the shared weights
        name: theirs + others
        for (name, theirs), others in zip(
            gradients(decoder).items(), gradients(encoder).values(), strict=True
        )
    }
    assert_same_gradients(ours, shared)


@given(B=st.integers(1, 5), T=st.integers(1, 9), data=st.data())
def test_a_batch_of_several_modes_is_each_text_by_itself(B, T, data):
    modes = data.draw(st.lists(st.sampled_from(MODES), min_size=B, max_size=B))
    torch.manual_seed(0)
    model = UniLM(Config(40, 8, 2, 2, 16, max_position_embeddings=16)).eval()
    ids, types = torch.randint(40, (B, T)), torch.randint(2, (B, T)).sort(dim=1).values
    together = model(ids, modes, types)
    for row, mode in enumerate(modes):
        assert_close(together[row], model(ids[row : row + 1], mode, types[row : row + 1])[0])


@pytest.mark.parametrize("mode", MODES)
def test_the_masks_in_words(mode):
    types = torch.tensor([[0, 0, 1, 1, 1]])
    sees = visible(mode, types)[0]
    for i in range(5):
        for j in range(5):
            assert (
                sees[i, j]
                == {
                    "bidirectional": True,
                    "left-to-right": j <= i,
                    "right-to-left": j >= i,
                    "sequence-to-sequence": types[0, j] == 0 or j <= i,
                }[mode]
            )


def test_each_mode_has_segment_ids_of_its_own():
    types = torch.tensor([[0, 0, 1]])
    used = [{*segments(mode, types)[0].tolist()} for mode in MODES]
    assert used == [{0, 1}, {2}, {3}, {4, 5}]


@given(mode=st.sampled_from(MODES), seed=st.integers(0, 2**32))
def test_six_types_are_those_segment_ids(mode, seed):
    torch.manual_seed(seed)
    model = UniLM(Config(40, 8, 2, 2, 16, 0.0, 0.0, 16, type_vocab_size=6))
    randomise(model)
    ids, types = torch.randint(40, (2, 7)), torch.tensor([[0] * 4 + [1] * 3] * 2)
    sees = visible(mode, types)
    expected = model.cls(model.bert.encode(ids, None, segments(mode, types), sees))
    assert_close(model(ids, mode, types), expected)
    assert not torch.allclose(expected, model.cls(model.bert.encode(ids, None, types, sees))) or (
        mode == "bidirectional"
    )


@given(B=st.integers(1, 3), S=st.integers(1, 5), longest=st.integers(1, 6), seed=st.integers(0, 99))
@settings(max_examples=40)
def test_writes_what_an_encoder_and_a_decoder_would(B, S, longest, seed):
    """One by one, each text alone: the source's states kept, [MASK] read by the decoder."""
    torch.manual_seed(seed)
    model = randomise(UniLM(Config(20, 8, 2, 2, 16, 0.0, 0.0, 16))).eval()
    source, mask, end = torch.randint(20, (B, S)), 3, 7
    found = write(model, source, mask, end, longest)
    for row in range(B):
        text = source[row].tolist()
        for step in range(found.shape[1]):
            ids = torch.tensor([[*text, mask]])
            types = (torch.arange(ids.shape[1]) >= S).long()[None]
            sees = (torch.arange(ids.shape[1])[:, None] >= torch.arange(ids.shape[1])) | (
                types == 0
            )
            with torch.no_grad():
                scores = model.cls(model.bert.encode(ids, None, types, sees[None]))[0, -1]
            assert scores[found[row, step]] >= scores.max() - 1e-5
            text.append(int(found[row, step]))
    ended = (found == end).any(dim=1)
    assert found.shape[1] == longest or ended.all()
    assert not (found[:, :-1] == end).any(dim=1).all()


def test_modes_are_drawn_as_often_as_the_paper_says():
    drawn = draw_modes(60_000, torch.Generator().manual_seed(0))
    for mode, share in zip(MODES, SHARES, strict=True):
        assert drawn.count(mode) / len(drawn) == pytest.approx(share, abs=0.01)


def test_says_what_was_expected():
    model = UniLM(Config(40, 8, 1, 2, 16))
    ids = torch.zeros(2, 3, dtype=torch.long)
    with pytest.raises(ValueError, match="expected 2 modes, one a text, got 3"):
        model(ids, ["bidirectional"] * 3, ids)
    with pytest.raises(ValueError, match=r"expected a mode of bidirectional.*got 'both'"):
        model(ids, "both", ids)
