"""What ``python -m wode.finetune`` takes: each option is checked before anything is done."""

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from wode.files.hub import MINILM
from wode.training.finetuning import LIMITS, Settings
from wode.training.limits import PART
from wode.training.loop import pick_device

EXAMPLE = """\
{"sentence1": "How do I pay?", "sentence2": "Which ways are there to pay?", "label": "1"}
{"sentence1": "How do I pay?", "sentence2": "When do I have to pay?", "label": "0"}
"""
EPILOG = f"""\
A file of pairs is UTF-8, one JSON object a line, "label" is "1" where both sentences mean the same
and "0" where they do not (AFQMC's form):

{EXAMPLE}
Learned from and measured on: --data train.json dev.json; or a folder with these two files,
--data folder/; or one file, of which a share is held out, --data pairs.json --hold-out 0.2
"""


class _Parser(argparse.ArgumentParser):
    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # As Python 3.14 has it: before, -1e-5 and -inf were options, and "expected one argument".
        self._negative_number_matcher = re.compile(r"-\.?\d|-(inf|nan)", re.IGNORECASE)

    def error(self, message: str) -> NoReturn:
        """One line, and no usage of twenty above it."""
        self.exit(2, f"{self.prog}: error: {one_line(message)} (--help tells all)\n")


class _Formatter(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    pass


def one_line(message: object) -> str:
    """A message without its line breaks."""
    return " ".join(str(message).split())


def _device(name: str) -> str:
    try:
        pick_device(name)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return name


def parser() -> argparse.ArgumentParser:
    """What ``python -m wode.finetune`` takes."""
    made = _Parser(
        prog="python -m wode.finetune",
        description="Fine-tune a BERT on pairs of sentences, once for each rate and seed. Killed\n"
        "and typed again it goes on; what is finished is not repeated. Several processes:\n"
        "torchrun --standalone --nproc-per-node 2 -m wode.finetune …",
        epilog=EPILOG,
        formatter_class=_Formatter,
    )
    default = Settings()
    reads: dict[str, Callable[[str], int | float]] = {k: v.read for k, v in LIMITS.items()}
    add = made.add_argument
    add("--data", nargs="+", default=["pairs-en"], metavar="NAME",
        help="pairs-en or pairs-zh (wode's own question pairs), a folder with train.json and "
        "dev.json, a file to learn from and one to measure on, or one file for both")  # fmt: skip
    add("--hold-out", type=PART.read, default=0.2, metavar="SHARE",
        help="of one file, the share that is measured on")  # fmt: skip
    add("--model", default=MINILM, help="a BERT: its name on the hub, or its folder")
    add("--lr", type=reads["lr"], nargs="+", default=[default.lr],
        help="one or more learning rates")  # fmt: skip
    add("--seeds", type=reads["seed"], nargs="+", default=[default.seed],
        help="one or more seeds")  # fmt: skip
    add("--shuffle", action=argparse.BooleanOptionalAction, default=default.shuffle,
        help="draw the pairs in a new order each epoch")  # fmt: skip
    add("--epochs", type=reads["epochs"], default=default.epochs,
        help="how often each pair is seen")  # fmt: skip
    add("--batch-size", type=reads["batch_size"], default=default.batch_size,
        help="pairs to a step, all processes")  # fmt: skip
    add("--warmup", type=reads["warmup"], default=default.warmup, metavar="SHARE",
        help="share of the steps over which the rate rises")  # fmt: skip
    add("--decay", action=argparse.BooleanOptionalAction, default=default.decay,
        help="let the rate fall to 0 after that")  # fmt: skip
    add("--clip", type=reads["clip"], default=default.clip, metavar="NORM",
        help="shorten gradients that are longer")  # fmt: skip
    add("--weight-decay", type=reads["weight_decay"], default=default.weight_decay, help="AdamW's")
    add("--dropout", type=reads["dropout"], default=default.dropout,
        help="instead of the model's own")  # fmt: skip
    add("--max-length", type=reads["max_length"], default=default.max_length,
        help="pieces to a pair, at most")  # fmt: skip
    add("--device", type=_device, help="cpu, cuda, mps; by default what there is")
    add("--out", required=True, type=Path, metavar="FOLDER", default=argparse.SUPPRESS,
        help="results.json, accuracy.svg and a folder for each run go there")  # fmt: skip
    add("--save", action="store_true", help="keep each run's weights, model.pth, in its folder")
    add("--quiet", action="store_true", help="no progress bar")
    return made
