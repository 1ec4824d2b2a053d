"""wode.training: the seven steps, and a run that goes on bit for bit after any kill."""

import copy
import itertools
import json
import math
import os
import random
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from forking import Forks
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from wode import training
from wode.files.checkpoint import (
    CheckpointError,
    load_checkpoint,
    load_weights,
    random_state,
    save_checkpoint,
    set_random_state,
)
from wode.files.locking import InUseError, alone_with
from wode.training import MetricsLog, accuracy, check_labels, pick_device, seed_everything, train
from wode.training.evaluation import diagnose, measured
from wode.training.resuming import Run

BALLAST = 80_000  # bytes: no whole checkpoint of killable_run.py is smaller
RUN = Path(__file__).with_name("killable_run.py")


def same(left, right) -> bool:
    """Equal bit for bit: nested dicts, lists and tuples of tensors and plain values."""
    if isinstance(left, torch.Tensor):
        return left.dtype == right.dtype and torch.equal(left, right)
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


# ---------------------------------------------------------------- killed, and gone on


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with Forks(RUN) as forks:
        yield forks


@pytest.fixture(scope="module")
def never_killed(forks, tmp_path_factory) -> tuple[dict, bytes]:
    """What a run leaves that nothing interrupted: its final state and its log."""
    folder = tmp_path_factory.mktemp("never_killed")
    assert forks.run(folder, 0)[0] == 0
    return load_checkpoint(folder / "final.pth"), (folder / "log.jsonl").read_bytes()


def test_killed_at_many_moments_it_ends_as_if_never_killed(
    forks, never_killed, tmp_path, exhaustive
):
    """In a row of the log, in a checkpoint, then at any events: each start gets no further."""
    final, log = never_killed
    rng = random.Random(20)
    for number in range(60 if exhaustive else 5):
        folder = tmp_path / str(number)
        folder.mkdir()
        lines, checkpoint = folder / "log.jsonl", folder / "checkpoint.pth"
        row = rng.randrange(2, 6)
        half = len(b"".join(log.splitlines(keepends=True)[:row])) + 20
        code, _ = forks.run(folder, 0, place=lines, event=3 + row, size=half)  # 3 empty the log
        assert code == -signal.SIGXFSZ
        assert lines.read_bytes() == log[:half]
        size = rng.randrange(1, BALLAST)
        event = rng.randrange(6, 18)
        code, _ = forks.run(folder, 0, place=checkpoint, event=event, size=size)
        assert code == -signal.SIGXFSZ
        assert [f for f in folder.glob("checkpoint*") if f.stat().st_size == size], "cut there"
        for _ in range(3):
            load_checkpoint(checkpoint)  # whole, whenever the kill came
            for line in lines.read_text().splitlines()[:-1]:
                json.loads(line)
            place, events = rng.choice([(folder, 18), (checkpoint, 12), (lines, 6)])
            code, _ = forks.run(folder, 0, place=place, event=rng.randrange(events))
            assert code == -signal.SIGKILL
        assert forks.run(folder, 0)[0] == 0
        result = load_checkpoint(folder / "final.pth")
        assert torch.equal(result["model"]["order"], final["model"]["order"]), "data order"
        assert same(result, final)
        assert lines.read_bytes() == log


