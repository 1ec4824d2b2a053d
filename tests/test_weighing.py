"""wode.training.weighing: several batches that make a step are one batch of them all."""

import copy
import functools
import math
import random
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.data import DataLoader

from wode.training import averaged_over, check_labels, label_count, train
from wode.training.weighing import FUNCTIONS, weighed

CLASSES = 4
NUMBERS = [
    "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "soft_margin_loss", "kl_div",
    "binary_cross_entropy_with_logits", "binary_cross_entropy", "poisson_nll_loss",
    "multilabel_soft_margin_loss",
]  # fmt: skip


class Batches(torch.utils.data.Dataset):
    """Batches made before, of unequal sizes."""

    def __init__(self, batches: list[tuple[Tensor, Tensor]]) -> None:
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.batches[index]


class Net(nn.Module):
    """Logits (B, C) or (B, C, T) of inputs (B, 3) or (B, 3, T); log-probabilities or chances."""

    def __init__(self, end: str) -> None:
        super().__init__()
        self.linear = nn.Linear(3, CLASSES)
        self.end = end

    def forward(self, x: Tensor) -> Tensor:
        logits = self.linear(x.movedim(1, -1)).movedim(-1, 1)
        if self.end == "log":
            return logits.log_softmax(dim=1)
        return logits.sigmoid() if self.end == "chance" else logits


def a_loss(chance: random.Random) -> tuple[Any, str, str]:
    """A loss as it may be given, what its model ends with, and the kind of its labels."""
    kind = chance.choice(["index", "index", "nll", "chances", "numbers", "rows"])
    form = chance.choice(["module", "module", "partial", "bare"])
    reduction = chance.choice(["mean", "mean", "sum"])
    weights = torch.tensor(chance.choices([0.0, 0.3, 1.0, 5.0], k=CLASSES)).double()
    weight = chance.choice([None, weights])
    options: dict[str, Any] = {"reduction": reduction}
    if kind in ("index", "nll"):
        options |= {"weight": weight, "ignore_index": chance.choice([-100, 0, 3, 255])}
    if kind in ("index", "chances"):
        options |= {"label_smoothing": chance.choice([0.0, 0.2])}
    if kind == "chances":
        options |= {"weight": weight}
    if kind == "numbers":
        name = chance.choice(NUMBERS)
        if name == "binary_cross_entropy_with_logits" and weight is not None:
            options |= {"pos_weight": weight, "weight": weight.flip(0)}
        if name == "kl_div" and reduction == "mean":
            options |= {"reduction": chance.choice(["mean", "batchmean"])}
    else:
        name = {"nll": "nll_loss", "rows": "multi_margin_loss"}.get(kind, "cross_entropy")
        if kind == "rows" and weight is not None:
            options |= {"weight": weight}
    end = {"nll_loss": "log", "kl_div": "log", "binary_cross_entropy": "chance"}.get(name, "none")
    function = getattr(F, name)
    if form == "bare":
        return function, end, kind
    if form == "partial":
        return functools.partial(function, **options), end, kind
    (module,) = [module for known, module in FUNCTIONS if known is function]
    return module(**options), end, kind


def some_batches(chance: random.Random, kind: str, ignore: int) -> list[tuple[Tensor, Tensor]]:
    """Of unequal sizes, with labels left out, in some batches all of them."""
    places = chance.choice([(), (2,)]) if kind in ("index", "nll", "chances") else ()
    generator = torch.Generator().manual_seed(chance.randrange(2**20))
    batches = []
    for _ in range(chance.randint(1, 6)):
        size = chance.randint(1, 5)
        x = torch.randn(size, 3, *places, generator=generator).double()
        if kind in ("chances", "numbers"):
            y = torch.rand(size, CLASSES, *places, generator=generator).double()
            y = y / y.sum(dim=1, keepdim=True)
        else:
            y = torch.randint(0, CLASSES, (size, *places), generator=generator)
            share = chance.choice([0.0, 0.3, 0.3, 1.0])  # 1.0: nothing in it counts
            if kind != "rows":
                y[torch.rand(y.shape, generator=generator) < share] = ignore
        batches.append((x, y))
    return batches


