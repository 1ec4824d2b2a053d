"""wode.finetune: real processes, killed and resumed, one or two of them; clear errors."""

import contextlib
import io
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from forking import KILLED, Forks
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from wode.bert import Bert, Config
from wode.data.pairs import Pair, PairFile, collate
from wode.files.checkpoint import load_checkpoint, load_weights
from wode.files.safetensors import save_safetensors
from wode.finetune import main, parser, plot, sweep
from wode.heads import SequenceClassifier
from wode.training.evaluation import measured
from wode.training.finetuning import LIMITS, Data, Settings, load_data, rate_at, run
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
    while forks.run(*asked, place=tmp_path, event=2 * events // 5)[0] == -signal.SIGKILL:
        starts += 1
        assert starts < 20, "no start gets any further"
    assert starts > 1
    assert files(tmp_path) == wanted


def test_several_at_once_in_one_folder_lose_nothing(forks, tiny, folder, tmp_path):
    """Those that another one keeps out say so and end with 1; typed again, all results are there.

    Without a lock the last one to write leaves its own results alone, and all end with 0.
    """
    rates = ["0.001", "0.002", "0.003"]
    refused = 0
    for number in range(6):
        out, said = tmp_path / str(number), tmp_path / f"said{number}"
        said.mkdir()
        asked = [*command(tiny, folder, out), "--seeds", "0"]
        assert forks.run("together", said, ",".join(rates), *asked)[0] == 0
        codes = list(map(int, (said / "codes").read_text().split()))
        results = json.loads((out / "results.json").read_text())
        done = {str(each["settings"]["lr"]) for each in results["runs"]}
        for rate, code in zip(rates, codes, strict=True):
            assert code == (0 if rate in done else 1)
            told = (said / rate).read_text().splitlines()
            assert len(told) == (code == 1), told
            assert code == 0 or f"{out} is in use by another process" in told[0]
        refused += codes.count(1)
        for rate in rates:
            assert forks.run(*asked, "--lr", rate)[0] == 0
        results = json.loads((out / "results.json").read_text())
        assert sorted(str(each["settings"]["lr"]) for each in results["runs"]) == rates
    assert refused >= 6, "they were not there at the same time"


def test_measured_on_nothing_finite_is_recorded_and_the_sweep_goes_on(tiny, tmp_path):
    """One step at an absurd rate: the loss before it was finite, the answers after it are not."""
    data = Data("pairs", pairs(24, 1), pairs(16, 2))
    runs = [Settings(lr=lr, epochs=1, batch_size=24) for lr in (1e38, 1e-3)]
    found = sweep(data, runs, tmp_path, str(tiny), progress=False)
    assert "got nan" in found["runs"][0]["diverged"]
    assert found["runs"][0]["rows"] == []
    assert json.loads((tmp_path / "results.json").read_text()) == found
    plot(found, tmp_path / "plot.svg")


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
    for names in ("pairs-en", "a"):
        with pytest.raises(TypeError, match=r"expected names, a list, got one string: write \["):
            load_data(names)
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


@pytest.fixture
def error(tiny, folder, tmp_path, capsys, monkeypatch) -> Callable[..., str]:
    """The one line with which the command refuses these options more; nothing was trained."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    def ask(*more: str) -> str:
        with pytest.raises(SystemExit) as stopped:
            main([*command(tiny, folder, tmp_path / "out"), *more])
        assert stopped.value.code in (1, 2)
        told = capsys.readouterr().err.splitlines()
        assert told[-1].startswith("python -m wode.finetune: error: ")
        assert len(told) == 1 or (len(told) == 2 and told[0].startswith(str(tmp_path)))  # its run
        assert not list(tmp_path.rglob("out/**/*.pth"))
        return told[-1]

    return ask


def test_an_option_that_is_none_is_named_with_its_value(error):
    positive, count = "expected a finite number > 0", "expected a whole number ≥ 1"
    for option, value, wanted in [
        ("--lr", "-1", positive), ("--lr", "nan", positive), ("--lr", "fast", positive),
        ("--lr", "-1e-5", positive), ("--clip", "-inf", positive), ("--clip", "-nan", positive),
        ("--clip", "0", positive), ("--clip", "inf", positive), ("--clip", "1e999", positive),
        ("--epochs", "0", count), ("--epochs", "0.5", count), ("--epochs", "nan", count),
        ("--batch-size", "0", count), ("--batch-size", str(2**64), count),
        ("--warmup", "2", "expected a finite number from 0 to 1"),
        ("--hold-out", "nan", "expected a finite number between 0 and 1"),
        ("--hold-out", "0", "expected a finite number between 0 and 1"),
        ("--dropout", "1", "expected a finite number from 0 to below 1"),
        ("--weight-decay", "inf", "expected a finite number ≥ 0"),
        ("--max-length", "4", "expected a whole number ≥ 5"),
        ("--seeds", str(2**64), "expected a whole number from 0 to 2**64 - 1"),
        ("--seeds", "-1", "expected a whole number from 0 to 2**64 - 1"),
    ]:  # fmt: skip
        assert f"argument {option}: {wanted}, got {value!r}" in error(option, value)
    assert "argument --device: device 'abacus' is unknown" in error("--device", "abacus")
    if not torch.cuda.is_available():
        assert "argument --device: device 'cuda' is not available" in error("--device", "cuda")


def test_data_that_is_none_is_named(error, tmp_path):
    assert "no file nowhere, and it is none of pairs-en, pairs-zh" in error("--data", "nowhere")
    assert "expected a name, a folder, one file or two" in error("--data", "a", "b", "c")
    (tmp_path / "half").mkdir()
    one = write_pairs(tmp_path / "half" / "dev.json", 5, 0)
    assert "expected train.json in the folder" in error("--data", str(tmp_path / "half"))
    assert "it holds dev.json" in error("--data", str(tmp_path / "half"))
    assert "got 0.01 of 5" in error("--data", str(one), "--hold-out", "0.01")
    assert "is learned from and measured on" in error("--data", str(one), str(one))
    assert "is a folder; a folder is given alone" in error("--data", str(one), str(tmp_path))
    (tmp_path / "bad.json").write_text("{\n")
    assert "bad.json, line 1: not JSON" in error("--data", str(tmp_path / "bad.json"))
    (tmp_path / "bad.json").write_text("[" * 100_000)
    assert "bad.json" in error("--data", str(tmp_path / "bad.json"))
    (tmp_path / "bad.json").write_text("")
    assert "bad.json: expected a pair a line" in error("--data", str(tmp_path / "bad.json"))
    (tmp_path / "bad.json").write_bytes("你好".encode("gbk"))
    assert "bad.json, line 1: not UTF-8" in error("--data", str(tmp_path / "bad.json"))
    (tmp_path / "bad.json").write_text('{"sentence1": "a", "sentence2": "b", "label": "0"}\n' * 9)
    assert "both labels to learn from, all 7 of" in error("--data", str(tmp_path / "bad.json"))


def test_a_model_that_is_none_is_named(error, tiny, tmp_path):
    assert "nobody/nothing was not found" in error("--model", "nobody/nothing")
    for name in ("./nowhere", "/nowhere", "no/where/", "..\\nowhere"):
        assert f"argument --model: no folder {name} on this" in error("--model", name)
    (tmp_path / "empty").mkdir()
    assert "expected config.json in the folder" in error("--model", str(tmp_path / "empty"))
    broken = {"config.json": ["[]", "[" * 100_000, "{}"], "tokenizer_config.json": ["[]"]}
    for name, texts in broken.items():
        for number, text in enumerate(texts):
            copy = shutil.copytree(tiny, tmp_path / f"{name}{number}")
            (copy / name).write_text(text)
            assert copy.name in error("--model", str(copy)), text[:9]
    copy = shutil.copytree(tiny, tmp_path / "\udcff")  # a name that is no UTF-8, and so no JSON
    assert "cannot be written" in error("--model", str(copy))


def test_a_folder_that_cannot_be_written_is_named(error, tmp_path):
    for out in (write_pairs(tmp_path / "a.txt", 1, 0), tmp_path / "a.txt" / "below"):
        assert re.search(f"argument --out: .*{out}", error("--out", str(out)))
    for name in ("results.json", "accuracy.svg"):
        (tmp_path / name / name).mkdir(parents=True)
        assert f"{name} is a folder, and a file" in error("--out", str(tmp_path / name))


def test_ctrl_c_says_how_to_go_on(tiny, folder, tmp_path, capsys, monkeypatch):
    def interrupted(*args: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("wode.training.loop.seven_steps", interrupted)
        with pytest.raises(SystemExit, match="130"):
            main(command(tiny, folder, tmp_path))
    assert capsys.readouterr().err.endswith("interrupted; typed again, it goes on\n")
    assert main(command(tiny, folder, tmp_path)) == 0


def test_results_that_are_none_or_of_other_data_are_left_alone(
    error, tiny, folder, tmp_path, capsys
):
    assert main([*command(tiny, folder, tmp_path / "used"), "--lr", "1e-3", "--seeds", "0"]) == 0
    capsys.readouterr()
    assert "give another folder" in error("--data", "pairs-en", "--out", str(tmp_path / "used"))
    used = tmp_path / "used" / "results.json"
    good = json.loads(used.read_text())
    spoilt: list[Any] = [[], {}, 3, good | {"runs": 3}, good | {"runs": [1]}, good | {"runs": [{}]}]
    for key, value in [("settings", {"lr": -1}), ("settings", {"size": 1}), ("settings", 3),
                       ("rows", None), ("rows", [{}]), ("rows", [{"accuracy": math.nan}]),
                       ("rows", [{"accuracy": "high"}])]:  # fmt: skip
        spoilt.append(good | {"runs": [good["runs"][0] | {key: value}]})
    for text in ["{", "", "[" * 100_000, *map(json.dumps, spoilt)]:
        used.write_text(text)
        assert "is no file of results" in error("--out", str(tmp_path / "used")), text[:200]
        assert used.read_text() == text


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_value_of_an_option_is_a_traceback(data):
    """Either settings that can be written as JSON, or one line and exit code 2."""
    names = [f"--{name.replace('_', '-')}" for name in LIMITS if name != "seed"] + ["--seeds"]
    option = data.draw(st.sampled_from([*names, "--hold-out", "--device"]))
    numbers = st.one_of(st.floats(), st.integers(), st.integers(-3, 3), st.just(10**5000))
    with_limit = st.sampled_from(["nan", "-inf", "1e999", "0x10", "1_0", "٣", "", "True", "1e-400"])
    value = data.draw(st.one_of(numbers.map(written), with_limit, st.text(max_size=9)))
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            given = vars(parser().parse_args(["--out", "x", f"{option}={value}"]))
    except SystemExit as end:
        assert end.code == 2  # noqa: PT017
        assert re.fullmatch(r"python -m wode.finetune: error: .*\n", err.getvalue())
        assert f"argument {option}" in err.getvalue()
        return
    kept = {name: given[name] for name in given if name in Settings.__dataclass_fields__}
    made = Settings(**kept | {"lr": given["lr"][0], "seed": given["seeds"][0]})
    json.dumps(asdict(made), allow_nan=False)
    made.name.encode()


def written(number: float) -> str:
    return "1" + "0" * 5000 if number == 10**5000 else str(number)


def test_settings_from_python_keep_to_the_same_limits():
    wrong: list[tuple[str, Any]] = [("lr", math.inf), ("lr", "1"), ("lr", 10**400), ("seed", 2**64),
                        ("seed", 0.0), ("epochs", True), ("epochs", 0.5), ("clip", math.nan),
                        ("weight_decay", -1), ("lr", None), ("batch_size", None)]  # fmt: skip
    for name, value in wrong:
        with pytest.raises(ValueError, match=f"^{name}: expected a .* number"):
            Settings(**{name: value})
    with pytest.raises(ValueError, match="expected shuffle True or False, got 'no'"):
        Settings(shuffle="no")  # ty: ignore[invalid-argument-type]


def test_the_example_in_the_help_is_a_file_that_is_read(tmp_path, capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["--help"])
    told = capsys.readouterr().out
    lines = [line for line in told.splitlines() if line.startswith("{")]
    (tmp_path / "pairs.json").write_text("\n".join(lines))
    assert {pair.label for pair in PairFile(tmp_path / "pairs.json").pairs} == {0, 1}


def test_the_defaults_of_the_command_are_those_of_settings(tmp_path):
    given = vars(parser().parse_args(["--out", str(tmp_path)]))
    for name, value in asdict(Settings()).items():
        assert given.get({"seed": "seeds"}.get(name, name)) in (value, [value])
