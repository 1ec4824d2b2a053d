"""Damaged and odd inputs by the hundred thousand: ``python tools/fuzz.py [TARGET ...]``.

A target is a file of ``tests/fuzz``. Its ``trial(draw)`` builds one input from ``draw``, gives it
to our code, and returns ``"right"`` or ``"refused"``, or raises AssertionError where the answer is
wrong; whatever else gets out of it, and an input that computes longer than ``--limit`` seconds,
is a traceback of ours. Input 7 is the same on every machine: ``--only 7`` runs it alone, with its
traceback. A target of which nothing is right, or nothing refused, has shown nothing, and fails.
"""

import argparse
import contextlib
import importlib.util
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any

from wode.book import ROOT, results

FOLDER = ROOT / "tests" / "fuzz"
OUTCOMES = ("right", "refused", "wrong", "tracebacks")
SHOWN = 5  # failures of a target that are printed
PATIENCE = 100.0  # seconds without an input done after which a process is killed
Trial = Callable[[random.Random], str]
Failure = tuple[int, str]  # the input's number, and what was wrong


class Hang(BaseException):
    """An input took too long. No Exception: what catches those must not catch this."""


def load(path: Path) -> Trial:
    """The target's ``trial``; the target may import what the tests import."""
    for place in (path.parent, ROOT / "tests"):
        if str(place) not in sys.path:
            sys.path.append(str(place))
    spec = importlib.util.spec_from_file_location(f"fuzz_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.trial


def attempt(trial: Trial, name: str, seed: int, number: int, limit: float) -> tuple[str, str]:
    """One input in an empty current folder: which of OUTCOMES it is, and why."""

    def hung(_signal: int, _frame: FrameType | None) -> None:
        raise Hang(f"no answer after {limit:g} s of computing")

    before = signal.signal(signal.SIGPROF, hung)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        outcome = trial(random.Random(f"{name}/{seed}/{number}"))
        if outcome not in OUTCOMES[:2]:
            return "tracebacks", f"expected 'right' or 'refused' of the trial, got {outcome!r}"
        return outcome, ""
    except AssertionError as error:
        return "wrong", str(error)
    except (Exception, Hang) as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        message = traceback.format_exception_only(error)[-1].strip()
        return "tracebacks", f"{message} ({where.filename}:{where.lineno})"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextlib.contextmanager
def folder() -> Iterator[Callable[[], None]]:
    """An empty folder as the current one and as that of temporary files; empties it when called."""
    before, temporary = Path.cwd(), tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="wode-fuzz-") as place:

        def empty() -> None:
            os.chdir(place)
            with os.scandir(place) as entries:
                for entry in list(entries):
                    if entry.is_dir(follow_symlinks=False):
                        shutil.rmtree(entry.path)
                    else:
                        os.unlink(entry.path)

        os.chdir(place)
        tempfile.tempdir = place
        try:
            yield empty
        finally:
            tempfile.tempdir = temporary
            os.chdir(before)


def tried(
    path: Path, numbers: Iterable[int], seed: int = 0, limit: float = 10.0
) -> Iterator[tuple[int, str, str]]:
    """(number, outcome, why) of these inputs of a target, each in an empty folder."""
    trial = load(path)
    with folder() as empty:
        for number in numbers:
            outcome, why = attempt(trial, path.stem, seed, number, limit)
            empty()
            yield number, outcome, why


def _part(
    path: Path, numbers: range, seed: int, limit: float, counts: Any, failures: Connection
) -> None:
    """What one process does: ``counts`` holds OUTCOMES and how many inputs are done."""
    for number, outcome, why in tried(path, numbers, seed, limit):
        counts[OUTCOMES.index(outcome)] += 1
        if why and counts[2] + counts[3] <= SHOWN:
            failures.send((number, f"{outcome}: {why}"[:2000]))
        counts[len(OUTCOMES)] += 1