def test_killed_with_workers_it_goes_on_in_a_fresh_process(forks, tmp_path):
    """Started anew from the shell, with two workers loading the data, it goes on as well."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir()
    killed.mkdir()
    assert forks.run(whole, 2)[0] == 0
    assert forks.run(killed, 2, place=killed / "log.jsonl", event=12)[0] == -signal.SIGKILL
    subprocess.run([sys.executable, RUN, killed, "2"], check=True)
    assert same(load_checkpoint(killed / "final.pth"), load_checkpoint(whole / "final.pth"))
    assert (killed / "log.jsonl").read_bytes() == (whole / "log.jsonl").read_bytes()


# ---------------------------------------------------------------- interrupted, in one process


class Interrupted(Exception):
    pass


def small_run(
    path: Path | None,
    stop: int | None = None,
    *,
    seed: int = 3,
    epochs: int = 3,
    every: int | None = None,
    own_generator: bool = True,
    batch_size: int = 7,
    optimizer_name: str = "AdamW",
    **options,
):
    """A run on 40 random examples that raises Interrupted at loss number ``stop``."""
    generator = seed_everything(seed)
    data = TensorDataset(torch.randn(40, 5), torch.arange(40) % 4)
    model = nn.Sequential(nn.Linear(5, 9), nn.Dropout(0.4), nn.BatchNorm1d(9), nn.Linear(9, 4))
    loader = DataLoader(
        data, batch_size, shuffle=True, generator=generator if own_generator else None
    )
    kind = getattr(torch.optim, optimizer_name)
    settings = {"momentum": 0.9} if optimizer_name == "SGD" else {}
    optimizer = kind(model.parameters(), lr=0.05, **settings)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20)
    count = itertools.count(1)

    def loss_fn(logits, labels):
        if next(count) == stop:
            raise Interrupted
        return F.cross_entropy(logits, labels)

    rows = train(
        model,
        loader,
        optimizer,
        loss_fn,
        epochs,
        scheduler=scheduler,
        checkpoint=path,
        every=every,
        progress=False,
        evaluate=lambda model: {"accuracy": accuracy(model, loader), "chance": random.random()},
        **options,
    )
    return rows, model.state_dict(), optimizer.state_dict(), random_state(generator)


@settings(max_examples=25)
@given(
    stops=st.lists(st.integers(1, 30), min_size=1, max_size=3),
    every=st.one_of(st.none(), st.integers(1, 9)),
    own_generator=st.booleans(),
    batch_size=st.sampled_from([2, 6, 7, 12, 20]),
    optimizer_name=st.sampled_from(["AdamW", "SGD", "Adagrad"]),
)
def test_interrupted_anywhere_it_goes_on_bit_for_bit(
    tmp_path_factory, stops, every, own_generator, batch_size, optimizer_name
):
    options = {"every": every, "own_generator": own_generator}
    options |= {"batch_size": batch_size, "optimizer_name": optimizer_name}
    path = tmp_path_factory.mktemp("run") / "checkpoint.pth"
    whole = small_run(None, **options)
    for stop in stops:
        try:
            small_run(path, stop, **options)
        except Interrupted:
            continue
    assert same(small_run(path, **options), whole)


def test_a_finished_run_trains_no_further_and_a_longer_one_goes_on(tmp_path):
    path = tmp_path / "checkpoint.pth"
    short = small_run(path, epochs=2)
    assert same(small_run(path, epochs=2), short)
    assert small_run(path, stop=1, epochs=2)[0] == short[0]  # no step is made
    assert same(small_run(path, epochs=4), small_run(None, epochs=4))


@pytest.mark.parametrize("name", ["model", "optimizer", "epoch", "step", "rows", "random"])
@pytest.mark.parametrize("value", [[1], None, "x", {"param_groups": 3}])
def test_a_checkpoint_with_another_kind_of_thing_is_an_error(name, value, tmp_path):
    path = tmp_path / "checkpoint.pth"
    small_run(path, epochs=1)
    state = load_checkpoint(path)
    if type(state[name]) is type(value) and name != "optimizer":
        return  # some of a kind fit
    save_checkpoint(path, state | {name: value})
    with pytest.raises(CheckpointError, match=r"checkpoint\.pth"):
        small_run(path, epochs=2)


def test_resume_false_starts_anew(tmp_path):
    path = tmp_path / "checkpoint.pth"
    log = MetricsLog(tmp_path / "log.jsonl")
    small_run(path, epochs=1, log=log)
    again = small_run(path, epochs=1, log=log, resume=False, seed=4)
    assert same(again, small_run(None, epochs=1, seed=4))
    assert (tmp_path / "log.jsonl").read_text().count("\n") == 1


# ---------------------------------------------------------------- the seven steps


def test_train_is_the_seven_steps_written_out():
    def parts():
        generator = seed_everything(0)
        model = nn.Sequential(nn.Linear(6, 8), nn.Dropout(0.2), nn.Linear(8, 3))
        data = TensorDataset(torch.randn(50, 6), torch.arange(50) % 3)
        loader = DataLoader(data, 16, shuffle=True, generator=generator)
        return model, loader, torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)

    model, loader, optimizer = parts()
    losses = []
    for _ in range(3):
        for inputs, labels in loader:
            loss = F.cross_entropy(model(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    trained, loader, optimizer = parts()
    rows = train(trained, loader, optimizer, F.cross_entropy, 3, every=1, progress=False)
    assert same(trained.state_dict(), model.state_dict())
    assert [row["loss"] for row in rows] == losses
    assert [row["step"] for row in rows] == list(range(1, 13))
    assert {row["lr"] for row in rows} == {0.1}


class Batches(Dataset):
    def __init__(self, batches):
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


class Named(nn.Module):
    """A linear model whose inputs have names, and may come in another order."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 2)

    def forward(self, values, factor):
        return self.linear(values * factor)


