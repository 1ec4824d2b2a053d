"""wode.landscape: directions as they are defined, surfaces of functions that are known."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from wode.landscape import (
    coordinates,
    difference,
    fit,
    flat,
    length,
    line,
    random_direction,
    surface,
    weights_of,
)


class Bowl(nn.Module):
    """Its loss is known: the squared distance of its weights from a place."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.layer, self.norm = nn.Linear(3, 4), nn.LayerNorm(4)
        self.kernel = nn.Conv2d(2, 3, 2)
        self.place = {n: torch.randn_like(p) for n, p in self.named_parameters()}


def distance(model: nn.Module) -> torch.Tensor:
    assert isinstance(model, Bowl)
    assert not torch.is_grad_enabled() and not model.training
    return sum(((p - model.place[n]) ** 2).sum() for n, p in model.named_parameters())  # ty: ignore[invalid-explicit-return]


@given(seed=st.integers(0, 2**32), scale=st.floats(0.01, 10))
@settings(max_examples=30)
def test_each_filter_is_as_long_as_the_weights(seed: int, scale: float) -> None:
    model = Bowl()
    weights = {name: scale * w for name, w in weights_of(model).items()}
    weights["layer.weight"][1] = 0  # a filter of zeros does not move
    direction = random_direction(weights, torch.Generator().manual_seed(seed))
    assert direction.keys() == weights.keys()
    for name, d in direction.items():
        if d.dim() < 2:
            assert not d.any(), f"{name}: biases and norms stay"
            continue
        for row, own in zip(d, weights[name], strict=True):
            assert torch.allclose(row.norm(), own.norm(), rtol=1e-5)
    again = random_direction(weights, torch.Generator().manual_seed(seed))
    assert all(torch.equal(direction[name], again[name]) for name in direction)


def test_directions_are_random_in_every_coordinate() -> None:
    """Not one vector stretched: the share of each coordinate is that of a normal's."""
    weights = {"w": torch.ones(4000, 3)}
    d = random_direction(weights, torch.Generator().manual_seed(0))["w"]
    assert torch.allclose((d**2).mean(dim=0), torch.ones(3), atol=0.05)
    assert (d.mean(dim=0).abs() < 0.05).all()
    signs = (d > 0).float().mean(dim=0)
    assert (signs - 0.5).abs().max() < 0.03


def test_line_and_surface_of_a_bowl() -> None:
    model = Bowl().train()
    before = weights_of(model)
    generator = torch.Generator().manual_seed(1)
    first, second = (random_direction(before, generator) for _ in range(2))
    steps, others = [-1.0, 0.0, 0.5], [0.0, 2.0]
    found = surface(model, distance, first, second, steps, others)
    assert found.shape == (2, 3)
    for row, b in zip(found, others, strict=True):
        for value, a in zip(row, steps, strict=True):
            parts = (before[n] + a * first[n] + b * second[n] - model.place[n] for n in before)
            assert torch.allclose(value, sum((p**2).sum() for p in parts), rtol=1e-5)  # ty: ignore[invalid-argument-type]
    assert torch.equal(line(model, distance, first, steps), found[0])
    assert model.training
    after = weights_of(model)
    assert all(torch.equal(before[n], after[n]) for n in before)


def test_a_line_ends_where_it_leads() -> None:
    start, end = Bowl(0), Bowl(1)
    end.place = start.place
    toward = difference(weights_of(end), weights_of(start))
    losses = line(start, distance, toward, [0.0, 1.0])
    with torch.no_grad():
        here, there = distance(start.eval()), distance(end.eval())
    assert torch.allclose(losses, torch.stack([here, there]), rtol=1e-5)
    assert length(toward) == pytest.approx(
        float(sum((d**2).sum() for d in toward.values())) ** 0.5, rel=1e-5
    )


def test_a_loss_of_several_numbers_gives_a_surface_for_each() -> None:
    model = Bowl()
    first, second = (random_direction(weights_of(model), torch.Generator()) for _ in range(2))

    def both(model: nn.Module) -> torch.Tensor:
        return torch.stack([distance(model), 2 * distance(model)])

    steps, others = [0.0, 0.5, 1.0], [0.0, -1.0]
    one = surface(model, distance, first, second, steps, others)
    two = surface(model, both, first, second, steps, others)
    assert torch.equal(two, torch.stack([one, 2 * one], dim=-1)) and two.shape == (2, 3, 2)
    assert line(model, both, first, steps).shape == (3, 2)


def test_a_loss_in_training_mode_leaves_the_statistics_as_they_were() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)).train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    inputs = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))

    def in_training(model: nn.Module) -> torch.Tensor:
        return model.train()(inputs).square().sum()

    line(model, in_training, random_direction(weights_of(model), torch.Generator()), [0.0, 1.0])
    after = model.state_dict()
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items())


