"""One fine-tuning of a BERT on pairs of sentences: its settings, its data, the run.

`run` is `wode.training.train` on `wode.heads.SequenceClassifier`, BERT with a classifier on [CLS]
(Devlin et al., arXiv:1810.04805, section 4.1). `wode.finetune` is many of them, and the command.
"""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader

from wode.bert import SelfAttention
from wode.checks import several
from wode.data.pairs import Pair, PairFile, collate
from wode.files.hub import MINILM
from wode.heads import SequenceClassifier
from wode.tasks.questions import question_pairs
from wode.training import MetricsLog, pick_device, seed_everything, train
from wode.training.evaluation import majority, measured
from wode.training.limits import COUNT, NOT_NEGATIVE, PART, POSITIVE, SEED, SHARE, Limit
from wode.wordpiece import WordPiece

SHIPPED = {"pairs-en": "en", "pairs-zh": "zh"}


LIMITS = {
    "lr": POSITIVE,
    "seed": SEED,
    "epochs": COUNT,
    "batch_size": COUNT,
    "warmup": SHARE,
    "clip": POSITIVE,
    "weight_decay": NOT_NEGATIVE,
    "dropout": Limit(float, "from 0 to below 1", lambda x: 0 <= x < 1),
    "max_length": Limit(int, "≥ 5", lambda n: 5 <= n < 2**31),
}


@dataclass(frozen=True)
class Settings:
    """What one run is made of, apart from data and model.

    All numbers are finite, as results are written as JSON, and in the `LIMITS`; else a ValueError.

    Args:
        warmup: the share of the steps over which the rate rises from 0 to ``lr``.
        decay: whether it then falls to 0 in a straight line, as in BERT's own fine-tuning.
        clip: the gradient's largest norm.
        dropout: None leaves the model's own.
    """

    lr: float = 5e-5
    seed: int = 0
    shuffle: bool = True
    epochs: int = 3
    batch_size: int = 16
    warmup: float = 0.0
    decay: bool = False
    clip: float | None = None
    weight_decay: float = 0.01
    dropout: float | None = None
    max_length: int = 128

    def __post_init__(self) -> None:
        for name, limit in LIMITS.items():
            value = getattr(self, name)
            if value is not None or name not in ("clip", "dropout"):
                limit.check(name, value)
        for name in ("shuffle", "decay"):
            if not isinstance(value := getattr(self, name), bool):
                raise ValueError(f"expected {name} True or False, got {value!r}")

    @property
    def name(self) -> str:
        """For people: rate, seed and order."""
        return f"lr{self.lr:g}-seed{self.seed}-{'shuffled' if self.shuffle else 'in-order'}"


# ---------------------------------------------------------------- data


@dataclass(frozen=True)
class Data:
    """Pairs to learn from and pairs to measure on, and the name they go by."""

    name: str
    train: Sequence[Pair]
    held_out: Sequence[Pair]

    def facts(self) -> dict[str, Any]:
        """What goes into the results: sizes, the majority's share, a fingerprint of the pairs."""
        text = json.dumps([list(self.train), list(self.held_out)])
        return {
            "name": self.name,
            "train": len(self.train),
            "held_out": len(self.held_out),
            "majority": majority([pair.label for pair in self.held_out]),
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
        }


def load_data(names: Sequence[str], hold_out: float = 0.2) -> Data:
    """The pairs called ``names``: "pairs-en" or "pairs-zh", a folder, one file or two.

    A folder holds train.json and dev.json (or .jsonl). Of two files the first is learned from and
    the second measured on; of one, the share ``hold_out``, drawn by chance but always alike.

    Raises:
        TypeError: ``names`` is one string.
        FileNotFoundError: no such file, or the folder lacks one; names what is there.
        ValueError: a line is no pair, or the names or the share make no sense, or there is only
            one label to learn.
    """
    PART.check("hold_out", hold_out)
    several("names", names)
    if len(names) == 1 and names[0] in SHIPPED:
        lang = SHIPPED[names[0]]
        return Data(names[0], question_pairs(lang), question_pairs(lang, held_out=True))
    if not 1 <= len(names) <= 2:
        raise ValueError(f"expected a name, a folder, one file or two, got {list(names)}")
    paths = [Path(name) for name in names]
    if len(paths) == 1 and paths[0].is_dir():
        paths = [_in_folder(paths[0], name) for name in ("train", "dev")]
    if len(paths) == 2 and all(map(Path.exists, paths)) and paths[0].samefile(paths[1]):
        raise ValueError(
            f"{paths[0]} is learned from and measured on: give it once, and a "
            "share of it is held out"
        )
    parts = [_pairs(path) for path in paths]
    if len(parts) == 1:
        parts = _held_apart(parts[0], hold_out)
    if len(labels := {pair.label for pair in parts[0]}) < 2:
        raise ValueError(
            f"expected pairs of both labels to learn from, all {len(parts[0])} of "
            f"{paths[0]} have {labels.pop()}"
        )
    return Data(" ".join(path.name for path in paths), *parts)