def test_inputs_with_names_are_those_of_one_tensor():
    x, y = torch.randn(12, 3), torch.randint(2, (12,))
    plain = [(x[i : i + 4] * 2, y[i : i + 4]) for i in (0, 4, 8)]  # batches made before
    two = torch.tensor([2.0])
    named = [({"factor": two, "values": x[i : i + 4]}, y[i : i + 4]) for i in (0, 4, 8)]
    model, other = nn.Linear(3, 2), Named()
    other.linear.load_state_dict(model.state_dict())
    loaders = [DataLoader(Batches(batches), batch_size=None) for batches in (plain, named)]
    for net, loader in zip((model, other), loaders, strict=True):
        optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
        train(net, loader, optimizer, F.cross_entropy, epochs=3, progress=False)
    assert same(model.state_dict(), other.linear.state_dict())
    assert accuracy(model, loaders[0]) == accuracy(other, loaders[1])


def test_a_row_holds_the_mean_loss_and_the_rate_that_was_used():
    model = nn.Linear(2, 2)
    data = TensorDataset(torch.randn(8, 2), torch.arange(8) % 2)
    optimizer = torch.optim.SGD(model.parameters(), 1.0)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (1 + step))
    losses = []

    def loss_fn(logits, labels):
        losses.append(F.cross_entropy(logits, labels))
        return losses[-1]

    rows = train(
        model, DataLoader(data, 2), optimizer, loss_fn, 2, scheduler=scheduler, progress=False
    )
    assert [row["lr"] for row in rows] == [1 / 4, 1 / 8]
    assert rows[0]["loss"] == pytest.approx(sum(x.item() for x in losses[:4]) / 4)


def test_all_of_it_is_in_training_mode_also_after_measuring():
    model, seen = nn.Linear(2, 2).eval(), []
    model.register_forward_hook(lambda module, *_: seen.append(module.training))
    loader = DataLoader(TensorDataset(torch.randn(4, 2), torch.arange(4) % 2), 2)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)

    def evaluate(model):
        model.eval()
        return {}

    train(model, loader, optimizer, F.cross_entropy, 2, every=1, evaluate=evaluate, progress=False)
    assert seen == [True] * 4


def test_a_stream_without_length_trains_too(capsys):
    class Stream(IterableDataset):
        def __iter__(self):
            return iter([(torch.ones(3), 1)] * 10)

    model = nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    before = set(threading.enumerate())
    rows = train(model, DataLoader(Stream(), 4), optimizer, F.cross_entropy, 2)
    assert [row["step"] for row in rows] == [3, 6]
    assert "epoch 2/2" in capsys.readouterr().err
    assert set(threading.enumerate()) <= before


# ---------------------------------------------------------------- files


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "checkpoint.pth"
    save_checkpoint(path, {"step": 1})
    with pytest.raises(Exception, match="pickle"):
        save_checkpoint(path, {"step": 2, "lock": threading.Lock()})
    assert load_checkpoint(path) == {"step": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_the_bytes_are_on_the_disk_before_the_name_points_to_them(tmp_path, monkeypatch):
    calls = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (calls.append("fsync"), fsync(fd))[1])
    monkeypatch.setattr(
        Path, "replace", lambda old, new: (calls.append("replace"), replace(old, new))[1]
    )
    save_checkpoint(tmp_path / "checkpoint.pth", {"step": 1})
    assert calls == ["fsync", "replace", "fsync"]  # the file, its name, the folder


