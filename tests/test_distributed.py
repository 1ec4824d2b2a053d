"""wode.training.distributed: several processes train as one, and go on after a kill."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from forking import Forks
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, TensorDataset

from wode.data import LineStream
from wode.files.checkpoint import load_checkpoint
from wode.training import distributed
from wode.training.distributed import ShardedBatches, groups, share_of

JOB = Path(__file__).with_name("distributed_job.py")
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def torchrun(folder: Path, **run: object) -> subprocess.CompletedProcess:
    """One run of distributed_job.py in two ranks to its end."""
    folder.mkdir()
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    script = [JOB, json.dumps({"folder": str(folder), **run})]
    return subprocess.run(
        [sys.executable, *launcher, *script], env=ENVIRONMENT, capture_output=True, text=True
    )


Start = Callable[..., int]


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    """One run in forked ranks to its end; its exit code."""

    def run(folder: Path, ranks: int, **run: object) -> int:
        folder.mkdir(exist_ok=True)
        return forks.run(json.dumps({"folder": str(folder), **run}), ranks)[0]

    with Forks(JOB) as forks:
        yield run


def losses(folder: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (folder / "log.jsonl").read_text().splitlines()]


def left(folder: Path) -> tuple[bytes, bytes, list]:
    """Log, weights and moments, and each rank's next random number, to compare bit for bit."""
    final = load_checkpoint(folder / "final.pt")
    tensors = [*final["model"].values()]
    tensors += [kept["exp_avg_sq"] for kept in final["optimizer"]["state"].values()]
    weights = b"".join(tensor.numpy().tobytes() for tensor in tensors)
    facts = json.loads((folder / "facts.json").read_text())
    for rank in facts:
        del rank["seen"]  # a run that goes on sees fewer
    return (folder / "log.jsonl").read_bytes(), weights, facts


# ---------------------------------------------------------------- shares


@given(st.integers(0, 40), st.integers(1, 9))
def test_shares_joined_are_the_batch_and_differ_by_one_at_most(size, ranks):
    batch = list(range(size))
    shares = [share_of(batch, rank, ranks) for rank in range(ranks)]
    assert [index for share in shares for index in share] == batch
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
    assert len(shares[0]) == max(map(len, shares))


def test_a_rank_without_a_share_has_one_batch_fewer_and_only_at_the_end():
    batches = [[4, 1, 3], [0, 2, 6], [5]]
    assert list(ShardedBatches(batches, 0, 2)) == [[4, 1], [0, 2], [5]]
    assert list(ShardedBatches(batches, 1, 2)) == [[3], [6]]
    with pytest.raises(ValueError, match=r"at least 2 samples .* got 1 before the last"):
        list(ShardedBatches([[1], [2, 3]], 1, 2))


def test_groups_weigh_by_labels():
    labels = [torch.tensor(row) for row in ([1, -100, 2], [3], [-100])]
    batches = [(torch.zeros(len(row), 2), row) for row in labels]
    shares = [[share for share, _ in group] for group in groups(iter(batches), 2)]
    assert shares == [[2 / 3, 1 / 3], [1.0]]


def test_every_line_comes_once_whatever_the_ranks_and_workers(tmp_path, monkeypatch):
    path = tmp_path / "lines.txt"
    lines = [f"{number} " + "x" * (number % 13) for number in range(50)]
    path.write_text("\n".join(lines))
    for ranks in (1, 2, 3, 5):
        for workers in (1, 2, 3):
            monkeypatch.setenv("WORLD_SIZE", str(ranks))
            seen = []
            for rank in range(ranks):
                monkeypatch.setenv("RANK", str(rank))
                for worker in range(workers):
                    info = type("Info", (), {"id": worker, "num_workers": workers})
                    monkeypatch.setattr("wode.data.lines.get_worker_info", lambda info=info: info)
                    seen += list(LineStream(path))
            assert seen == lines


# ---------------------------------------------------------------- wrong ways to start


