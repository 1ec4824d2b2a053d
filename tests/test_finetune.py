"""wode.finetune: real processes, killed and resumed, one or two of them; clear errors."""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from forking import KILLED, Forks
from torch.utils.data import DataLoader

from wode.bert import Bert, Config
from wode.data.pairs import Pair, collate
from wode.files.checkpoint import load_checkpoint, load_weights
from wode.files.safetensors import save_safetensors
from wode.finetune import main, parser, plot, sweep
from wode.heads import SequenceClassifier
from wode.training.evaluation import measured
from wode.training.finetuning import Data, Settings, load_data, rate_at, run
from wode.wordpiece import SPECIAL, WordPiece

KILLABLE = Path(__file__).with_name("killable_finetune.py")
ENVIRONMENT = os.environ | {
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "HF_HUB_OFFLINE": "1",
}
WORDS = ["how", "do", "i", "pay", "open", "close", "my", "card", "account", "?", "when", "is", "it"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    """A BERT of two layers of 16 with weights drawn by chance, in a folder as from the hub."""
    folder = tmp_path_factory.mktemp("tiny-bert")
    config = Config(
        vocab_size=len(SPECIAL) + len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=24,
    )
    (folder / "config.json").write_text(json.dumps(asdict(config)))
    (folder / "vocab.txt").write_text("\n".join([*SPECIAL, *WORDS]) + "\n")
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true}')
    torch.manual_seed(0)
    model = Bert(config)
    for parameter in model.parameters():  # large enough for a few steps to matter
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.3)
    save_safetensors(folder / "model.safetensors", model.state_dict())
    return folder


def pairs(number: int, seed: int) -> list[Pair]:
    generator = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(number):
        picks = torch.randint(0, len(WORDS), (8,), generator=generator).tolist()
        first, second = (" ".join(WORDS[i] for i in part) for part in (picks[:5], picks[5:]))
        found.append(Pair(first, second, int("card" in f"{first} {second}")))
    return found