STATE = {"weight": torch.arange(40.0).reshape(8, 5), "step": 3, "names": ["a", "b"], "none": None}


@pytest.fixture(scope="module")
def good_bytes(tmp_path_factory) -> bytes:
    path = save_checkpoint(tmp_path_factory.mktemp("good") / "c.pth", STATE)
    return path.read_bytes()


@settings(max_examples=300)
@given(data=st.data())
def test_a_flipped_bit_is_an_error_or_harmless(tmp_path_factory, good_bytes, data):
    """torch.load alone gives back other weights for most flipped bits, without a word."""
    position = data.draw(st.integers(0, 8 * len(good_bytes) - 1))
    damaged = bytearray(good_bytes)
    damaged[position // 8] ^= 1 << position % 8
    path = tmp_path_factory.getbasetemp() / "flipped.pth"
    path.write_bytes(damaged)
    try:
        state = load_checkpoint(path)
    except CheckpointError:
        return
    assert same(state, STATE)


@given(st.data())
def test_a_truncated_file_is_an_error_that_says_what_to_do(tmp_path_factory, good_bytes, data):
    path = tmp_path_factory.getbasetemp() / "truncated.pth"
    path.write_bytes(good_bytes[: data.draw(st.integers(0, len(good_bytes) - 1))])
    with pytest.raises(
        CheckpointError, match=r"truncated\.pth is damaged .*restore a copy .*delete"
    ):
        load_checkpoint(path)


def test_torch_alone_does_not_notice_a_flipped_bit(tmp_path):
    """Why `load_checkpoint` compares checksums; when this fails, torch does it itself."""
    path = save_checkpoint(tmp_path / "c.pth", STATE)
    with zipfile.ZipFile(path) as archive:
        name = next(n for n in archive.namelist() if n.endswith("data/0"))
        raw = archive.read(name)
    content = path.read_bytes()
    assert content.count(raw) == 1
    path.write_bytes(content.replace(raw, bytes([raw[0] ^ 1]) + raw[1:]))
    assert not same(torch.load(path, weights_only=True), STATE)
    with pytest.raises(CheckpointError, match="checksum"):
        load_checkpoint(path)


def test_a_missing_checkpoint_names_those_that_are_there(tmp_path):
    save_checkpoint(tmp_path / "last.pth", {})
    with pytest.raises(FileNotFoundError, match=r"no checkpoint .*best\.pth.*last\.pth"):
        load_checkpoint(tmp_path / "best.pth")


def test_a_whole_model_is_refused_without_running_its_code(tmp_path):
    path = tmp_path / "model.pth"
    torch.save(nn.Linear(2, 2), path)
    with pytest.raises(CheckpointError, match="Save a state_dict"):
        load_checkpoint(path)


def test_weights_that_do_not_fit_change_nothing(tmp_path):
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    other = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 5), nn.Linear(5, 2)).state_dict()
    with pytest.raises(CheckpointError) as info:
        load_weights(model, other, "big.pth")
    assert "big.pth does not fit Sequential" in str(info.value)
    assert "1.weight has shape (2, 4) in the model, (5, 4) in the file" in str(info.value)
    assert "2.weight is not in the model" in str(info.value)
    assert same(dict(model.state_dict()), before)
    with pytest.raises(CheckpointError, match=r"1\.bias is missing"):
        load_weights(model, {k: v for k, v in before.items() if k != "1.bias"})
    for kind, what in ((torch.int8, "integers"), (torch.complex64, "complex numbers")):
        changed = before | {"1.bias": torch.ones(2, dtype=kind)}
        with pytest.raises(CheckpointError, match=f"1.bias holds floats in the model, {what} in"):
            load_weights(model, changed)
        assert same(dict(model.state_dict()), before)
    counts = nn.BatchNorm1d(2)
    with pytest.raises(CheckpointError, match=r"tracked holds integers in the model, floats in"):
        load_weights(counts, counts.state_dict() | {"num_batches_tracked": torch.tensor(2.7)})
    with pytest.raises(CheckpointError, match=r"1\.bias has shape \(2,\) in the model, ndarray in"):
        load_weights(model, {"0.weight": torch.zeros(4, 3)} | before | {"1.bias": np.zeros(2)})
    assert same(dict(model.state_dict()), before)
    load_weights(model, {key: torch.full_like(value, 0.5).half() for key, value in before.items()})
    assert all((value == 0.5).all() for value in model.state_dict().values())


