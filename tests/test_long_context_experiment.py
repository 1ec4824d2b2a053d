"""The experiment and the measurement of `long-context`, small; and how far its models can see."""

import importlib
from pathlib import Path

import pytest
import torch

with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(str(Path(__file__).parents[1] / "snippets/1_NLP_basics"))
    page, ways, experiment, costs = (
        importlib.import_module(f"long_context{part}")
        for part in ("", "_ways", "_experiment", "_cost_experiment")
    )
SYSTEMS = ways.WAYS


def test_the_name_stands_where_it_is_asked_for() -> None:
    distance = torch.arange(1, 63)
    ids, names = page.texts(distance, 64, torch.Generator().manual_seed(0))
    assert (ids[:, 0] == page.CLS).all() and (ids[:, -1] == page.ASK).all()
    place = 63 - distance
    assert torch.equal(ids[torch.arange(62), place], names + page.NAMES.start)
    assert ((ids >= page.WORDS.start).sum(dim=1) == 64 - 3).all()


@pytest.mark.parametrize("name", SYSTEMS)
def test_each_system_learns_and_answers(name: str) -> None:
    found = experiment.run(name, 1e-3, 0, 20, 2)
    total = experiment.summed([found, found])
    assert len(total["mean"]) == len(experiment.DISTANCES)
    assert all(0 <= share <= 1 for share in total["mean"])


def test_reach() -> None:
    """Layers times half a window; all with a global token; a segment and the memories behind it."""
    window = SYSTEMS["window"]
    assert [ways.reach(window, layers) for layers in (1, 2, 3)] == [8, 16, 24]
    assert [ways.reach(SYSTEMS["global_cls"], layers) for layers in (1, 2)] == [8, ways.LENGTH - 2]
    assert ways.reach(SYSTEMS["global_ask"], 1) == ways.reach(SYSTEMS["full"], 1) == ways.LENGTH - 2
    assert [ways.reach(SYSTEMS["xl16"], layers) for layers in (1, 2)] == [31, 47]
    assert ways.reach(SYSTEMS["xl48"], 1) == ways.LENGTH - 2


def test_the_models_are_of_one_size() -> None:
    sizes = [sum(p.numel() for p in ways.built(way)[0].parameters()) for way in SYSTEMS.values()]
    assert max(sizes) < 1.8 * min(sizes)


@pytest.mark.parametrize("name", costs.WAYS)
def test_cost_is_measured(name: str) -> None:
    memory, seconds = costs.cost(name, 256)
    assert memory > -1 and seconds > 0  # the kernel counts pages in batches


def test_exponent() -> None:
    assert abs(costs.exponent([3.0 * n**1.5 for n in costs.LENGTHS]) - 1.5) < 1e-9
