"""The experiment of the page `reformer`: its laws, rivals and measures, and a run in small."""

import importlib
import math
import os
from pathlib import Path
from types import ModuleType

import pytest
import torch
from helpers import assert_close, randomise

from wode.files.download import data_root
from wode.reformer import Reformer, lsh_attention

FOLDER = Path(__file__).parents[1] / "snippets/1_NLP_basics"


def part(name: str) -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        return importlib.import_module(f"reformer_{name}")


@pytest.mark.parametrize("degrees", [15, 60, 90, 150])
def test_the_law_has_its_short_forms_and_is_what_is_counted(degrees: int) -> None:
    hashing, angle = part("hashing"), math.radians(degrees)
    assert hashing.law(angle, 2) == pytest.approx(1 - degrees / 180, abs=1e-3)
    assert hashing.law(angle, 4) == pytest.approx((1 - degrees / 180) ** 2, abs=1e-3)
    for buckets in (4, 16):
        counted = hashing.counted(angle, buckets, pairs=4000)
        assert counted == pytest.approx(hashing.law(angle, buckets), abs=0.03)
    assert hashing.law(math.radians(90), 16) == pytest.approx(1 / 16, abs=1e-3)


def test_the_rival_has_buckets_of_the_same_sizes() -> None:
    query = torch.randn(2, 40, 8)
    hashed, dealt = part("hashing").same_bucket(query, query, 3, 4)
    assert hashed.shape == dealt.shape == (2, 3, 40, 40)
    assert hashed.diagonal(dim1=-2, dim2=-1).all()  # a vector is in its own bucket
    assert hashed.sum() == dealt.sum() or abs(hashed.sum() - dealt.sum()) < 0.5 * hashed.sum()


def test_together_are_the_pairs_that_attention_compares() -> None:
    torch.manual_seed(0)
    buckets = torch.randint(4, (1, 1, 1, 16))
    see = part("text").together(buckets, 4)[0, 0]
    value = torch.eye(16)[None, None]  # what arrives names where it came from
    weights = lsh_attention(torch.randn(1, 1, 16, 4), value, buckets, 4)[0, 0]
    came = weights > 0
    first = buckets.flatten().argsort(stable=True)[:4]  # the first chunk also sees the last one
    other = torch.ones(16, dtype=torch.bool).index_fill(0, first, False)
    assert torch.equal(came[other], (see & ~torch.eye(16, dtype=torch.bool))[other])


def test_one_matrix_unhashed_is_the_model_itself() -> None:
    copying = part("copying")
    config = copying.config_of(1, copying.LENGTH)
    reformer = randomise(Reformer(config), 0.1)
    own = reformer.encoder.layers[0].attention.self_attention
    other = copying.Varied(config, apart=False, hashed=False, itself=False)
    other.load_state_dict(own.state_dict())
    x, seen = torch.randn(2, 64, 64), torch.ones(2, 64, dtype=torch.bool)
    assert_close(other(x, seen)[0], own(x, seen)[0])


def test_a_run_in_small() -> None:
    copying = part("copying")
    found = copying.copied("2", 0, 3e-3, 40)
    assert {*found} == {"full", "1", "2", "4", "8"}
    assert found["8"] >= found["1"] > 0.1  # guessing: 0.07
    assert 0 <= copying.varied("apart_hashed", 1, 0, 3e-3, 2) < 0.5


def test_what_is_kept_and_how_far_it_is_off() -> None:
    memory = part("memory")
    unseen = 8 * 4 * 4 * 512 + 2 * torch.get_rng_state().nbytes  # buckets, two states of chance
    more = memory.kept_by("reversible", 3) - memory.kept_by("reversible", 1)
    assert more == pytest.approx(2 * unseen / 1e6)
    assert memory.kept_by("stored", 3) == pytest.approx(3 * memory.kept_by("stored", 1))
    assert (
        memory.kept_by("reversible", 3)
        < memory.kept_by("checkpoint", 3)
        < memory.kept_by("stored", 1)
    )
    off = memory.rounding(4, 0.1)
    assert off["stored"] < off["reversed"] < 1e-3
    outputs = []
    for way in memory.WAYS:
        layers = memory.layers_of(2, 0.1)
        x = torch.randn(1, 64, 128, generator=torch.Generator().manual_seed(0))
        torch.manual_seed(0)
        memory.step(way, layers, x.requires_grad_()).square().sum().backward()
        outputs.append(layers[0].feed_forward.output.dense.weight.grad)
    for other in outputs[1:]:
        assert_close(other, outputs[0], 1e-4)


@pytest.mark.skipif(not (data_root() / "tinyshakespeare").exists(), reason="needs tinyshakespeare")
def test_a_window_sees_what_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "WODE_DATA", str(data_root()))
    text = part("text")
    found = text.read("hashed", 0, 1e-2, 3)
    assert 2 < found["nats"] < 5
    assert found["caught"]["window_8"]["weight"] > found["caught"]["window_1"]["weight"]
    assert found["caught"]["best_2"]["weight"] >= found["caught"]["hashed_2"]["weight"]