def write_pairs(path: Path, number: int, seed: int) -> Path:
    rows = [
        {"sentence1": pair.first, "sentence2": pair.second, "label": str(pair.label)}
        for pair in pairs(number, seed)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Data in the form of AFQMC: train.json and dev.json."""
    folder = tmp_path_factory.mktemp("pairs")
    write_pairs(folder / "train.json", 43, seed=1)
    write_pairs(folder / "dev.json", 30, seed=2)
    return folder


def command(tiny: Path, data: Path, out: Path, *more: str) -> list[str]:
    given = ["--data", str(data), "--model", str(tiny), "--out", str(out), "--quiet"]
    return [*given, "--epochs", "2", "--lr", "1e-3", "1e-2", "--seeds", "0", "1", *more]


def start(arguments: list[str], ranks: int = 1) -> subprocess.CompletedProcess:
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={ranks}"]
    called = [sys.executable, *(launcher if ranks > 1 else []), "-m", "wode.finetune", *arguments]
    return subprocess.run(called, env=ENVIRONMENT, capture_output=True, text=True)


def files(out: Path) -> dict[str, bytes]:
    """What a sweep leaves that must not depend on how often it was killed."""
    kept = [*out.rglob("*.json"), *out.rglob("*.jsonl"), *out.rglob("*.svg")]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in kept}


# ---------------------------------------------------------------- the command


def test_help_names_every_option(capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["--help"])
    told = capsys.readouterr().out
    for field in fields(Settings):
        option = {"lr": "lr", "seed": "seeds"}.get(field.name, field.name.replace("_", "-"))
        assert f"--{option}" in told
    for option in ("--data", "--model", "--no-shuffle", "--out", "--device", "torchrun"):
        assert option in told


def test_the_command_from_files_to_results(tiny, folder, tmp_path):
    done = start(command(tiny, folder, tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "out" / "results.json").read_text())
    assert found["model"] == str(tiny)
    facts = found["data"]
    assert (facts["train"], facts["held_out"]) == (43, 30)
    ones = sum(pair.label for pair in pairs(30, seed=2))
    assert facts["majority"] == max(ones, 30 - ones) / 30
    runs = [(run["settings"]["lr"], run["settings"]["seed"]) for run in found["runs"]]
    assert runs == [(1e-3, 0), (1e-3, 1), (1e-2, 0), (1e-2, 1)]
    for each in found["runs"]:
        assert [(row["epoch"], row["step"]) for row in each["rows"]] == [(1, 3), (2, 6)]
        (folder_of,) = (tmp_path / "out").glob(Settings(**each["settings"]).name + "-*")
        log = [json.loads(line) for line in (folder_of / "log.jsonl").read_text().splitlines()]
        assert log == each["rows"]
        assert not (folder_of / "checkpoint.pth").exists()
    assert (tmp_path / "out" / "accuracy.svg").read_text().startswith("<?xml")
    assert len(done.stdout.splitlines()) == 4
    assert "lr 0.01 seed 1 shuffled: 0." in done.stdout


def test_finished_runs_are_not_repeated_and_new_ones_are_added(tiny, folder, tmp_path, capsys):
    arguments = command(tiny, folder, tmp_path)
    assert main([*arguments, "--lr", "1e-3"]) == 0
    first = json.loads((tmp_path / "results.json").read_text())
    logs = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("log.jsonl")}
    assert main(arguments) == 0
    second = json.loads((tmp_path / "results.json").read_text())
    assert second["runs"][:2] == first["runs"]
    assert len(second["runs"]) == 4
    assert main([*arguments, "--no-shuffle", "--lr", "1e-3", "--seeds", "0"]) == 0
    third = json.loads((tmp_path / "results.json").read_text())
    assert third["runs"][:4] == second["runs"]
    assert third["runs"][4]["settings"]["shuffle"] is False
    assert third["runs"][4]["rows"] != first["runs"][0]["rows"]
    assert {path: path.stat().st_mtime_ns for path in logs} == logs
    assert "in order" in capsys.readouterr().out


# ---------------------------------------------------------------- killed


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with Forks(KILLABLE, HF_HUB_OFFLINE="1") as forks:
        yield forks


def sweep_of_two(tiny: Path, folder: Path, out: Path) -> list[str]:
    return [*command(tiny, folder, out), "--seeds", "0"]


@pytest.fixture(scope="module")
def whole(forks, tiny, folder, tmp_path_factory) -> tuple[dict[str, bytes], int]:
    """What a sweep leaves that nothing killed, and how many events it had."""
    out = tmp_path_factory.mktemp("whole")
    code, events = forks.run(*sweep_of_two(tiny, folder, out), place=out)
    assert code == 0 and events > 40
    assert set(files(out)) >= {"results.json", "accuracy.svg"}
    return files(out), events


def test_killed_at_any_moment_and_resumed_the_results_are_the_same(
    forks, whole, tiny, folder, tmp_path
):
    """Each moment of the second of two runs, and the middle of results.json.

    Where the disk holds what it held at an earlier moment, what follows is known.
    """
    first = tmp_path / "first"
    asked = sweep_of_two(tiny, folder, first)
    assert forks.run(*asked, place=first / "lr0.01", event=0)[0] == -signal.SIGKILL
    shutil.copytree(first, tmp_path / "second")
    asked = sweep_of_two(tiny, folder, tmp_path / "second")
    code, events = forks.run(*asked, place=tmp_path / "second")
    assert code == 0
    held: list[dict[Path, bytes]] = []
    for place, event, size in [*(("", n, 0) for n in range(events)), ("results.json", 1, 300)]:
        out = tmp_path / f"{place}{event}"
        shutil.copytree(first, out)
        asked = sweep_of_two(tiny, folder, out)
        assert forks.run(*asked, place=out / place, event=event, size=size)[0] in KILLED
        now = {p.relative_to(out): p.read_bytes() for p in out.rglob("*") if p.is_file()}
        if now not in held:
            held.append(now)
            assert forks.run(*asked)[0] == 0
            assert files(out) == whole[0], (place, event)
            assert list(out.rglob("*.pth")) == []
    assert len(held) > 10


def test_killed_again_and_again(forks, whole, tiny, folder, tmp_path):
    """No start is given the events of one whole run: each must save what it did."""
    wanted, events = whole
    asked, starts = sweep_of_two(tiny, folder, tmp_path), 0
    while forks.run(*asked, place=tmp_path, event=events // 3)[0] == -signal.SIGKILL:
        starts += 1
        assert starts < 20, "no start gets any further"
    assert starts > 1
    assert files(tmp_path) == wanted


# ---------------------------------------------------------------- two processes


def test_two_processes_have_the_losses_of_one(tiny, folder, tmp_path):
    arguments = ["--dropout", "0", "--lr", "1e-2", "--clip", "1", "--warmup", "0.3", "--decay"]
    assert main([*command(tiny, folder, tmp_path / "1"), *arguments]) == 0
    done = start([*command(tiny, folder, tmp_path / "2"), *arguments], ranks=2)
    assert done.returncode == 0, done.stderr
    one, two = (json.loads((tmp_path / n / "results.json").read_text()) for n in "12")
    assert one["data"] == two["data"]
    assert len(one["runs"]) == len(two["runs"]) == 2
    for alone, both in zip(one["runs"], two["runs"], strict=True):
        assert alone["settings"] == both["settings"]
        for a, b in zip(alone["rows"], both["rows"], strict=True):
            assert a.keys() == b.keys()
            for key in a:
                assert math.isclose(a[key], b[key], rel_tol=1e-5, abs_tol=1e-6), key
    assert one["runs"][0]["rows"] != one["runs"][1]["rows"]


# ---------------------------------------------------------------- one run


def test_a_run_is_the_training_loop(tiny):
    """In order, without dropout: the same losses as by hand, step by step."""
    data = Data("pairs", pairs(24, 1), pairs(16, 2))
    settings = Settings(
        lr=1e-2, seed=3, shuffle=False, epochs=1, batch_size=24, dropout=0.0, clip=0.5
    )
    model, rows = run(data, settings, str(tiny), progress=False)
    untrained, _ = run(data, replace(settings, lr=1e-30), str(tiny), progress=False)
    inputs, labels = collate(WordPiece.from_pretrained(str(tiny)))(list(data.train))
    loss = F.cross_entropy(untrained(**inputs), labels)
    assert math.isclose(rows[0]["loss"], loss.item(), rel_tol=1e-6)
    untrained.zero_grad()
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(untrained.parameters(), 0.5)
    assert norm > 0.5  # else the clipping would do nothing
    torch.optim.AdamW(untrained.parameters(), 1e-2, weight_decay=0.01).step()
    for (name, a), b in zip(model.named_parameters(), untrained.parameters(), strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-5, msg=name)


def test_the_seed_draws_head_order_and_dropout(tiny):
    data = Data("pairs", pairs(24, 1), pairs(16, 2))
    rows = [
        run(data, Settings(lr=1e-2, seed=seed, epochs=1), str(tiny), progress=False)[1]
        for seed in (0, 0, 1)
    ]
    assert rows[0] == rows[1] != rows[2]


def test_a_rate_too_large_is_recorded_and_the_sweep_goes_on(tiny, tmp_path):
    data = Data("pairs", pairs(24, 1), pairs(16, 2))
    runs = [Settings(lr=lr, epochs=2, batch_size=8) for lr in (1e38, 1e-3)]
    found = sweep(data, runs, tmp_path, str(tiny), progress=False)
    assert "the loss is" in found["runs"][0]["diverged"]
    assert len(found["runs"][1]["rows"]) == 2
    assert json.loads((tmp_path / "results.json").read_text()) == found
    plot(found, tmp_path / "plot.svg")


def test_measured_counts_by_hand(tiny):
    data = pairs(40, 5)
    model, _ = run(Data("p", data, data), Settings(epochs=1), str(tiny), progress=False)
    loader = DataLoader(data, 7, collate_fn=collate(WordPiece.from_pretrained(str(tiny))))  # ty: ignore[invalid-argument-type]
    model.train()
    found = measured(model, loader)
    assert model.training
    model.eval()
    with torch.no_grad():
        inputs, labels = collate(WordPiece.from_pretrained(str(tiny)))(data)
        logits = model(**inputs)
    assert math.isclose(found["accuracy"], (logits.argmax(1) == labels).double().mean().item())
    assert math.isclose(found["answered_same"], logits.argmax(1).double().mean().item())
    wanted = F.cross_entropy(logits, labels).item()
    assert math.isclose(found["held_out_loss"], wanted, rel_tol=1e-5)


def test_saved_weights_give_the_same_answers(tiny, tmp_path):
    data = Data("pairs", pairs(24, 1), pairs(16, 2))
    found = sweep(data, [Settings(epochs=1)], tmp_path, str(tiny), progress=False, save=True)
    (path,) = tmp_path.glob("*/model.pth")
    model = SequenceClassifier.from_pretrained(str(tiny), 2)
    load_weights(model, load_checkpoint(path))
    together = collate(WordPiece.from_pretrained(str(tiny)))
    loader = DataLoader(list(data.held_out), 7, collate_fn=together)  # ty: ignore[invalid-argument-type]
    assert measured(model, loader)["accuracy"] == found["runs"][0]["rows"][0]["accuracy"]


def test_the_rate_rises_and_falls():
    settings = Settings(warmup=0.25, decay=True)
    shares = [rate_at(step, 20, settings) for step in range(20)]
    assert max(shares) == 1.0
    assert shares[:5] == sorted(shares[:5])
    assert shares[5:] == sorted(shares[5:], reverse=True)
    assert min(shares) > 0
    assert [rate_at(step, 20, Settings()) for step in range(20)] == [1.0] * 20
    level = [rate_at(step, 20, Settings(warmup=0.5)) for step in range(20)]
    assert level[10:] == [1.0] * 10


def test_other_settings_data_or_model_have_another_folder(tiny, tmp_path):
    """Else a run would go on from a checkpoint that is not its own."""
    data = Data("pairs", pairs(4, 1), pairs(4, 2))
    others: dict[str, Any] = {
        "lr": 1e-4, "seed": 1, "shuffle": False, "epochs": 2, "batch_size": 8, "warmup": 0.1,
        "decay": True, "clip": 1.0, "weight_decay": 0.1, "dropout": 0.2, "max_length": 20,
    }  # fmt: skip
    assert others.keys() == {field.name for field in fields(Settings)}
    first = Settings(epochs=1)
    runs = [first, *(replace(first, **{key: value}) for key, value in others.items())]
    sweep(data, runs, tmp_path, str(tiny), progress=False)
    assert len(list(tmp_path.glob("*/log.jsonl"))) == 1 + len(others)
    (tmp_path / "results.json").unlink()
    sweep(replace(data, held_out=pairs(5, 2)), [first], tmp_path, str(tiny), progress=False)
    assert len(list(tmp_path.glob("*/log.jsonl"))) == 2 + len(others)


# ---------------------------------------------------------------- data


def test_data_by_name_by_folder_and_by_file(folder, tmp_path):
    english, chinese = load_data(["pairs-en"]), load_data(["pairs-zh"])
    assert [pair.label for pair in english.train] == [pair.label for pair in chinese.train]
    both = load_data([str(folder)])
    assert list(both.train) == pairs(43, 1)
    assert list(both.held_out) == pairs(30, 2)
    files = [str(folder / "train.json"), str(folder / "dev.json")]
    assert load_data(files).train == both.train
    assert load_data(files).name == both.name == "train.json dev.json"
    one = load_data(files[:1], 0.25)
    assert (len(one.train), len(one.held_out)) == (32, 11)
    assert sorted([*one.train, *one.held_out]) == sorted(both.train)
    assert one == load_data(files[:1], 0.25)


def test_messages(tiny, folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    def error(*more: str) -> str:
        with pytest.raises(SystemExit) as stopped:
            main([*command(tiny, folder, tmp_path / "out"), *more])
        assert stopped.value.code in (1, 2)
        return capsys.readouterr().err

    assert "expected lr > 0, got -1.0" in error("--lr", "-1")
    assert "expected epochs ≥ 1, got 0" in error("--epochs", "0")
    assert "expected batch_size ≥ 1, got 0" in error("--batch-size", "0")
    assert "expected warmup from 0 to 1, got 2.0" in error("--warmup", "2")
    assert "expected clip > 0, got 0.0" in error("--clip", "0")
    assert "invalid float value: 'fast'" in error("--lr", "fast")
    assert "no file nowhere, and it is none of pairs-en, pairs-zh" in error("--data", "nowhere")
    assert "expected a name, a folder, one file or two" in error("--data", "a", "b", "c")
    assert "nobody/nothing was not found" in error("--model", "nobody/nothing")
    (tmp_path / "half").mkdir()
    write_pairs(tmp_path / "half" / "dev.json", 5, 0)
    assert "expected train.json in the folder" in error("--data", str(tmp_path / "half"))
    assert "it holds dev.json" in error("--data", str(tmp_path / "half"))
    one = str(tmp_path / "half" / "dev.json")
    assert "got 0.0 of 5 pairs" in error("--data", one, "--hold-out", "0")
    (tmp_path / "bad.json").write_text("{\n")
    assert "bad.json, line 1: not JSON" in error("--data", str(tmp_path / "bad.json"))
    (tmp_path / "empty").mkdir()
    assert "expected tokenizer_config.json in the folder" in error(
        "--model", str(tmp_path / "empty")
    )
    assert "device" in error("--device", "abacus")
    assert not list((tmp_path / "out").rglob("*.pth"))

    assert main([*command(tiny, folder, tmp_path / "used"), "--lr", "1e-3", "--seeds", "0"]) == 0
    capsys.readouterr()
    assert "give another folder" in error("--data", "pairs-en", "--out", str(tmp_path / "used"))
    (tmp_path / "used" / "results.json").write_text("{")
    assert "is no file of results" in error("--out", str(tmp_path / "used"))


def test_the_defaults_of_the_command_are_those_of_settings(tmp_path):
    given = vars(parser().parse_args(["--out", str(tmp_path)]))
    for name, value in asdict(Settings()).items():
        assert given.get({"seed": "seeds"}.get(name, name)) in (value, [value])
