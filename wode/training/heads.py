"""Samples for a head of `wode.heads` and the run that fine-tunes it."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

from wode.checks import likeliest
from wode.data.formats import Tagged
from wode.decoding import evaluating
from wode.heads import TokenClassifier, first_pieces
from wode.training import seed_everything, train
from wode.wordpiece import Encoding, WordPiece, pad


def collate(samples: list[tuple[Encoding, Tensor]]) -> tuple[dict[str, Tensor], Tensor]:
    """Samples → what a head takes, and its labels: stacked, or padded with -100."""
    encodings, labels = zip(*samples, strict=True)
    if labels[0].dim() == 0:
        return pad(encodings), torch.stack(labels)
    return pad(encodings), pad_sequence(list(labels), batch_first=True, padding_value=-100)


def collate_written(samples: list[tuple[Encoding, Tensor]]) -> tuple[dict[str, Tensor], Tensor]:
    """The same for the writer, whose logits and labels have one row for each word written."""
    encodings, labels = zip(*samples, strict=True)
    return pad(encodings), torch.cat(labels)


def fit(
    model: Any,
    samples: Any,
    rate: float,
    epochs: int,
    seed: int = 0,
    batch_size: int = 16,
    collate: Callable = collate,
    frozen: bool = True,
) -> list[dict[str, Any]]:
    """Fine-tune with AdamW; the rate rises over a tenth of the steps, then falls to 0.

    ``frozen``: the embeddings stay as they are.
    """
    generator = seed_everything(seed)
    model.bert.embeddings.requires_grad_(not frozen)
    loader = DataLoader(samples, batch_size, shuffle=True, collate_fn=collate, generator=generator)
    learned = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learned, rate, fused=True)
    steps = epochs * len(loader)

    def share(step: int) -> float:
        return min((step + 1) / (0.1 * steps), (steps - step) / (0.9 * steps), 1.0)

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, share)
    loss = nn.CrossEntropyLoss()
    rows = train(model, loader, optimizer, loss, epochs, scheduler=schedule, progress=False)
    model.eval()
    return rows


def logits_of(model: nn.Module, encodings: Sequence[Encoding]) -> list[Tensor]:
    """What the model says of each encoding, in batches of 32."""
    logits = []
    with evaluating(model):
        for begin in range(0, len(encodings), 32):
            logits += list(model(**pad(encodings[begin : begin + 32])))
    return logits


def tags_of(
    model: TokenClassifier, tokenizer: WordPiece, sentences: Sequence[Tagged], tags: Sequence[str]
) -> list[list[str]]:
    """A tag for each word, from its first piece; O for a word without a piece."""
    encodings = [tokenizer.encode(" ".join(words), None, 512) for words, _ in sentences]
    found = []
    for logits, encoding, (words, _) in zip(
        logits_of(model, encodings), encodings, sentences, strict=True
    ):
        best = likeliest(logits, dim=0).tolist()  # (T,)
        places = first_pieces(encoding, words)
        found.append(["O" if place is None else tags[best[place]] for place in places])
    return found