def test_flat_is_torchs_own_order() -> None:
    model = Bowl()
    assert torch.equal(
        flat(weights_of(model)), nn.utils.parameters_to_vector(model.parameters()).detach()
    )


@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_a_factor_for_a_layer_leaves_no_trace(factor: float) -> None:
    """ReLU lets it through: the same function, and along normalised directions the same losses."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
    inputs, labels = torch.randn(20, 5), torch.randint(3, (20,))

    def loss(model: nn.Module) -> torch.Tensor:
        return nn.functional.cross_entropy(model(inputs), labels)

    def losses() -> torch.Tensor:
        direction = random_direction(weights_of(model), torch.Generator().manual_seed(1))
        return line(model, loss, direction, [-1.0, -0.3, 0.0, 0.6])

    before = losses()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.startswith("0."):
                parameter.mul_(factor)
            if name == "2.weight":
                parameter.div_(factor)
    assert torch.allclose(losses(), before, atol=1e-5)


def test_a_loss_that_fails_leaves_the_model_as_it_was() -> None:
    model = Bowl()
    before = weights_of(model)
    direction = random_direction(before, torch.Generator())

    def fails(model: nn.Module) -> float:
        raise RuntimeError("out of data")

    with pytest.raises(RuntimeError, match="out of data"):
        line(model, fails, direction, [1.0])
    assert all(torch.equal(w, before[n]) for n, w in weights_of(model).items())


def test_a_direction_of_another_model() -> None:
    model = Bowl()
    other = weights_of(nn.Linear(3, 4))
    with pytest.raises(ValueError, match="a direction for each parameter, got others"):
        line(model, distance, other, [1.0])


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_coordinates_are_those_of_the_nearest_point(seed: int) -> None:
    origin = weights_of(Bowl())
    generator = torch.Generator().manual_seed(seed)
    first, second, away = (random_direction(origin, generator) for _ in range(3))
    inside = {n: origin[n] + 0.3 * first[n] - 2 * second[n] for n in origin}
    outside = {n: inside[n] + away[n] for n in origin}
    found = coordinates([origin, inside, outside], origin, first, second)
    assert torch.allclose(found[:2], torch.tensor([[0, 0], [0.3, -2]]).double(), atol=1e-5)
    a, b = found[2].tolist()
    rest = {n: outside[n] - origin[n] - a * first[n] - b * second[n] for n in origin}
    for axis in (first, second):  # what is left is at right angles to the plane
        dot = sum(float((rest[n] * axis[n]).sum()) for n in rest)
        assert abs(dot) < 1e-3 * length(rest) * length(axis)


def test_fit_keeps_the_weights_from_the_start_to_the_first_loss_that_is_low() -> None:
    """Adam's first step is the rate in each coordinate; the path is as long as that takes."""
    model, aim = nn.Linear(1, 1, bias=False), 3.0
    with torch.no_grad():
        model.weight.fill_(aim - 0.5)

    def off(model: nn.Module) -> torch.Tensor:
        return ((flat(dict(model.named_parameters())) - aim) ** 2).sum()

    path = fit(model, off, under=0.1**2, rate=0.01)
    places = [float(weights["weight"]) for weights in path]
    assert places[0] == 2.5
    assert places[1] == pytest.approx(2.51, abs=1e-4)
    assert [(aim - place) ** 2 <= 0.1**2 for place in places] == [False] * (len(path) - 1) + [True]
    assert float(model.weight.detach()) == places[-1]


def test_fit_says_when_the_loss_does_not_fall() -> None:
    model = nn.Linear(1, 1)
    with pytest.raises(RuntimeError, match=r"expected a loss of 0\.05 in 5 steps, got 1"):
        fit(model, lambda model: 1 + 0 * flat(dict(model.named_parameters())).sum(), steps=5)


def test_what_spans_no_plane_or_has_another_shape_is_named() -> None:
    model = nn.Linear(3, 2)
    own = weights_of(model)
    with pytest.raises(ValueError, match=r"shape \(2, 3\) for weight, got \(1, 3\)"):
        line(model, lambda m: 0.0, {**own, "weight": torch.zeros(1, 3)}, [0.0])
    with pytest.raises(ValueError, match="at least one step"):
        line(model, lambda m: 0.0, own, [])
    with pytest.raises(ValueError, match="parallel"):
        coordinates([own], own, own, {name: 2 * part for name, part in own.items()})


def test_buffers_that_are_not_in_the_state_dict_are_put_back_too() -> None:
    model = nn.Linear(3, 2)
    model.register_buffer("seen", torch.zeros(1), persistent=False)

    def loss(m: nn.Module) -> float:
        m.get_buffer("seen").add_(1)
        return 0.0

    line(model, loss, weights_of(model), [0.0, 1.0])
    assert model.get_buffer("seen").item() == 0