def weightless(options: dict[str, Any], y: Tensor) -> bool:
    """Whether labels count, but all of a class that weighs nothing, and smoothing sees others."""
    options = options | options.get("_buffers", {})
    weight, smoothing = options.get("weight"), options.get("label_smoothing")
    if weight is None or not smoothing or y.is_floating_point():
        return False
    counting = y[y != options["ignore_index"]]
    return options["reduction"] == "mean" and len(counting) > 0 and not weight[counting].any()


def by_hand(model: nn.Module, batches: list, loss_fn: Any, accumulate: int) -> list[float]:
    """The loss of each step on one batch, put together, up to one that is not finite."""
    sgd, losses = torch.optim.SGD(model.parameters(), lr=0.01), []
    for begin in range(0, len(batches), accumulate):
        group = batches[begin : begin + accumulate]
        x, y = (torch.cat(parts) for parts in zip(*group, strict=True))
        loss = loss_fn(model(x), y)
        losses.append(loss.item())
        if not math.isfinite(losses[-1]):
            break
        sgd.zero_grad()
        loss.backward()
        sgd.step()
    return losses


def by_train(model: nn.Module, batches: list, loss_fn: Any, accumulate: int) -> list[float]:
    loader = DataLoader(Batches(batches), batch_size=None)
    sgd = torch.optim.SGD(model.parameters(), lr=0.01)
    rows = train(model, loader, sgd, loss_fn, 1, accumulate=accumulate, every=1, progress=False)
    return [row["loss"] for row in rows]


@pytest.mark.filterwarnings("ignore:reduction")
@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_a_step_of_several_batches_is_that_of_one_batch_of_them_all(seed):
    chance = random.Random(seed)
    loss_fn, end, kind = a_loss(chance)
    settings_of = loss_fn.keywords if isinstance(loss_fn, functools.partial) else vars(loss_fn)
    batches = some_batches(chance, kind, settings_of.get("ignore_index", -100))
    accumulate = chance.randint(1, 4)
    torch.manual_seed(0)
    model = Net(end).double()
    twin = copy.deepcopy(model)
    wanted = by_hand(twin, batches, loss_fn, accumulate)
    run = functools.partial(by_train, model, batches, loss_fn, accumulate)
    if accumulate > 1 and any(weightless(settings_of, y) for _, y in batches):
        with pytest.raises((ValueError, FloatingPointError), match=r"label smoothing|the loss is"):
            run()
        return
    if not math.isfinite(wanted[-1]):  # a step in which nothing counts, as torch has it
        with pytest.raises(FloatingPointError, match="the loss is"):
            run()
        return
    found = run()
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    for a, b in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-12)


def steps(loss_fn: Any, accumulate: int = 2, labels: Tensor | None = None) -> list[float]:
    torch.manual_seed(0)
    model = nn.Linear(3, CLASSES)
    y = torch.arange(10) % CLASSES if labels is None else labels
    loader = DataLoader(torch.utils.data.TensorDataset(torch.randn(len(y), 3), y), 4)
    sgd = torch.optim.SGD(model.parameters(), 0.1)
    rows = train(model, loader, sgd, loss_fn, 1, accumulate=accumulate, every=1, progress=False)
    return [row["loss"] for row in rows]


class Own(nn.CrossEntropyLoss):
    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return super().forward(2 * input, target)


@pytest.mark.parametrize(
    "loss_fn",
    [
        lambda logits, labels: F.cross_entropy(logits, labels, ignore_index=0),
        Own(),
        functools.partial(F.mse_loss, weight=torch.ones(4, CLASSES)),  # ty: ignore[unknown-argument]
        functools.partial(lambda w, logits, labels: F.cross_entropy(logits, labels, w), None),
        nn.Sequential(nn.CrossEntropyLoss()),
    ],
)
def test_a_loss_that_cannot_be_read_is_refused_where_it_would_have_to_be(loss_fn):
    with pytest.raises(ValueError, match=r"cannot be read off .*averaged_over\(label_count\)"):
        steps(loss_fn)
    if isinstance(loss_fn, Own):  # one batch is one step: nothing to weigh
        assert len(steps(loss_fn, accumulate=1)) == 3


