"""Runs of ``python -m wode.finetune`` to be killed; forked, which saves the import of torch.

Each line of stdin is a JSON list [arguments, moment]. The run gets a process of its own, which ends
itself with SIGKILL at its ``moment``-th event: before it opens or renames a file in the folder that
follows ``--out``. After each run its exit code and the number of its events are printed.
"""

import json
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial

from forking import fork, nothing_shared

from wode.finetune import main


def run(arguments: Sequence[str], moment: int | None, report: int) -> int:
    """Fine-tune; count the events and write their number to the file descriptor ``report``."""
    folder = arguments[arguments.index("--out") + 1]
    events = 0
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def hook(event: str, values: tuple) -> None:
        nonlocal events
        if event in ("open", "os.rename") and str(values[0]).startswith(folder):
            events += 1
            if events == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    code = main(arguments)
    os.write(report, str(events).encode())
    return code


if __name__ == "__main__":
    nothing_shared()
    for line in sys.stdin:
        arguments, moment = json.loads(line)
        read, write = os.pipe()
        pid = fork(partial(run, arguments, moment, write))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(write)
        events = os.read(read, 20).decode() or "0"
        os.close(read)
        print(code, events, flush=True)
