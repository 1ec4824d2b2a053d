"""Initial weights and dropout of what has no reference in ``transformers``: as its paper or torch.

`tests/test_as_trained.py` holds the others beside their references.
"""

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import torch
from helpers import dropped
from torch import Tensor, nn

from wode import copying, elmo, lstm, transformer, transformer_xl, tree_lstm, unsupervised
from wode.adapters import Bottleneck, LoRA
from wode.alignment import discriminator

SMALL = transformer.Config(32, 4, 1, 96)
LSTMS = 40**-0.5 / math.sqrt(3)  # uniform between ±1/√hidden, as nn.LSTM
#: How a model is made, and by the ends of its weights' names the deviation that they begin with.
DRAWN: dict[str, tuple[Callable[[], nn.Module], dict[str, float]]] = {
    "translation": (
        lambda: transformer.TranslationModel(90, SMALL),
        {
            "embedding.weight": 32**-0.5,
            "linear1.weight": math.sqrt(2 / (32 + 96)),  # Xavier
            "linear2.weight": math.sqrt(2 / (32 + 96)),
        },
    ),
    "unsupervised": (
        lambda: unsupervised.Translator(90, SMALL, [1, 2]),
        {"embedding.weight": 32**-0.5, "linear1.weight": math.sqrt(2 / (32 + 96))},
    ),
    "lstm": (lambda: lstm.LSTM(30, 40), {"weight_ih_l0": LSTMS, "weight_hh_l0": LSTMS}),
    "child sum": (
        lambda: tree_lstm.ChildSumTreeLSTM(30, 40),
        {"weight_ih": LSTMS, "weight_hh": LSTMS, "bias": LSTMS},
    ),
    "binary": (
        lambda: tree_lstm.BinaryTreeLSTM(30, 40),
        {"weight_ih": LSTMS, "weight_hh": LSTMS, "bias": LSTMS},
    ),
    "transformer-xl": (
        lambda: transformer_xl.TransformerXL(transformer_xl.Config(90, 32, 1, 4, 96)),
        dict.fromkeys(["word_embedding.weight", "rel_attn.r", "layer_1.weight"], 0.02)
        | {"layer_1.bias": 0.0},
    ),
    "pointer": (lambda: copying.Pointer(30, 30, 900), {"v": 900**-0.5}),
    "copying attention": (lambda: copying.Attention(30, 900, True), {"v": 900**-0.5, "w_c": 0.0}),
    "bottleneck": (
        lambda: Bottleneck(nn.Identity(), 40, 20),
        # a normal distribution cut off at two deviations has 0.88 of them
        {"down.weight": 0.0088, "up.weight": 0.0088, "down.bias": 0.0, "up.bias": 0.0},
    ),
    "lora": (
        lambda: LoRA(nn.Linear(40, 20), 20, 1.0),
        {"lora_A.weight": 40**-0.5 / math.sqrt(3), "lora_B.weight": 0.0},
    ),
}


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("seed", [0, 1])
def test_initial_weights_are_as_wide_as_they_should(name, seed):
    torch.manual_seed(seed)
    make, expected = DRAWN[name]
    weights = dict(make().named_parameters())
    for end, deviation in expected.items():
        found = [weight for name, weight in weights.items() if f".{name}".endswith(f".{end}")]
        assert found, end
        for weight in found:
            assert weight.std().item() == pytest.approx(deviation, rel=0.15), end
            assert abs(weight.mean().item()) <= 0.3 * deviation, end


def test_at_first_most_of_a_word_goes_through_its_highways():
    model = elmo.ELMo(elmo.Config(9, 8, 8, filters=((1, 4), (2, 4))))
    gates = [w for name, w in model.named_parameters() if "gates" in name and name.endswith("bias")]
    assert gates and all((gate == -2).all() for gate in gates)


def places(*shapes: tuple[int, ...], rate: float) -> Counter[tuple[float, int]]:
    return Counter((rate, math.prod(shape)) for shape in shapes)


@pytest.mark.parametrize("layers", [1, 3])
def test_a_transformer_xl_drops_words_distances_and_what_each_layer_adds(layers):
    B, T, E, inner = 2, 5, 8, 24
    model = transformer_xl.TransformerXL(transformer_xl.Config(9, E, layers, 2, inner, 0.1))
    each = [(B, T, E), (B, T, inner), (B, T, E)]  # attention, within the feed-forward network, it
    expected = places((B, T, E), (2 * T, E), *layers * each, (B, T, E), rate=0.1)
    assert dropped(model, torch.randint(9, (B, T))) == expected


@pytest.mark.parametrize("layers", [1, 2])
def test_an_elmo_drops_what_each_lstm_and_the_softmax_read(layers):
    B, T, E = 2, 5, 8
    model = elmo.ELMo(elmo.Config(9, E, E, layers, dropout=0.2))
    expected = places(*2 * layers * [(B, T, E)], rate=0.2)
    ids = torch.randint(1, 9, (B, T))
    assert dropped(model, ids) == expected
    assert dropped(Losses(model), ids) == expected + places((B, T, 2 * E), rate=0.2)


class Losses(nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor) -> Any:
        return self.model.losses(ids)


def test_what_a_discriminator_and_an_adapter_read_is_dropped():
    x = torch.randn(3, 8)
    assert dropped(discriminator(8, 4, 0.3), x) == places((3, 8), rate=0.3)
    assert dropped(LoRA(nn.Linear(8, 4), 2, 1.0, 0.3), x) == places((3, 8), rate=0.3)


def test_a_word_counts_as_much_as_its_place():
    """Embeddings are multiplied by √E, section 3.4: their numbers have a deviation of 1."""
    torch.manual_seed(0)
    config = transformer.Config(32, 4, 1, 96, dropout=0.0)
    for model in (
        transformer.TranslationModel(90, config),
        unsupervised.Translator(90, config, [1, 2]),
    ):
        ids = torch.arange(90)[None]
        words = model.embed(ids) - transformer.positional_encoding(90, 32)
        assert torch.allclose(words, math.sqrt(32) * model.embedding(ids), atol=1e-5)