def test_a_loss_of_ones_own_says_what_its_mean_divides_by():
    labels = torch.tensor([1, 0, 0, 0, 2, 3, 0, 1, 1, 3])

    @averaged_over(lambda labels: int((labels != 0).sum()), ignore_index=0)
    def mean(logits: Tensor, labels: Tensor) -> Tensor:
        return F.cross_entropy(logits, labels, ignore_index=0)

    @averaged_over(None)
    def total(logits: Tensor, labels: Tensor) -> Tensor:
        return F.cross_entropy(logits, labels, reduction="sum")

    assert steps(mean, 3, labels) == steps(nn.CrossEntropyLoss(ignore_index=0), 3, labels)
    assert steps(total, 3, labels) == steps(nn.CrossEntropyLoss(reduction="sum"), 3, labels)
    plain = averaged_over(label_count)(lambda logits, labels: F.cross_entropy(logits, labels))
    assert steps(plain, 3, labels) == steps(F.cross_entropy, 3, labels)


def test_batchmean_divides_by_the_rows_however_long_they_are():
    chance = torch.Generator().manual_seed(0)
    batches = [torch.rand(rows, CLASSES, long, generator=chance) for rows, long in [(2, 3), (1, 9)]]
    loss_fn = nn.KLDivLoss(reduction="batchmean")
    run = [(torch.randn(len(y), 3, y.shape[2], generator=chance), y) for y in batches]
    model = Net("log")
    with torch.no_grad():
        wanted = sum(loss_fn(model(x), y).item() * len(y) for x, y in run) / 3
    assert by_train(model, run, loss_fn, 2) == pytest.approx([wanted])


def test_what_would_not_add_up_is_refused():
    with pytest.raises(ValueError, match="reduction='none'"):
        steps(nn.CrossEntropyLoss(reduction="none"))
    with pytest.raises(ValueError, match=r"a loss of one number, got one of shape \(4,\)"):
        steps(lambda logits, labels: F.cross_entropy(logits, labels, reduction="none"), 1)
    with pytest.raises(ValueError, match=r"finite, got \[1.0, -1.0"):
        steps(nn.CrossEntropyLoss(torch.tensor([1.0, -1, 1, 1])))
    loss_fn = nn.CrossEntropyLoss(torch.tensor([0.0, 1, 1, 1]), label_smoothing=0.1)
    with pytest.raises(ValueError, match="label smoothing"):
        steps(loss_fn, 2, torch.tensor([0, 0, 0, 0, 1, 2, 3, 1]))
    numbers = torch.rand(10, CLASSES)
    with pytest.raises(ValueError, match="weighs the places of one batch"):
        steps(nn.BCEWithLogitsLoss(torch.rand(4, CLASSES)), 2, numbers)
    with pytest.raises(ValueError, match=r"got \(4,\) beside \(4, 4\)"):
        steps(nn.MSELoss(), 1, torch.rand(10))
    with pytest.raises(ValueError, match=r"labels from 0 to 3, got 1 to 4 \(4 class weights"):
        steps(nn.CrossEntropyLoss(torch.ones(4)), 2, torch.tensor([1, 2, 3, 4]))


def test_a_step_in_which_every_label_is_left_out_says_so():
    with pytest.raises(FloatingPointError, match="labels of the batch are 0, which the loss"):
        steps(nn.CrossEntropyLoss(ignore_index=0), 2, torch.zeros(8).long())


def test_labels_are_checked_by_the_losss_own_ignore_index():
    labels = torch.tensor([255, 1, 2, 3])
    assert len(steps(nn.CrossEntropyLoss(ignore_index=255), 1, labels)) == 1
    check_labels(torch.zeros(4, 4), labels, 255)
    with pytest.raises(ValueError, match="got 1 to 255"):
        steps(nn.CrossEntropyLoss(), 1, labels)
    labels = torch.tensor([-100, 1, 2, 3])
    with pytest.raises(ValueError, match="got -100 to 3"):
        steps(nn.CrossEntropyLoss(ignore_index=0), 1, labels)


def test_every_function_and_its_module_are_one_loss():
    """What a partial of the function is read as has the same settings and the same defaults."""
    for function, module in FUNCTIONS:
        assert weighed(function, several=True).divisor is not None
        assert weighed(module(), several=True).divisor is not None
        assert weighed(module(reduction="sum"), several=True).divisor is None
        summed = functools.partial(function, reduction="sum")
        assert weighed(summed, several=True).divisor is None