def run(
    path: Path, inputs: int, seed: int = 0, limit: float = 10.0, processes: int | None = None
) -> tuple[dict[str, int], list[Failure]]:
    """Counts by OUTCOMES, and the first failures, of so many inputs over several processes.

    An input at which a process dies, or sticks where no signal reaches it, is a traceback.
    """
    total, failures = dict.fromkeys(OUTCOMES, 0), list[Failure]()
    wide = min(processes or os.cpu_count() or 1, inputs)
    waiting = [range(first, inputs, wide) for first in range(wide)]
    running: list[_Process] = []
    while waiting or running:
        running += [_Process(path, part, seed, limit) for part in waiting]
        waiting = []
        time.sleep(0.05)
        for one in list(running):
            if not one.ended():
                continue
            running.remove(one)
            failures += one.failures()
            for outcome, count in zip(OUTCOMES, one.counts, strict=False):
                total[outcome] += count
            if rest := one.numbers[one.counts[len(OUTCOMES)] :]:
                total["tracebacks"] += 1
                code = one.process.exitcode
                failures.append((rest[0], f"tracebacks: the process ended with exit code {code}"))
                waiting += [rest[1:]] if rest[1:] else []
    return total, sorted(failures)[:SHOWN]


class _Process:
    """A process that tries some inputs, and what it has counted so far."""

    def __init__(self, path: Path, numbers: range, seed: int, limit: float) -> None:
        self.numbers = numbers
        self.counts: Any = multiprocessing.Array("q", len(OUTCOMES) + 1, lock=False)
        self.receiving, sending = multiprocessing.Pipe(duplex=False)
        arguments = (path, numbers, seed, limit, self.counts, sending)
        self.process = multiprocessing.Process(target=_part, args=arguments, daemon=True)
        self.process.start()
        sending.close()
        self._done, self._moved = -1, time.monotonic()

    def ended(self) -> bool:
        """Whether it has ended; it is killed where it sticks. A machine may be busy, and the first
        input may import torch."""
        done = self.counts[len(OUTCOMES)]
        if done != self._done:
            self._done, self._moved = done, time.monotonic()
        elif time.monotonic() - self._moved > PATIENCE + (0 if done else 2 * PATIENCE):
            self.process.kill()
        self.process.join(0)
        return self.process.exitcode is not None

    def failures(self) -> list[Failure]:
        received = []
        with contextlib.suppress(EOFError, OSError):
            while self.receiving.poll():
                received.append(self.receiving.recv())
        return received


def complaints(counts: dict[str, int]) -> list[str]:
    """What is wrong with a target's counts."""
    bad = [f"{counts[outcome]} {outcome}" for outcome in OUTCOMES[2:] if counts[outcome]]
    empty = [f"nothing is {outcome}" for outcome in OUTCOMES[:2] if not counts[outcome]]
    return bad + empty


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="all, if none is named")
    parser.add_argument("--inputs", type=int, default=1000, help="of each target (default: 1000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, metavar="NUMBER", help="this input alone")
    parser.add_argument("--limit", type=float, default=10.0, help="seconds an input (default: 10)")
    parser.add_argument("--write", action="store_true", help="write the results file")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the targets are")
    options = parser.parse_args(arguments)
    there = {path.stem: path.resolve() for path in sorted(options.folder.glob("[!_]*.py"))}
    names = options.targets or list(there)
    if unknown := [name for name in names if name not in there]:
        parser.error(f"expected targets of {', '.join(there) or 'none'}, got {unknown[0]}")
    if not names:
        parser.error(f"there is no target in {options.folder}")
    if options.inputs < 1:
        parser.error(f"expected a number of inputs from 1, got {options.inputs}")
    if options.write and (options.targets or options.only is not None):
        parser.error("the results file is of every target and input: --write stands alone")
    if options.only is not None:
        for name in names:
            with folder():
                draw = random.Random(f"{name}/{options.seed}/{options.only}")
                print(f"{name}: {load(there[name])(draw)}")
        return 0
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a core for each process
    counted, wrong = {}, False
    for name in names:
        counts, failures = run(there[name], options.inputs, options.seed, options.limit)
        counted[name] = {"inputs": options.inputs, **counts}
        said = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
        print(f"{name}: {options.inputs} inputs: {said}", flush=True)
        for number, why in failures:
            print(f"  input {number}: {why}")
        for complaint in (found := complaints(counts)):
            print(f"  FAILED: {complaint}", flush=True)
        wrong |= bool(found)
    if options.write and not wrong:
        written = results.write(
            "fuzzing",
            counted,
            command=f"python tools/fuzz.py --inputs {options.inputs} --write",
            seed=options.seed,
            note_zh="每个目标随机抽取的完好、古怪和损坏的输入："
            "读对的、明确拒绝的、读错的、异常退出的各有多少。",
            note_en="Intact, odd and damaged inputs drawn for each target: how many were read "
            "right, refused with a reason, read wrong, or ended in a traceback.",
        )
        print(written)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
