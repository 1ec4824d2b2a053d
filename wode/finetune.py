"""Fine-tune a BERT on pairs of sentences, over rates and seeds: ``python -m wode.finetune``.

One run is `wode.training.finetuning.run`. `sweep` is one after another, in a folder: each writes
its log and its checkpoint, and when it has ended its rows go into ``results.json``. Killed at any
moment and called again, it goes on where it was, and leaves the same results. One process at a time
may write into a folder; another one is refused at once. Under ``torchrun`` the ranks share each
batch, and rank 0 writes.

    python -m wode.finetune --data pairs-en --lr 1e-5 5e-5 2e-4 --seeds 0 1 2 --out runs/pairs
    python -m wode.finetune --data afqmc/ --model google-bert/bert-base-chinese --out runs/afqmc
"""

import contextlib
import hashlib
import json
import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

# Before torch is imported: threads that spin while they wait make small steps ten times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from wode.files.atomic import write_text
from wode.files.checkpoint import save_checkpoint
from wode.files.hub import MINILM, find
from wode.files.locking import alone_with
from wode.files.strict_json import read_json_lines, read_object
from wode.training import distributed
from wode.training.finetuning import Data, Settings, load_data, run
from wode.training.options import one_line, parser


def sweep(
    data: Data,
    runs: Sequence[Settings],
    out: str | os.PathLike[str],
    model_id: str = MINILM,
    *,
    device: str | torch.device | None = None,
    progress: bool = True,
    save: bool = False,
) -> dict[str, Any]:
    """`run` for each settings of ``runs``; what ``out/results.json`` holds already is not repeated.

    With ``save`` each run leaves its weights in its folder, ``model.pth``.

    Returns:
        What the file holds: ``data`` (its facts), ``model``, and ``runs``, a list of ``settings``,
        ``rows`` and, where the loss was no longer finite, ``diverged``: the error's text.

    Raises:
        InUseError: another process writes into ``out``.
        ValueError: the folder's results are of other data or another model, or something cannot be
            written there; before anything is trained.
        FloatingPointError: under torchrun, a run diverged (the ranks cannot agree to go on).
    """
    with _alone_in(Path(out)):
        return _sweep(data, runs, Path(out), model_id, device, progress, save)


@contextlib.contextmanager
def _alone_in(out: Path) -> Iterator[None]:
    with contextlib.ExitStack() as held:
        if distributed.world()[0] == 0:
            held.enter_context(alone_with(out / ".lock", out))
        yield


def _sweep(
    data: Data,
    runs: Sequence[Settings],
    out: Path,
    model_id: str,
    device: str | torch.device | None,
    progress: bool,
    save: bool,
) -> dict[str, Any]:
    head = {"data": data.facts(), "model": model_id}
    results = distributed.from_all(_results(out, head))[0]  # rank 0's, for all
    for settings in runs:
        folder = out / _folder(settings, head)
        if any(done["settings"] == asdict(settings) for done in results["runs"]):
            _drop_checkpoint(folder)  # it was killed after its results, before this
            continue
        if progress and distributed.world()[0] == 0:
            print(f"{folder}", file=sys.stderr)
        done: dict[str, Any] = {"settings": asdict(settings)}
        try:
            model, done["rows"] = run(
                data, settings, model_id, folder, device=device, progress=progress
            )
            if save and distributed.world()[0] == 0:
                save_checkpoint(folder / "model.pth", model.state_dict())
        except FloatingPointError as error:
            if distributed.world()[1] > 1:
                raise
            done |= {"rows": _read_log(folder / "log.jsonl"), "diverged": str(error)}
        results["runs"].append(done)
        if distributed.world()[0] == 0:
            write_text(out / "results.json", _text(results))
        _drop_checkpoint(folder)
    return results


def _text(results: Mapping[str, Any]) -> str:
    return json.dumps(results, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _drop_checkpoint(folder: Path) -> None:
    """Delete what a finished run needs no more: it is as large as three models."""
    if distributed.world()[0] == 0:
        (folder / "checkpoint.pth").unlink(missing_ok=True)


def _folder(settings: Settings, head: Mapping[str, Any]) -> str:
    """The name of a run's folder: another one for other settings, other data, another model."""
    text = json.dumps([asdict(settings), dict(head)], sort_keys=True)
    return f"{settings.name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _results(out: Path, head: Mapping[str, Any]) -> dict[str, Any]:
    """What ``results.json`` holds, or the beginning of it; all of it can be written again."""
    path = out / "results.json"
    if distributed.world()[0] > 0:
        return {**head, "runs": []}
    for name in ("results.json", "accuracy.svg"):
        if (out / name).is_dir():
            raise ValueError(f"{out / name} is a folder, and a file is to go there: remove it")
    try:
        _text(head).encode()
    except ValueError as error:
        raise ValueError(f"the names {head} cannot be written to {path}: {error}") from error
    if not path.exists():
        return {**head, "runs": []}
    try:
        results = read_object(path)
        other = [key for key in head if results[key] != head[key]]
        results["runs"] = [_checked(done) for done in results["runs"]]
        _text(results).encode()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path} is no file of results: give another folder ({error!r})"
        ) from error
    if other:
        raise ValueError(
            f"{path} holds runs with {' and '.join(f'{key} {results[key]}' for key in other)}, not "
            f"{' and '.join(f'{head[key]}' for key in other)}: give another folder"
        )
    return results


