"""What an experiment has measured so far: a run that was stopped goes on where it was."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Kept:
    """What was measured, a line each in a file; what is there is not measured again.

    A process that works on the same file at the same time is heard before each measurement, so two
    can share the work. A line cut off by a kill is measured again.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._found: dict[str, tuple[str, float]] = {}
        self._read()

    def __call__(self, name: str, measure: Callable[..., Any], *args: Any) -> Any:
        """What ``measure(*args)`` gives, as JSON keeps it: the same now and when read again.

        It is kept under ``name`` and ``args``, so that other settings are measured anew.
        """
        key = " ".join([name, *map(str, args)])
        if key not in self._found:
            self._read()
        if key not in self._found:
            began = time.process_time()
            found = measure(*args)
            row = [key, json.dumps(found, allow_nan=False), time.process_time() - began]
            with self.path.open("ab") as file:  # what a kill has cut off before it ends here
                file.write(b"\n" + json.dumps(row).encode() + b"\n")
            self._read()
            print(f"{key}: {row[2]:.0f} s", flush=True)
        return json.loads(self._found[key][0])

    def _read(self) -> None:
        lines = self.path.read_bytes().splitlines() if self.path.exists() else []
        for line in lines:
            try:
                key, *row = json.loads(line)
            except ValueError:  # empty, or cut off
                continue
            self._found[key] = (*row,)

    @property
    def minutes(self) -> float:
        """Of CPU time that all of it took."""
        return sum(seconds for _, seconds in self._found.values()) / 60

    def finish(self) -> None:
        """The next run measures again; what was measured stays beside, as ``NAME.last.jsonl``."""
        self.path.replace(self.path.with_suffix(f".last{self.path.suffix}"))
