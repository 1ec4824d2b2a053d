"""Runs of ``python -m wode.finetune`` to be killed."""

import matplotlib.backends.backend_svg  # noqa: F401
from forking import serve

import wode.plotting  # noqa: F401  # a run imports both when it is done
from wode.finetune import main


def run(*arguments: str) -> int:
    return main(list(arguments))


if __name__ == "__main__":
    serve(run)
