"""For `electra_experiment`: what an encoder is worth, by linear layers and by fine-tuning."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from electra_ways import LONGEST, corpus, pieces
from wode.bert import Bert
from wode.checks import likeliest
from wode.data.formats import read_tsv
from wode.decoding import evaluating
from wode.files.download import data_root
from wode.files.hub import MINILM
from wode.packing import masks, pack
from wode.tasks.baselines import sentence_vectors
from wode.tasks.sentences import VERBS
from wode.wordpiece import Encoding, WordPiece, pad

Row = tuple[Encoding | None, str | None]  # a sentence in pieces, or as it is written
Labelled = list[tuple[str, int]]
Part = tuple[Tensor, Tensor]  # vectors (N, E), labels (N,)
TASKS = {"tatoeba": ("sst2", "replaced", "swapped"), "grammar": ("form", "replaced", "swapped")}
SEEN: dict[str, Tensor] = {}  # MiniLM's vectors of the sentences that it has read
STRENGTHS = (0.003, 0.03, 0.3, 3.0)  # of the ridge, a part of the sentences' number


# ---------------------------------------------------------------- tasks


@cache
def film(part: str, seed: int = 0) -> Labelled:
    """SST-2; of its training sentences 2000 drawn by ``seed``."""
    every = [(text, label) for text, label in read_tsv(data_root() / "sst2" / f"{part}.tsv")]
    return random.Random(seed).sample(every, 2000) if part == "train" else every


def forms() -> dict[str, list[str]]:
    """Of each form of the grammar's verbs the others: bought → buy, buys."""
    every = [{verb.base, verb.third, verb.past} for verb in VERBS]
    return {form: sorted(forms - {form}) for forms in every for form in forms}


@cache
def broken(kind: str, seed: int, task: str) -> list[tuple[Encoding, int]]:
    """Held-out sentences, every other one broken.

    "replaced": a word drawn by its frequency, whatever stands around (none is a generator's), in
    place of another; "swapped": two neighbours; "form": another form of the verb.
    """
    own, chance, rows = corpus(kind, seed), random.Random(seed), []
    by_seed = torch.Generator().manual_seed(seed)
    others = iter(
        torch.multinomial(own.frequencies.exp(), 20_000, True, generator=by_seed).tolist()
    )
    of_verb = {
        own.tokenizer.vocabulary[form]: [own.tokenizer.vocabulary[other] for other in rest]
        for form, rest in forms().items()
        if kind == "grammar"
    }
    for n, text in enumerate(own.held_out):
        encoding = own.tokenizer.encode(text)
        ids, wrong = list(encoding.ids), n % 2
        if len(ids) < 7:  # [CLS], [SEP] and the full stop among them
            continue
        at = chance.randrange(1, len(ids) - 3)
        if wrong and task == "replaced":
            ids[at] = next(word for word in others if word != ids[at])
        elif wrong and task == "form":
            at = next(n for n, word in enumerate(ids) if word in of_verb)
            ids[at] = chance.choice(of_verb[ids[at]])
        elif wrong:
            if ids[at] == ids[at + 1]:
                continue
            ids[at], ids[at + 1] = ids[at + 1], ids[at]
        rows.append((replace(encoding, ids=ids), wrong))
    return rows


# ---------------------------------------------------------------- linear layers


@torch.no_grad()
def layers(encoder: Bert, encodings: Sequence[Encoding]) -> Tensor:
    """The means over the tokens, of the embeddings and after each layer, end to end."""
    parts = []
    for begin in range(0, len(encodings), 128):
        inputs = pad(encodings[begin : begin + 128])
        ids, mask = inputs["input_ids"][:, :LONGEST], inputs["attention_mask"][:, :LONGEST]
        packing = pack(mask)
        rows, columns, groups = packing
        x = encoder.embed(ids[rows, columns], columns, torch.zeros_like(columns))
        found, counts = [], torch.bincount(rows)[:, None]
        for layer in (None, *encoder.encoder.layer):
            x = x if layer is None else layer(x, groups, masks(packing, None, x.dtype))
            found.append(x.new_zeros(len(ids), x.shape[1]).index_add(0, rows, x) / counts)
        parts.append(torch.cat(found, dim=1))
    return torch.cat(parts)


def linear(learn: Part, dev: Part, test: Part) -> tuple[float, float]:
    """Accuracy of a linear layer on ``test`` and ``dev``; its strength is the best on ``dev``.

    Ridge regression has a closed form: at this size it takes a hundredth of logistic regression's
    time.
    """
    (x, y), *rest = learn, dev, test
    mean, spread = x.mean(dim=0), x.std(dim=0) + 1e-6
    values = [((part - mean) / spread).double() for part, _ in (learn, *rest)]
    centre = y.double().mean()
    gram, target = values[0].T @ values[0], values[0].T @ (y.double() - centre)
    scores = []
    for strength in STRENGTHS:
        eye = torch.eye(len(gram), dtype=gram.dtype)
        weight = torch.linalg.solve(gram + strength * len(y) * eye, target)
        right = [
            ((part @ weight + centre > 0.5) == labels.bool()).double().mean().item()
            for part, (_, labels) in zip(values[1:], rest, strict=True)
        ]
        scores.append((right[0], strength, right[1]))
    best = max(scores)
    return best[2], best[0]