def _checked(done: dict[str, Any]) -> dict[str, Any]:
    """One run of a file of results, if `plot` and `summary` can show it."""
    summary(done)
    if not all(math.isfinite(row["accuracy"]) for row in done["rows"]):
        raise ValueError("an accuracy that is not finite")
    return done


def _read_log(path: Path) -> list[dict[str, Any]]:
    return [row for _, row in read_json_lines(path)] if path.exists() else []


def plot(results: Mapping[str, Any], path: str | os.PathLike[str]) -> Path:
    """Draw accuracy after each epoch: a line a rate (mean of the seeds), a dot a run."""
    from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure, save_svg

    groups: dict[str, list[list[float]]] = {}
    for done in results["runs"]:
        settings = Settings(**done["settings"])
        differing = [
            f"{key} {value}"
            for key, value in asdict(replace(settings, seed=0)).items()
            if key == "lr" or any(other["settings"][key] != value for other in results["runs"])
        ]
        name = ", ".join(differing)
        groups.setdefault(name, []).append([row["accuracy"] for row in done["rows"]])
    figure, axes = new_figure(6.4, 3.6, lang="en")
    for number, (name, lines) in enumerate(groups.items()):
        color, marker = PALETTE[number % len(PALETTE)], MARKERS[number % len(MARKERS)]
        for line in lines:
            axes.plot(range(1, len(line) + 1), line, marker, color=color, alpha=0.5, markersize=4)
        longest = max(map(len, lines))
        means = [
            sum(line[k] for line in lines if len(line) > k) / sum(len(line) > k for line in lines)
            for k in range(longest)
        ]
        style = LINESTYLES[number % len(LINESTYLES)]
        axes.plot(range(1, longest + 1), means, color=color, linestyle=style, label=name)
    axes.axhline(
        results["data"]["majority"], color="grey", linewidth=1, label="always the majority"
    )
    axes.set_xlabel("epoch")
    axes.set_ylabel("held-out accuracy")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(fontsize=8)
    return save_svg(figure, Path(path))


# ---------------------------------------------------------------- the command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 if all went well, 2 if an option is wrong, 130 for Ctrl-C, else 1."""
    made = parser()
    given = made.parse_args(arguments)
    kept = {
        key: value for key, value in vars(given).items() if key in Settings.__dataclass_fields__
    }
    runs = [Settings(**kept | {"lr": lr, "seed": seed}) for lr in given.lr for seed in given.seeds]
    option = "--data"
    try:
        data = load_data(given.data, given.hold_out)
        option = "--model"
        find(given.model, "config.json")
        option = "--out"
        given.out.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        made.error(f"argument {option}: {error}")
    try:
        with distributed.joined() as device, _alone_in(given.out):
            results = _sweep(
                data,
                runs,
                given.out,
                given.model,
                given.device or device,
                not given.quiet,
                given.save,
            )
            if distributed.world()[0] == 0:
                plot(results, given.out / "accuracy.svg")
                for done in results["runs"]:
                    print(summary(done))
    except (OSError, ValueError, RuntimeError, FloatingPointError) as error:
        made.exit(1, f"{made.prog}: error: {one_line(error)}\n")
    except KeyboardInterrupt:
        made.exit(130, f"{made.prog}: interrupted; typed again, it goes on\n")
    return 0


def summary(done: Mapping[str, Any]) -> str:
    """One line for a run: its rate, seed and accuracy after each epoch."""
    settings = Settings(**done["settings"])
    accuracies = " ".join(f"{row['accuracy']:.3f}" for row in done["rows"])
    order = "shuffled" if settings.shuffle else "in order"
    diverged = f"; diverged: {done['diverged']}" if "diverged" in done else ""
    return f"lr {settings.lr:g} seed {settings.seed} {order}: {accuracies}{diverged}"


if __name__ == "__main__":
    sys.exit(main())