def _pairs(path: Path) -> list[Pair]:
    if path.is_dir():
        raise ValueError(f"expected a file, {path} is a folder; a folder is given alone")
    if not path.is_file():
        raise FileNotFoundError(f"no file {path}, and it is none of {', '.join(SHIPPED)}")
    return PairFile(path).pairs


def _held_apart(pairs: list[Pair], share: float) -> list[list[Pair]]:
    """What is learned from, and the ``share`` that is measured on: by chance, but always alike."""
    number = round(share * len(pairs))
    if not 0 < number < len(pairs):
        raise ValueError(f"expected pairs on both sides of hold_out, got {share} of {len(pairs)}")
    order = torch.randperm(len(pairs), generator=torch.Generator().manual_seed(0))
    held_out = set(order[:number].tolist())
    return [
        [pair for i, pair in enumerate(pairs) if (i in held_out) == side] for side in (False, True)
    ]


def _in_folder(folder: Path, name: str) -> Path:
    for path in (folder / f"{name}.json", folder / f"{name}.jsonl"):
        if path.is_file():
            return path
    there = ", ".join(sorted(path.name for path in folder.iterdir())) or "nothing"
    raise FileNotFoundError(
        f"expected {name}.json in the folder {folder}, it holds {there}; a single file may "
        "be given itself, and a share of it is held out"
    )


# ---------------------------------------------------------------- one run


def build(model_id: str, settings: Settings) -> SequenceClassifier:
    """The pretrained encoder with a new head of two classes, drawn from torch's seed."""
    model = SequenceClassifier.from_pretrained(model_id, 2)
    if settings.dropout is not None:
        for module in model.modules():
            if isinstance(module, nn.Dropout):
                module.p = settings.dropout
            if isinstance(module, SelfAttention):
                module.dropout = settings.dropout
    return model


def rate_at(step: int, steps: int, settings: Settings) -> float:
    """The share of ``lr`` at ``step``, counted from 0: up over the warm-up, then level or down.

    The first step has a rate above 0, the last step of the warm-up the whole ``lr``.
    """
    done, rising = step + 1, settings.warmup * steps  # 1 … steps
    if done < rising:
        return done / rising
    return min(1.0, (steps + 1 - done) / (steps + 1 - rising)) if settings.decay else 1.0


def run(
    data: Data,
    settings: Settings,
    model_id: str = MINILM,
    folder: str | os.PathLike[str] | None = None,
    *,
    device: str | torch.device | None = None,
    progress: bool = True,
    prepare: Callable[[SequenceClassifier], nn.Module] | None = None,
) -> tuple[nn.Module, list[dict[str, Any]]]:
    """One fine-tuning from its seed to its end; the model and a row for each epoch.

    A row holds epoch, step, loss, lr and what `measured` gives. With a ``folder`` the log
    (``log.jsonl``) and the checkpoint go there, and a run that was killed goes on. ``prepare``
    makes the model to train of the one built: some layers frozen, or fewer, or in bfloat16.

    Raises:
        ValueError: the model's files are not those of a BERT.
        FileNotFoundError: there are none.
        FloatingPointError: the loss, or what is measured, is no longer finite.
    """
    generator = seed_everything(settings.seed)
    try:
        tokenizer, built = WordPiece.from_pretrained(model_id), build(model_id, settings)
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"model: {model_id} holds no BERT that can be read: {error!r}") from error
    together = collate(
        tokenizer, min(settings.max_length, built.bert.config.max_position_embeddings)
    )
    model = built if prepare is None else prepare(built)
    if device is not None:
        model.to(pick_device(device) if isinstance(device, str) else device)
    loader = DataLoader(
        list(data.train),  # ty: ignore[invalid-argument-type]
        settings.batch_size,
        shuffle=settings.shuffle,
        generator=generator,
        collate_fn=together,
    )
    held_out = DataLoader(list(data.held_out), 64, collate_fn=together)  # ty: ignore[invalid-argument-type]
    optimizer = torch.optim.AdamW(
        model.parameters(), settings.lr, weight_decay=settings.weight_decay, fused=True
    )
    steps = len(loader) * settings.epochs
    scheduler = LambdaLR(optimizer, lambda step: rate_at(step, steps, settings))
    folder = None if folder is None else Path(folder)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    rows = train(
        model,
        loader,
        optimizer,
        F.cross_entropy,
        settings.epochs,
        scheduler=scheduler,
        clip=settings.clip,
        log=None if folder is None else MetricsLog(folder / "log.jsonl"),
        checkpoint=None if folder is None else folder / "checkpoint.pth",
        progress=progress,
        evaluate=lambda model: measured(model, held_out),
    )
    return model, rows