def test_started_wrongly_it_says_how_to_start(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(RuntimeError, match=r"RANK, LOCAL_RANK, .* missing: start with `torchrun"):
        distributed.joined().__enter__()
    with pytest.raises(RuntimeError, match="WORLD_SIZE is 2, but this process has not joined"):
        distributed.world()


def test_ranks_that_would_draw_other_batches_are_refused(monkeypatch):
    monkeypatch.setattr(distributed, "world", lambda: (0, 2))
    data = TensorDataset(torch.zeros(8, 1))
    with pytest.raises(ValueError, match="needs DataLoader"):
        distributed.sharded(DataLoader(data, 4, shuffle=True))
    monkeypatch.setattr(distributed, "from_all", lambda value: [value, [0]])
    loader = DataLoader(data, 4, shuffle=True, generator=torch.Generator())
    with pytest.raises(ValueError, match="differs between ranks"):
        distributed.sharded(loader)
    sampler = torch.utils.data.DistributedSampler(data, num_replicas=2, rank=0)
    with pytest.raises(ValueError, match="global batches"):
        distributed.sharded(DataLoader(data, 4, sampler=sampler))


# ---------------------------------------------------------------- real processes


@pytest.mark.parametrize("ignored", [False, True])
def test_two_processes_give_the_losses_of_one(start, tmp_path, ignored):
    """81 samples in batches of 8: the last has one, rank 1 has none. Or: labels of -100.

    By SGD: Adam divides a constant factor of the gradient out again. And equal losses alone do not
    show that the work was divided: ranks that each take the whole batch have them, too.
    """
    runs = {"one": (1, {}), "two": (2, {})}
    if not ignored:
        runs["accumulated"] = (2, {"batch_size": 4, "accumulate": 2})
        runs["fsdp"] = (2, {"mode": "fsdp", "batch_size": 4, "accumulate": 2})
    alike = {"samples": 87 if ignored else 81, "optimizer": "sgd", "ignored": ignored}
    for name, (ranks, run) in runs.items():
        assert start(tmp_path / name, ranks, **alike, **run) == 0, name
    one = losses(tmp_path / "one")
    assert len(one) == 2 * 11  # both last batches count
    for name in runs:
        assert losses(tmp_path / name) == pytest.approx(one, rel=0, abs=1e-6), name
        final = load_checkpoint(tmp_path / name / "final.pt")["model"]
        for key, value in load_checkpoint(tmp_path / "one" / "final.pt")["model"].items():
            assert torch.allclose(final[key], value, atol=1e-5), (name, key)
        seen = [rank["seen"] for rank in json.loads((tmp_path / name / "facts.json").read_text())]
        if ignored:  # a share without a label that counts asks for no loss
            assert 0.9 * 2 * 87 < sum(seen) <= 2 * 87, name
        else:
            assert sum(seen) == 2 * 81, name
    if ignored:
        return
    sharded = json.loads((tmp_path / "fsdp" / "facts.json").read_text())
    held = json.loads((tmp_path / "two" / "facts.json").read_text())
    assert sum(rank["weights"] for rank in sharded) == 12 * 16 + 16 + 16 * 5 + 5
    assert max(rank["moments"] for rank in sharded) < 0.55 * held[0]["moments"]


@pytest.mark.parametrize("loss", [{"ignore_index": 3}, {"reduction": "sum"}])
def test_class_weights_ignored_labels_and_sums_are_read_off_the_loss(start, tmp_path, loss):
    """81 samples: rank 1 has none of the last batch; class 0 weighs nothing, class 4 nine."""
    alike = {"samples": 81, "optimizer": "sgd", "loss": loss, "epochs": 1}
    assert start(tmp_path / "one", 1, **alike) == 0
    for name, more in {"two": {}, "accumulated": {"batch_size": 4, "accumulate": 2}}.items():
        assert start(tmp_path / name, 2, **alike, **more) == 0
        wanted = losses(tmp_path / "one")
        assert losses(tmp_path / name) == pytest.approx(wanted, rel=1e-5, abs=1e-6), name
        final = load_checkpoint(tmp_path / name / "final.pt")["model"]
        for key, value in load_checkpoint(tmp_path / "one" / "final.pt")["model"].items():
            assert torch.allclose(final[key], value, rtol=1e-4, atol=1e-5), (name, key)


def test_killed_at_any_step_it_ends_and_goes_on_bit_for_bit(start, tmp_path):
    """DDP and FSDP, with dropout: each rank's own random numbers go on as well."""
    runs = {mode: {"mode": mode, "dropout": 0.4, "accumulate": 2} for mode in ("ddp", "fsdp")}
    for mode, run in runs.items():
        assert start(tmp_path / mode, 2, **run) == 0
        facts = json.loads((tmp_path / mode / "facts.json").read_text())
        assert facts[0]["seed"] != facts[1]["seed"]  # each rank draws masks of its own
    for mode, rank, call in [("ddp", 1, 2), ("ddp", 1, 7), ("ddp", 0, 12), ("fsdp", 1, 15)]:
        folder = tmp_path / f"{mode}-killed-{call}"
        assert start(folder, 2, **runs[mode], kill=[rank, call]) == signal.SIGKILL
        assert (folder / "checkpoint.pt").exists() == (call > 2)
        assert start(folder, 2, **runs[mode]) == 0
        assert left(folder) == left(tmp_path / mode)


def test_errors_end_the_job_and_name_the_rank(start, tmp_path):
    """Under torchrun: by its message for a kill, by the error's own for the others."""
    cases = {
        "kill": ({"kill": [0, 3]}, "Signal 9 (SIGKILL) received"),
        "raise": ({"raise": [1, 3]}, "ZeroDivisionError: rank 1 is out of luck"),
        "stuck": ({"stuck": [1, 3], "timeout": 4}, "Timed out waiting 4000ms"),
    }
    with ThreadPoolExecutor(2) as pool:
        jobs = {n: pool.submit(torchrun, tmp_path / n, **run) for n, (run, _) in cases.items()}
    for name, job in jobs.items():
        end = job.result()
        assert end.returncode != 0
        assert cases[name][1] in end.stderr, end.stderr[-3000:]
    assert "rank      : 0 " in jobs["kill"].result().stderr
    assert start(tmp_path / "nan", 2, nan=[1, 4]) != 0
    said = (tmp_path / "nan" / "said-1").read_text()
    assert "FloatingPointError: the loss is nan at epoch 1, step 4, rank 1" in said


def test_a_stream_of_unequal_shares_and_another_number_of_ranks(start, tmp_path):
    (tmp_path / "lines.txt").write_text("\n".join(map(str, range(83))))
    stream = str(tmp_path / "lines.txt")
    assert start(tmp_path / "stream", 2, stream=stream, epochs=1) == 0
    assert len(losses(tmp_path / "stream")) >= 11
    assert start(tmp_path / "whole", 1, epochs=2) == 0
    for mode in ("ddp", "fsdp"):
        assert start(tmp_path / mode, 2, epochs=1, mode=mode) == 0
        assert start(tmp_path / mode, 1, epochs=2) == 0  # two processes began it, one goes on
        both = losses(tmp_path / mode), losses(tmp_path / "whole")
        assert both[0] == pytest.approx(both[1], rel=0, abs=1e-6), mode


def test_a_wrapped_model_may_outlive_the_group(start, tmp_path):
    """Two ranks, 30 ends in a row: at one of them torch alone hung, in each of three tries."""
    assert start(tmp_path, 2, ends=30) == 0
