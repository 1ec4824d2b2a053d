"""Pairs of sentences and whether they mean the same: read from a file, streamed, made a batch.

The form is that of AFQMC, the question pairs of Ant Financial in CLUE (Xu et al., arXiv:2004.05986,
section 3): one JSON object a line, ``{"sentence1": …, "sentence2": …, "label": "0"}``, where "1" is
the same meaning and "0" is not. The labels are strings there; here they are ints.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils.data import Dataset

from wode.data.lines import LineStream
from wode.files.atomic import PathLike
from wode.files.strict_json import parse_json
from wode.files.text import BOM
from wode.wordpiece import WordPiece

KEYS = ("sentence1", "sentence2", "label")
LABELS = {"0": 0, "1": 1, 0: 0, 1: 1}
EMPTY = b" \t\r\n"  # what a line that says nothing may hold


class Pair(NamedTuple):
    """Two sentences and a label: 1 they mean the same, 0 they do not.

    ``second`` is None where the task is about one sentence, such as `wode.tasks.reviews`.
    """

    first: str
    second: str | None
    label: int


def fields_of(line: bytes) -> dict[str, Any]:
    """One line of a file of JSON lines; ValueError says what is wrong with it."""
    fields = parse_json(line.rstrip(b"\r\n"))
    if not isinstance(fields, dict):
        kind = type(fields).__name__
        raise ValueError(f"expected an object {{…}} with {', '.join(KEYS)}, got {kind}")
    return fields


def parsed(line: bytes) -> Pair:
    """The pair of one line; ValueError says what is wrong with it."""
    fields = fields_of(line)
    if missing := [key for key in KEYS if key not in fields]:
        raise ValueError(f"no {' and no '.join(missing)}: its keys are {sorted(fields)}")
    for key in KEYS[:2]:
        text = fields[key]
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{key}: expected a sentence, got {text!r}")
    label = fields["label"]
    if type(label) not in (str, int) or label not in LABELS:
        raise ValueError(f'label: expected "0" or "1", got {label!r}')
    return Pair(fields["sentence1"], fields["sentence2"], LABELS[label])


def line_number(path: Path, position: int) -> int:
    """In which line, counted from 1, the byte ``position`` stands."""
    with path.open("rb") as file:
        return 1 + sum(
            file.read(min(1 << 20, position - begin)).count(b"\n")
            for begin in range(0, position, 1 << 20)
        )


class PairStream(LineStream):
    """The pairs of a file that need not fit in memory, shared out as `wode.data.LineStream` does.

    Empty lines are passed over.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: (while iterating) a line is no pair; names the file, the line and the reason.
    """

    def __init__(self, path: PathLike, transform: Callable[[Pair], Any] | None = None) -> None:
        super().__init__(path)
        self.of_pair = transform

    def __iter__(self) -> Iterator[Any]:
        for position, line in self.raw():
            if not line.strip(EMPTY):
                continue
            try:
                pair = parsed(line)
            except ValueError as error:
                number = line_number(self.path, position)
                raise ValueError(f"{self.path}, line {number}: {error}") from error
            yield pair if self.of_pair is None else self.of_pair(pair)


class PairFile(Dataset):
    """All pairs of a file, in memory: ``len(dataset)`` and ``dataset[index]``.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a line is no pair (names file, line and reason), or there is none at all.
    """

    def __init__(self, path: PathLike) -> None:
        self.path = Path(path)
        data = self.path.read_bytes().removeprefix(BOM)
        self.pairs: list[Pair] = []
        for number, line in enumerate(data.split(b"\n"), start=1):
            if not line.strip(EMPTY):
                continue
            try:
                self.pairs.append(parsed(line))
            except ValueError as error:
                raise ValueError(f"{self.path}, line {number}: {error}") from error
        if not self.pairs:
            raise ValueError(f"{self.path}: expected a pair a line, the file is empty")

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> Pair:
        return self.pairs[index]


def collate(
    tokenizer: WordPiece, max_length: int = 128
) -> Callable[[Sequence[Pair]], tuple[dict[str, Tensor], Tensor]]:
    """A DataLoader's ``collate_fn``: pairs → BERT's inputs (B, T) by name, and labels (B,).

    Both sentences are one input, ``[CLS] first [SEP] second [SEP]``; where they are too long for
    ``max_length`` the longer one is shortened first.
    """

    def batch(pairs: Sequence[Pair]) -> tuple[dict[str, Tensor], Tensor]:
        inputs = tokenizer.batch([(pair.first, pair.second) for pair in pairs], max_length)
        return inputs, torch.tensor([pair.label for pair in pairs])

    return batch
