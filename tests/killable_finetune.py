"""Runs of ``python -m wode.finetune`` to be killed, or started several at once."""

import os
import signal
from functools import partial
from pathlib import Path

import matplotlib.backends.backend_svg  # noqa: F401
from forking import fork, serve

import wode.plotting  # noqa: F401  # a run imports both when it is done
from wode.finetune import main


def run(*arguments: str) -> int:
    if arguments[0] == "together":
        return together(*arguments[1:])
    return main(list(arguments))


def together(folder: str, rates: str, *arguments: str) -> int:
    """One process for each rate, let go at the same moment; folder/RATE holds what each said."""

    def one(rate: str) -> int:
        os.dup2(os.open(f"{folder}/{rate}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        signal.sigwait({signal.SIGUSR1})
        try:
            return main([*arguments, "--lr", rate])
        except SystemExit as end:
            return int(str(end.code))

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    pids = [fork(partial(one, rate)) for rate in rates.split(",")]
    for pid in pids:
        os.kill(pid, signal.SIGUSR1)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    Path(folder, "codes").write_text(" ".join(map(str, codes)))
    return 0


if __name__ == "__main__":
    serve(run)
