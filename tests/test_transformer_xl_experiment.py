"""What the page `transformer-xl` and its experiment stand on."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest
import torch
from helpers import assert_close, randomise

from wode.transformer_xl import Config, TransformerXL

FOLDER = Path(__file__).parents[1] / "snippets/1_NLP_basics"


def part(name: str) -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        return importlib.import_module(f"transformer_xl{name}")


def test_one_letter_stands_in_the_first_segment_and_is_asked_for() -> None:
    torch.manual_seed(0)
    ids, answers = part("").letters(200, 3, (1, 2))
    ids, answers = ids.view(200, 3, 8), answers.view(200, 3, 8)
    is_letter = (ids >= 10) & (ids < 18)
    assert (is_letter.sum(dim=(1, 2)) == 1).all() and is_letter[:, 0].any(dim=1).all()
    assert (ids[:, 1:, 7] == 18).all() and (ids == 18).sum() == 400
    assert torch.equal(answers[:, 1, 7], ids[is_letter])
    assert torch.equal(answers[:, 2, 7], ids[is_letter])
    assert (answers >= 0).sum() == 400


@pytest.mark.parametrize("mem_len", [0, 3, 8, 20])
@pytest.mark.parametrize("layers", [1, 3])
def test_a_memory_is_a_mask(mem_len: int, layers: int) -> None:
    torch.manual_seed(0)
    lib = part("")
    model = randomise(lib.small(mem_len, layers)).double()
    ids, _ = lib.letters(3, 4)
    assert_close(lib.at_once(model, ids), lib.read(model, ids), 1e-10)


def test_a_gradient_crosses_the_cut_at_once_and_not_segment_by_segment() -> None:
    torch.manual_seed(0)
    lib = part("")
    model = randomise(lib.small(8)).double()
    ids, _ = lib.letters(2, 2)
    ids[:, :8], ids[:, 8:] = 0, 1  # the word 0 stands in the first segment alone
    found = []
    for reader in (lib.read, lib.at_once):
        model.zero_grad()
        reader(model, ids)[:, -1, 1].sum().backward()
        found.append(model.word_embedding.weight.grad[0].abs().sum().item())
    assert found[0] == 0 < found[1]


def test_words_at_the_same_place_are_not_told_apart_by_places_alone() -> None:
    torch.manual_seed(0)
    Absolute = part("").Absolute
    config = Config(10, 8, 1, 2, 8, 0.0, mem_len=4)
    ids = torch.tensor([[1, 2, 3, 4, 5, 6, 7, 8]])
    swapped = torch.tensor([[1, 6, 3, 4, 5, 2, 7, 8]])
    for counts in (False, True):
        model = randomise(Absolute(config, counts)).double()
        answers = []
        for text in (ids, swapped):
            _, memory = model(text[:, :4])
            answers.append(model(text[:, 4:], memory, 4)[0][:, 2:])
        assert torch.allclose(*answers, atol=1e-10) != counts


@pytest.mark.parametrize("way", ["alone", "longer", "memory"])
def test_the_plays_are_learned_and_read_in_every_way(way: str) -> None:
    plays = part("_plays")
    torch.manual_seed(0)
    ids = torch.arange(64 * 600) % 7
    model = plays.learn(way, ids, 30, 1e-2, 0)
    length, remembers = plays.WAYS[way]
    costs = plays.by_place(model, ids, length, length * remembers)
    assert len(costs) == length and sum(costs) / length < 1.9  # by chance: 1.95
    assert model.config.mem_len == length
    if way == "memory":
        other = plays.by_place(model, ids, length, length, other=True)
        assert other != costs


def test_a_sliding_window_scores_the_same_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    plays = part("_plays")
    ids = torch.arange(64 * 600) % 7
    monkeypatch.setattr(plays, "characters", lambda: (ids, ids, ids))
    assert plays.sliding("alone", 30, 1e-2, 0) < 1.9


def test_a_memory_of_another_row_is_learned_with(monkeypatch: pytest.MonkeyPatch) -> None:
    plays = part("_plays")
    ids = torch.arange(64 * 600) % 7
    monkeypatch.setattr(plays, "characters", lambda: (ids, ids, ids))
    assert plays.swapped(30, 1e-2, 0) < 1.95


def test_a_window_costs_more_than_a_memory() -> None:
    found = part("_plays").costs(8, size=16)
    assert 4 < found["flops"] < 8


def test_the_copy_is_learned_from_distances() -> None:
    for way in ("memory", "anywhere"):
        found = part("_places").copied(way, 5, 1e-3, 0)
        assert all(0 <= value <= 1 for value in found.values())


def test_a_model_without_memory_reads_each_segment_by_itself() -> None:
    torch.manual_seed(0)
    lib = part("")
    model: TransformerXL = randomise(lib.small(0))
    ids, _ = lib.letters(2, 2)
    assert_close(lib.read(model, ids)[:, 8:], model(ids[:, 8:])[0])