@pytest.mark.parametrize("done", [0, 1])
@pytest.mark.parametrize(
    "place",
    [
        ("random", "torch"),
        ("random", "numpy"),
        ("random", "python"),
        ("random_at_epoch_start", "torch"),
        ("random_at_epoch_start", "generator"),
        ("optimizer", "state"),
        ("optimizer", "state", 0, "step"),
        ("model", "bias"),
    ],
)
@pytest.mark.parametrize("value", [[], "x"])
def test_damage_deep_in_a_run_changes_nothing(place, value, done, tmp_path):
    def run(seed):
        generator = seed_everything(seed)
        model = nn.Linear(3, 2)
        optimizer = torch.optim.AdamW(model.parameters())
        model(torch.ones(1, 3)).sum().backward()
        optimizer.step()
        return Run(model, optimizer, None, generator, tmp_path / "run.pth")

    first = run(0)
    first.done = done
    first.save([])
    state = part = load_checkpoint(tmp_path / "run.pth")
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    save_checkpoint(tmp_path / "run.pth", state)
    second = run(1)

    def now():
        parts = {"model": second.model.state_dict(), "optimizer": second.optimizer.state_dict()}
        return copy.deepcopy(parts | random_state(second.generator))

    before = now()
    with pytest.raises(CheckpointError, match=r"run\.pth (does not|cannot)"):
        second.restore()
    assert same(now(), before)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda state: state["model"], "not a checkpoint of this training run"),
        (lambda state: state | {"model": {}}, "0.weight is missing"),
        (lambda state: _without(state, "scheduler"), r"\['scheduler'\] missing"),
        (
            lambda state: state | {"optimizer": torch.optim.SGD([torch.zeros(1)]).state_dict()},
            "another optimizer or scheduler",
        ),
    ],
)
def test_resuming_from_another_run_is_an_error_and_changes_nothing(tmp_path, spoil, message):
    path = tmp_path / "checkpoint.pth"
    small_run(path, epochs=1)
    save_checkpoint(path, spoil(load_checkpoint(path)))
    content = path.read_bytes()
    with pytest.raises(CheckpointError, match=message):
        small_run(path, epochs=2)
    assert path.read_bytes() == content


def _without(state: dict, key: str) -> dict:
    return {name: value for name, value in state.items() if name != key}


def test_the_log_is_json_lines_and_restarts_from_rows(tmp_path):
    path = tmp_path / "log.jsonl"
    log = MetricsLog(path)
    log.write({"step": 1, "loss": 0.1 + 0.2})
    log.write({"step": 2, "note": "学"})
    assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == log.rows
    path.write_bytes(path.read_bytes()[:-5])  # a line cut by a kill
    log.restart(log.rows[:1])
    assert path.read_text() == '{"step": 1, "loss": 0.30000000000000004}\n'
    with pytest.raises(ValueError, match="JSON"):
        log.write({"loss": math.nan})
    assert len(log.rows) == 1


# ---------------------------------------------------------------- wrong input


def tiny(length: int = 3, classes: int = 2, **loader_options):
    model = nn.Linear(2, classes)
    data = TensorDataset(torch.ones(length, 2), torch.arange(length))
    return model, DataLoader(data, **loader_options), torch.optim.SGD(model.parameters(), 0.1)


def test_an_empty_loader_is_an_error():
    model, loader, optimizer = tiny(batch_size=8, drop_last=True)
    with pytest.raises(ValueError, match="no batch: its data set has length 3, batch_size=8, drop"):
        train(model, loader, optimizer, F.cross_entropy, 1, progress=False)
    with pytest.raises(ValueError, match="no batch"):
        accuracy(model, loader)


def test_a_label_out_of_range_is_an_error_with_both_shapes():
    model, loader, optimizer = tiny(batch_size=3)
    with pytest.raises(ValueError, match=r"0 to 1, got 0 to 2 \(logits \(3, 2\), labels \(3,\)\)"):
        train(model, loader, optimizer, F.cross_entropy, 1, progress=False)