def thirds(rows: Sequence[Any]) -> tuple[slice, slice, slice]:
    """To learn from, to choose by, to test on: six, two and four of twelve parts."""
    a, b = len(rows) * 6 // 12, len(rows) * 8 // 12
    return slice(0, a), slice(a, b), slice(b, len(rows))


def probed(
    vectors: Callable[[Sequence[Row]], Tensor], kind: str, seed: int, skip: str = ""
) -> dict[str, float]:
    """Accuracy at each task of a linear layer on what ``vectors`` makes of encodings."""
    found = {}
    for task in TASKS[kind]:
        if task == skip:
            continue
        if task == "sst2":
            parts = [film("train", seed), film("dev"), film("test")]
            sets = [(vectors([(None, text) for text, _ in p]), labels_of(p)) for p in parts]
        else:
            rows = broken(kind, seed, task)
            x, y = vectors([(encoding, None) for encoding, _ in rows]), labels_of(rows)
            sets = [(x[at], y[at]) for at in thirds(rows)]
        found[task], found[f"{task}_dev"] = linear(*sets)
    return found


def labels_of(rows: Sequence[tuple[Any, int]]) -> Tensor:
    return torch.tensor([label for _, label in rows])


def probes(encoder: Bert, kind: str, seed: int) -> dict[str, float]:
    """Of a small encoder."""

    def vectors(rows: Sequence[Row]) -> Tensor:
        return layers(encoder, [e or encoded(t or "") for e, t in rows])

    return probed(vectors, kind, seed)


@cache
def encoded(text: str) -> Encoding:
    return pieces().encode(text)


def rivals(kind: str, seed: int) -> dict[str, dict[str, float]]:
    """Words counted, and MiniLM's frozen vectors: a linear layer on each.

    MiniLM is not asked about SST-2: the page `adapters` has measured that.
    """
    bert, minilms = Bert.from_pretrained(MINILM), WordPiece.from_pretrained(MINILM)
    own = corpus(kind, seed).tokenizer

    def minilm(rows: Sequence[Row]) -> Tensor:
        sentences = [own.decode(e.ids[1:-1]) if e else t or "" for e, t in rows]
        new = sorted({*sentences} - {*SEEN}, key=len)  # of about one length together
        SEEN.update(zip(new, sentence_vectors(bert, minilms, new) if new else [], strict=True))
        return torch.stack([SEEN[sentence] for sentence in sentences])

    def words(rows: Sequence[Row]) -> Tensor:
        size = len(own.vocabulary)
        ids = [torch.tensor((e or encoded(t or "")).ids) for e, t in rows]
        return torch.stack([row.bincount(minlength=size) for row in ids]).float()

    most = {
        task: majority(film("test") if task == "sst2" else broken(kind, seed, task))
        for task in TASKS[kind]
    }
    return {
        "minilm": probed(minilm, kind, seed, "sst2"),
        "words": probed(words, kind, seed),
        "most": most,
    }


def majority(rows: Sequence[tuple[Any, int]]) -> float:
    share = labels_of(rows).double().mean().item()
    return max(share, 1 - share)


# ---------------------------------------------------------------- fine-tuning


class OfMean(nn.Module):
    """Two classes from the mean of an encoder's outputs."""

    def __init__(self, encoder: Bert) -> None:
        super().__init__()
        self.encoder, self.classifier = encoder, nn.Linear(encoder.config.hidden_size, 2)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        hidden = self.encoder.encode(ids[:, :LONGEST], mask[:, :LONGEST])  # (B, T, E)
        return self.classifier(hidden.sum(dim=1) / mask[:, :LONGEST].sum(dim=1, keepdim=True))


def finetuned(encoder: Bert, seed: int, lr: float, epochs: int = 3) -> dict[str, float]:
    """Accuracy on SST-2 after fine-tuning all of it on 1500 of the shorter sentences."""
    torch.manual_seed(seed)
    model = OfMean(encoder).train()
    rows = [(encoded(text), label) for text, label in film("train", seed)]
    rows = sorted(rows, key=lambda row: len(row[0].ids))[:1500]
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01, fused=True)
    steps = epochs * (len(rows) // 32)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    chance = random.Random(seed)
    for _ in range(steps):
        part = chance.sample(rows, 32)
        inputs, labels = pad([row[0] for row in part]), torch.tensor([row[1] for row in part])
        loss = F.cross_entropy(model(inputs["input_ids"], inputs["attention_mask"]), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    return {part: accuracy(model, film(part)) for part in ("dev", "test")}


def accuracy(model: OfMean, rows: Labelled) -> float:
    right = 0
    with evaluating(model):
        for begin in range(0, len(rows), 128):
            part = rows[begin : begin + 128]
            inputs = pad([encoded(text) for text, _ in part])
            says = likeliest(model(inputs["input_ids"], inputs["attention_mask"]), dim=1)
            right += int((says == torch.tensor([label for _, label in part])).sum())
    return right / len(rows)
