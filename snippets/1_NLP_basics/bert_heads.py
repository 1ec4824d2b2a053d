"""What the page `bert-heads` includes: samples for a head, fine-tuning, reading off the answers."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

from wode.checks import likeliest
from wode.data.formats import Question, Tagged
from wode.decoding import evaluating
from wode.heads import best_span, context_of, first_pieces, text_of, tokens_of
from wode.tasks.heads import Rewriting
from wode.training import seed_everything, train
from wode.wordpiece import Encoding, WordPiece, pad


def collate(samples: list[tuple[Encoding, Tensor]]) -> tuple[dict[str, Tensor], Tensor]:
    """Samples → what a head takes, and its labels: stacked, or padded with -100."""
    encodings, labels = zip(*samples, strict=True)
    if labels[0].dim() == 0:
        return pad(encodings), torch.stack(labels)
    return pad(encodings), pad_sequence(list(labels), batch_first=True, padding_value=-100)


def fit(
    model: Any,
    samples: Any,
    rate: float,
    epochs: int,
    seed: int = 0,
    batch_size: int = 16,
    collate: Callable = collate,
) -> list[dict[str, Any]]:
    """Fine-tune all but the embeddings, with warm-up and linear decay."""
    generator = seed_everything(seed)
    model.bert.embeddings.requires_grad_(False)
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


def tag_samples(
    tokenizer: WordPiece, sentences: Sequence[Tagged], tags: Sequence[str]
) -> list[tuple[Encoding, Tensor]]:
    """A class for each word, at its first piece; -100 elsewhere: labels (T,)."""
    samples, lost = [], 0
    for words, wanted in sentences:
        encoding = tokenizer.encode(" ".join(words))
        label = torch.full((len(encoding.ids),), -100)
        for place, tag in zip(first_pieces(encoding, words), wanted, strict=True):
            if place is None:
                lost += 1
            else:
                label[place] = tags.index(tag)
        samples.append((encoding, label))
    if lost:
        print(f"words without a piece, not learned from: {lost}")
    return samples


def logits_of(model: nn.Module, encodings: Sequence[Encoding]) -> list[Tensor]:
    """What the model says of each encoding, in batches of 32."""
    logits = []
    with evaluating(model):
        for begin in range(0, len(encodings), 32):
            logits += list(model(**pad(encodings[begin : begin + 32])))
    return logits


def tags_of(
    model: nn.Module, tokenizer: WordPiece, sentences: Sequence[Tagged], tags: Sequence[str]
) -> list[list[str]]:
    """A tag for each word, from its first piece; O for a word without a piece."""
    encodings = [tokenizer.encode(" ".join(words), None, 512) for words, _ in sentences]
    predicted = []
    for logits, encoding, sentence in zip(
        logits_of(model, encodings), encodings, sentences, strict=True
    ):
        best = likeliest(logits, dim=0).tolist()  # (T,)
        places = first_pieces(encoding, sentence.words)
        predicted.append(["O" if place is None else tags[best[place]] for place in places])
    return predicted


def span_samples(
    tokenizer: WordPiece, asked: Sequence[Question], max_length: int | None = None
) -> list[tuple[Encoding, Tensor]]:
    """An answer's first and last token: labels (2,). What has none is left out, and counted."""
    samples, lost = [], Counter[str]()
    for question in asked:
        if not question.answers:  # SQuAD 2.0 has such
            lost["no answer"] += 1
            continue
        encoding = tokenizer.encode(question.question, question.context, max_length)
        text, begin = question.answers[0]
        places = tokens_of(encoding, question.context, begin, begin + len(text))
        if isinstance(places, str):
            lost[places] += 1
        else:
            samples.append((encoding, torch.tensor(places)))
    if lost:
        print(f"left out of {len(asked)} questions:", dict(lost))
    return samples


def answers_of(
    model: nn.Module,
    tokenizer: WordPiece,
    asked: Sequence[Question],
    longest: int,
    max_length: int | None = None,
) -> list[str]:
    """The text of the best span of each question's context."""
    encodings = [tokenizer.encode(q.question, q.context, max_length) for q in asked]
    answers = []
    for logits, encoding, question in zip(
        logits_of(model, encodings), encodings, asked, strict=True
    ):
        start, end = logits[: len(encoding.ids)].unbind(dim=1)  # (T,) each
        first, last = best_span(start, end, *context_of(encoding), longest)
        answers.append(text_of(encoding, question.context, first, last))
    return answers


def squad_score(answers: Sequence[str], asked: Sequence[Question]) -> dict[str, float]:
    """Exact match and F1 as SQuAD counts them, from 0 to 1."""
    from torchmetrics.functional.text import squad

    given = [{"prediction_text": a, "id": q.id} for a, q in zip(answers, asked, strict=True)]
    right = [
        {"answers": {"text": [a.text for a in q.answers], "answer_start": [0]}, "id": q.id}
        for q in asked
    ]
    return {name: float(value) / 100 for name, value in squad(given, right).items()}


def written_samples(
    tokenizer: WordPiece, pairs: Sequence[Rewriting]
) -> list[tuple[Encoding, Tensor]]:
    """The pieces to be written and the [SEP] after them: labels (M,)."""
    encodings = [tokenizer.encode(pair.text, pair.target) for pair in pairs]
    return [
        (e, torch.tensor([i for i, kind in zip(e.ids, e.types, strict=True) if kind == 1]))
        for e in encodings
    ]


def collate_written(samples: list[tuple[Encoding, Tensor]]) -> tuple[dict[str, Tensor], Tensor]:
    """The same for the writer, whose logits and labels have one row for each word written."""
    encodings, labels = zip(*samples, strict=True)
    return pad(encodings), torch.cat(labels)