def test_labels_are_checked():
    check_labels(torch.zeros(2, 3, 4), torch.tensor([[0, 1, 2, -100], [0, 0, 0, 0]]))
    check_labels(torch.zeros(2, 3), torch.tensor([-100, -100]))
    with pytest.raises(ValueError, match=r"got logits \(4, 3\), labels \(5,\)"):
        check_labels(torch.zeros(4, 3), torch.zeros(5, dtype=torch.long))
    with pytest.raises(ValueError, match="from 0 to 2, got -1 to 1"):
        check_labels(torch.zeros(2, 3), torch.tensor([-1, 1]))


def test_a_loss_that_is_not_finite_names_the_step_and_spares_the_weights(tmp_path):
    path = tmp_path / "checkpoint.pth"
    model, loader, optimizer = tiny(length=2, batch_size=1)
    count = itertools.count(1)
    weights = []

    def loss_fn(logits, labels):
        weights.append({name: value.clone() for name, value in model.state_dict().items()})
        return F.cross_entropy(logits, labels) * (math.inf if next(count) == 4 else 1.0)

    with pytest.raises(FloatingPointError, match="the loss is inf at epoch 2, step 4: lower"):
        train(model, loader, optimizer, loss_fn, 3, checkpoint=path, progress=False)
    assert same(dict(model.state_dict()), weights[-1])
    assert load_checkpoint(path)["step"] == 2


def test_a_device_that_is_not_there_is_an_error():
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_device().type in ("cuda", "mps", "cpu")
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match=r"'cuda:1' is not available: .*'cpu'"):
            pick_device("cuda:1")


@pytest.mark.parametrize("was_training", [True, False])
def test_accuracy_counts_in_eval_mode_and_puts_the_mode_back(was_training):
    torch.manual_seed(0)
    inputs, labels = torch.randn(53, 4), torch.arange(53) % 3
    model = nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.9))
    model.train(was_training)
    measured = accuracy(model, DataLoader(TensorDataset(inputs, labels), 8))
    assert model.training is was_training
    assert measured == int((model[0](inputs).argmax(1) == labels).sum()) / 53


class Broken(Dataset):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return (torch.zeros(4), 1) if index < 2 else 1 / 0


@pytest.mark.parametrize("ask", [accuracy, measured, diagnose])
def test_after_an_exception_each_module_has_the_mode_that_it_had(ask):
    model = nn.Sequential(nn.Linear(4, 2), nn.BatchNorm1d(2), nn.Dropout(0.5))
    model.train()
    model[1].eval()  # frozen, as in fine-tuning
    with pytest.raises(ZeroDivisionError):
        ask(model, DataLoader(Broken(), 1))
    assert [module.training for module in model] == [True, False, True]
    assert torch.is_grad_enabled()


def test_every_source_of_chance_is_seeded_saved_and_put_back():
    import numpy as np

    def draw(generator):
        numpy = float(np.random.rand())  # noqa: NPY002
        return torch.rand(3), random.random(), numpy, torch.rand(2, generator=generator)

    generator = seed_everything(5)
    state = random_state(generator)
    first = draw(generator)
    assert not same(draw(generator), first)
    assert same(draw(seed_everything(5)), first)
    set_random_state(state, generator)
    assert same(draw(generator), first)


def test_everything_named_is_there():
    assert [name for name in training.__all__ if not hasattr(training, name)] == []


@pytest.mark.parametrize("clip", [0.01, 1e9, None])
def test_a_gradient_longer_than_clip_is_shortened_to_it(clip):
    torch.manual_seed(0)
    inputs, labels = torch.randn(16, 6), torch.arange(16) % 3
    model = nn.Linear(6, 3)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    F.cross_entropy(model(inputs), labels).backward()
    gradients = [parameter.grad for parameter in model.parameters()]
    norm = torch.cat([g.flatten() for g in gradients if g is not None]).norm()
    assert norm > 0.01
    share = 1.0 if clip is None else min(1.0, clip / norm.item())
    loader = DataLoader(TensorDataset(inputs, labels), batch_size=16)
    sgd = torch.optim.SGD(model.parameters(), lr=1.0)
    train(model, loader, sgd, F.cross_entropy, 1, clip=clip, progress=False)
    after = model.parameters()
    moved = torch.cat([(old - new).flatten() for old, new in zip(before, after, strict=True)])
    assert abs(moved.norm().item() - share * norm.item()) < 1e-4 * norm.item()


def test_a_clip_that_is_not_positive_is_refused():
    model = nn.Linear(6, 3)
    loader = DataLoader(TensorDataset(torch.randn(4, 6), torch.zeros(4).long()), batch_size=4)
    sgd = torch.optim.SGD(model.parameters(), lr=1.0)
    for clip in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="expected clip > 0, or None"):
            train(model, loader, sgd, F.cross_entropy, 1, clip=clip, progress=False)


# ---------------------------------------------------------------- what would train nothing


def ready() -> tuple[nn.Sequential, DataLoader]:
    model = nn.Sequential(nn.Linear(6, 5), nn.Linear(5, 3))
    data = TensorDataset(torch.randn(8, 6), torch.arange(8) % 3)
    return model, DataLoader(data, batch_size=4)


def test_an_optimizer_that_cannot_move_the_model_is_refused():
    model, loader = ready()
    others, frozen = ready()[0], ready()[0].requires_grad_(False)
    sgd = torch.optim.SGD(others.parameters(), lr=1.0)
    with pytest.raises(ValueError, match=r"4 of the 4 .* not those of this Sequential \(their sh"):
        train(model, loader, sgd, F.cross_entropy, 1, progress=False)
    with pytest.raises(ValueError, match=r"does not hold 0\.weight, 0\.bias, 1\.weight, 1\.bias\."):
        train(copy.deepcopy(model), loader, torch.optim.SGD(model.parameters()), nn.NLLLoss(), 1)
    sgd = torch.optim.SGD(model.parameters(), lr=1.0)
    model[1] = nn.Linear(5, 3)  # the usual mistake: a new layer after the optimizer was made
    with pytest.raises(
        ValueError, match=r"2 of the 4 .*: \(3, 5\), \(3,\)\).*1\.weight, 1\.bias\."
    ):
        train(model, loader, sgd, F.cross_entropy, 1, progress=False)
    with pytest.raises(ValueError, match=r"none of the 4 .* Sequential with requires_grad=True"):
        train(frozen, loader, torch.optim.SGD(frozen.parameters()), nn.NLLLoss(), 1)
    with pytest.raises(ValueError, match="none of the 4"):
        train(frozen, loader, torch.optim.SGD(others.parameters()), nn.NLLLoss(), 1)


def test_an_optimizer_may_hold_more_than_the_model():
    """A loss that is a function has a parameter of its own; a wrapper holds the groups."""
    model, loader = ready()
    scale = nn.Parameter(torch.ones(()))
    sgd = torch.optim.SGD([*model.parameters(), scale], lr=0.1)
    wrapper = copy.copy(sgd)  # another object with the same groups
    scheduler = torch.optim.lr_scheduler.ExponentialLR(sgd, 0.5)

    def loss_fn(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(scale * logits, labels)

    train(model, loader, wrapper, loss_fn, 1, scheduler=scheduler, progress=False)
    assert scale != 1
    part = torch.optim.SGD([*model[1].parameters(), scale], lr=0.1)
    with pytest.raises(ValueError, match=r"1 of the 3 .* does not hold 0\.weight, 0\.bias\."):
        train(model, loader, part, loss_fn, 1, progress=False)


def test_a_scheduler_of_another_optimizer_is_refused():
    model, loader = ready()
    sgd, other = (torch.optim.SGD(model.parameters(), lr=1.0) for _ in range(2))
    scheduler = torch.optim.lr_scheduler.ExponentialLR(other, 0.5)
    with pytest.raises(ValueError, match="scheduler belongs to another optimizer"):
        train(model, loader, sgd, F.cross_entropy, 1, scheduler=scheduler, progress=False)


class Scaled(nn.Module):
    """A loss with a parameter of its own, which is trained as well."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, logits, labels):
        return F.cross_entropy(self.scale * logits, labels)


@pytest.mark.parametrize("said", [lambda loss_fn: loss_fn, training.averaged_over(None)])
def test_frozen_parts_and_a_loss_with_parameters_are_trained_around(said):
    model, loader = ready()
    before = copy.deepcopy(model.state_dict())
    loss_fn = Scaled()
    sgd = torch.optim.SGD([*model[1].parameters(), *loss_fn.parameters()], lr=1.0)
    train(model, loader, sgd, said(loss_fn), 1, progress=False)
    changed = {name: not torch.equal(before[name], p) for name, p in model.named_parameters()}
    assert changed == {"0.weight": False, "0.bias": False, "1.weight": True, "1.bias": True}
    assert loss_fn.scale != 1


@pytest.mark.parametrize("name", ["epochs", "accumulate", "every"])
@pytest.mark.parametrize("value", [0, -1, 0.5, math.nan, True, "3"])
def test_a_count_that_is_none_is_refused(name, value):
    model, loader = ready()
    sgd = torch.optim.SGD(model.parameters(), lr=1.0)
    options: dict[str, Any] = {"epochs": 1, "progress": False, name: value}
    with pytest.raises(ValueError, match=f"{name}: expected a whole number ≥ 1, got "):
        train(model, loader, sgd, F.cross_entropy, **options)


@pytest.mark.parametrize("seed", [2**64, -1, 1.5, None, True])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(ValueError, match="seed: expected a whole number from 0 to"):
        seed_everything(seed)
    seed_everything(2**64 - 1)


@pytest.mark.parametrize("name", ["abacus", "", "cpu:7", "cuda:99999999999", "meta"])
def test_a_device_that_is_none_is_refused(name):
    with pytest.raises(ValueError, match=f"device '{name}' is (unknown|not available): this mach"):
        pick_device(name)


def test_what_was_measured_must_be_finite_to_be_logged(tmp_path):
    model, loader = ready()
    sgd = torch.optim.SGD(model.parameters(), lr=1.0)
    log = MetricsLog(tmp_path / "log.jsonl")
    evaluate = lambda model: {"right": 0.5, "loss": math.inf}  # noqa: E731
    with pytest.raises(FloatingPointError, match="loss is inf at epoch 1, step 2"):
        train(model, loader, sgd, F.cross_entropy, 1, log=log, evaluate=evaluate, progress=False)
    assert log.rows == []


# ---------------------------------------------------------------- one process a checkpoint

HOLD = """
import sys, time, os
from wode.files.locking import alone_with
with alone_with(sys.argv[1], "it"):
    worker = len(sys.argv) > 2 and os.fork() == 0  # it outlives its parent
    if worker or len(sys.argv) == 2:  # a worker lets go of the lock in its first moments
        print("held", flush=True)
    time.sleep(600)
"""


def test_two_runs_with_one_checkpoint_do_not_overwrite_each_other(tmp_path):
    path = tmp_path / "checkpoint.pth"

    def evaluate(model):
        other, loader = ready()
        sgd = torch.optim.SGD(other.parameters(), lr=1.0)
        with pytest.raises(InUseError, match=r"checkpoint\.pth is in use by another process"):
            train(other, loader, sgd, F.cross_entropy, 1, checkpoint=path, progress=False)
        return {}

    model, loader = ready()
    sgd = torch.optim.SGD(model.parameters(), lr=1.0)
    for epochs in (1, 2):  # a run that has ended leaves it free
        train(
            model, loader, sgd, F.cross_entropy, epochs, checkpoint=path, evaluate=evaluate,
            progress=False,
        )  # fmt: skip


@pytest.mark.parametrize("worker", [False, True])
def test_a_killed_process_leaves_nothing_locked(tmp_path, worker):
    lock = tmp_path / "new" / ".lock"
    for _ in range(3):
        order = [sys.executable, "-c", HOLD, lock, *(["worker"] if worker else [])]
        with subprocess.Popen(order, stdout=subprocess.PIPE, start_new_session=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith(b"held")
            with pytest.raises(InUseError, match="it is in use"), alone_with(lock, "it"):
                pass
            process.kill()
            process.wait()
            with alone_with(lock, "it"):
                pass
            if worker:
                os.killpg(process.pid, signal.SIGKILL)
