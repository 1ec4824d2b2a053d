"""MiniLM fine-tuned on the English question pairs in several ways, beside baselines.

    python snippets/2_transformer_basics/finetuning_experiment.py

takes three seeds of each way, measures the baselines, looks at AFQMC in the folder of the data
sets, and writes docs/assets/results/finetuning.json. Some ten minutes of one core.
"""

import json
import os
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from torch import Tensor, nn

from finetuning import cosines
from wode.bert import Bert, initialise
from wode.book import results
from wode.checks import likeliest
from wode.data.pairs import Pair, PairFile, collate
from wode.files.download import data_root
from wode.files.hub import MINILM
from wode.heads import SequenceClassifier
from wode.tasks.baselines import best_threshold, shared_words
from wode.tasks.questions import question_pairs
from wode.training.evaluation import majority
from wode.training.finetuning import Data, Settings, load_data, run
from wode.wordpiece import WordPiece

SETTINGS = Settings(lr=5e-5, epochs=5, warmup=0.1, decay=True)
SEEDS = [0, 1, 2]
MANY = 0.3  # a pair whose sentences share as many of their words shares many


def overlap(pair: Pair) -> float:
    """How many of their words its sentences share."""
    return shared_words(pair.first, str(pair.second))


def labels_of(pairs: Sequence[Pair]) -> Tensor:
    return torch.tensor([pair.label for pair in pairs])


def kind(pair: Pair) -> str:
    """Its label, and whether its sentences share many words."""
    return f"{'same' if pair.label else 'other'}_{'many' if overlap(pair) >= MANY else 'few'}"


def kinds(pairs: Sequence[Pair], right: Sequence[bool]) -> dict[str, float]:
    """The share of right answers by kind."""
    by_kind: dict[str, list[bool]] = {}
    for pair, ok in zip(pairs, right, strict=True):
        by_kind.setdefault(kind(pair), []).append(bool(ok))
    return {name: statistics.mean(values) for name, values in sorted(by_kind.items())}


class Reduced(nn.Module):
    """A classifier in bfloat16, the embeddings left as they are: a third of the time."""

    def __init__(self, network: nn.Module, types: bool = True) -> None:
        super().__init__()
        self.network, self.types = network, types

    def forward(self, **inputs: Tensor) -> Tensor:
        if not self.types:
            inputs["token_type_ids"] = torch.zeros_like(inputs["token_type_ids"])
        with torch.autocast("cpu", torch.bfloat16):
            logits = self.network(**inputs)
        return logits.float()


class Apart(nn.Module):
    """Each sentence by itself: u, v → logits from (u, v, |u - v|), as in Sentence-BERT."""

    def __init__(self, classifier: SequenceClassifier) -> None:
        super().__init__()
        self.bert = classifier.bert
        self.head = nn.Linear(3 * self.bert.config.hidden_size, 2).apply(initialise)

    def vectors(self, input_ids: Tensor, mask: Tensor) -> Tensor:
        hidden, _ = self.bert(input_ids, mask)  # (B, T, E)
        weights = mask[:, :, None]
        return (hidden * weights).sum(dim=1) / weights.sum(dim=1)  # (B, E)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        second = token_type_ids.bool() & attention_mask.bool()
        first = attention_mask.bool() & ~second
        length = input_ids.shape[1]
        ids, masks = [], []
        for mask in (first, second):
            order = (~mask).long().argsort(dim=1, stable=True)  # its own tokens to the front
            ids.append(input_ids.gather(1, order))
            masks.append(mask.sum(dim=1, keepdim=True) > torch.arange(length))
        ids[1] = torch.cat([ids[0][:, :1], ids[1][:, :-1]], dim=1)  # [CLS] in front of the second
        masks[1] = torch.cat([masks[0][:, :1], masks[1][:, :-1]], dim=1)
        u, v = (self.vectors(i, m.long()) for i, m in zip(ids, masks, strict=True))
        return self.head(torch.cat([u, v, (u - v).abs()], dim=1))  # (B, 2)


def prepared(way: str, classifier: SequenceClassifier) -> nn.Module:
    if way == "command":  # what ``python -m wode.finetune`` trains: all weights, in float32
        return classifier
    classifier.bert.embeddings.requires_grad_(False)
    return Reduced(Apart(classifier) if way == "apart" else classifier, way != "no_types")


def fine_tuned(way: str, seed: int, data: Data) -> dict[str, Any]:
    """One run; accuracy after each epoch, answers on the held-out pairs, what is learned."""
    if way == "leak":  # the held-out pairs, their sentences exchanged, among the training pairs
        swapped = [Pair(str(pair.second), pair.first, pair.label) for pair in data.held_out]
        data = Data("leak", [*data.train, *swapped], data.held_out)
    settings = replace(SETTINGS, seed=seed)
    model, rows = run(
        data, settings, progress=False, prepare=lambda classifier: prepared(way, classifier)
    )
    tokenizer = WordPiece.from_pretrained(MINILM)
    model.eval()
    answers = []
    with torch.no_grad():
        for begin in range(0, len(data.held_out), 40):
            inputs, _ = collate(tokenizer)(data.held_out[begin : begin + 40])
            answers += likeliest(model(**inputs), dim=1).tolist()
        train, labels = collate(tokenizer)(data.train[:80])
        fitted = (likeliest(model(**train), dim=1) == labels).double().mean().item()
    return {
        "accuracy": [row["accuracy"] for row in rows],
        "loss": [row["loss"] for row in rows],
        "fitted": fitted,
        "answers": answers,
    }


WAYS = {"pair": SEEDS, "command": SEEDS, "apart": SEEDS, "no_types": SEEDS, "leak": SEEDS[:1]}


def baselines(data: Data) -> dict[str, Any]:
    """Majority, words in common, bag of words, and MiniLM's cosine as it is."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    train, held_out = labels_of(data.train), labels_of(data.held_out)
    shares: dict[str, Any] = {"majority": data.facts()["majority"]}
    tokenizer, bert = WordPiece.from_pretrained(MINILM), Bert.from_pretrained(MINILM)
    scores = {
        "overlap": [torch.tensor([overlap(p) for p in ps]) for ps in (data.train, data.held_out)],
        "cosine": [cosines(bert, tokenizer, ps) for ps in (data.train, data.held_out)],
    }
    for name, (seen, unseen) in scores.items():
        threshold = best_threshold(seen, train)
        right = (unseen >= threshold).long() == held_out
        shares[name] = right.double().mean().item()
        shares[f"{name}_train"] = ((seen >= threshold).long() == train).double().mean().item()
        shares[f"{name}_kinds"] = kinds(data.held_out, right.tolist())
    counts = CountVectorizer(token_pattern=r"\w+", binary=True)
    counts.fit(text for pair in data.train for text in (pair.first, str(pair.second)))

    def features(pairs: Sequence[Pair]) -> Any:
        first, second = (
            counts.transform([str(pair[side]) for pair in pairs]).toarray() for side in (0, 1)
        )
        shared = torch.tensor([[overlap(pair)] for pair in pairs]).numpy()
        return torch.cat(
            [torch.tensor(x) for x in (abs(first - second), first * second, shared)], dim=1
        ).numpy()

    model = LogisticRegression(max_iter=2000).fit(features(data.train), train.numpy())
    shares["bag_of_words"] = float(model.score(features(data.held_out), held_out.numpy()))
    shares["bag_of_words_train"] = float(model.score(features(data.train), train.numpy()))
    answers = torch.tensor(model.predict(features(data.held_out)))
    shares["bag_of_words_kinds"] = kinds(data.held_out, (answers == held_out).tolist())
    return shares


def unknown_share(sentences: Sequence[str]) -> float:
    """The share of MiniLM's pieces that are [UNK]."""
    tokenizer = WordPiece.from_pretrained(MINILM)
    pieces = [piece for text in sentences for piece in tokenizer.tokens(text)]
    return pieces.count("[UNK]") / len(pieces)


def chinese() -> dict[str, Any]:
    """How much of Chinese MiniLM's vocabulary knows; AFQMC's sizes where the file is there."""
    both = [question_pairs("zh", held_out) for held_out in (False, True)]
    own = [str(text) for pairs in both for pair in pairs for text in pair[:2]]
    facts: dict[str, Any] = {"unknown_pairs_zh": unknown_share(own)}
    english = [question_pairs("en", held_out) for held_out in (False, True)]
    text = [str(text) for pairs in english for pair in pairs for text in pair[:2]]
    facts["unknown_pairs_en"] = unknown_share(text)
    path = data_root() / "afqmc" / "dev.json"
    pairs = PairFile(path).pairs
    tokenizer = WordPiece.from_pretrained(MINILM)
    lengths = [len(tokenizer.encode(pair.first, pair.second).ids) for pair in pairs]

    def similar(part: Sequence[Pair]) -> float:
        return sum(pair.label for pair in part) / len(part)

    facts["afqmc"] = {
        "pairs": len(pairs),
        "other": sum(pair.label == 0 for pair in pairs),
        "majority": majority([pair.label for pair in pairs]),
        "first_half": similar(pairs[: len(pairs) // 2]),
        "second_half": similar(pairs[len(pairs) // 2 :]),
        "unknown": unknown_share([str(text) for pair in pairs for text in pair[:2]]),
        "longest": max(lengths),
        "longer_than_64": sum(length > 64 for length in lengths),
    }
    return facts


def main() -> None:
    if len(sys.argv) > 1:  # one run, in a process of its own
        torch.set_num_threads(1)
        print(json.dumps(fine_tuned(sys.argv[1], int(sys.argv[2]), load_data(["pairs-en"]))))
        return
    runs_by_way: dict[str, list[dict[str, Any]]] = {}
    for way, seeds in WAYS.items():
        for seed in seeds:
            command = [sys.executable, __file__, way, str(seed)]
            text = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
            runs_by_way.setdefault(way, []).append(json.loads(text))
            print(way, seed, runs_by_way[way][-1]["accuracy"], flush=True)
    data = load_data(["pairs-en"])
    labels = labels_of(data.held_out)
    numbers: dict[str, Any] = {
        "train": len(data.train),
        "held_out": len(data.held_out),
        "seeds": len(SEEDS),
        "epochs": SETTINGS.epochs,
        "many": MANY,
        "counts": dict(Counter(map(kind, data.held_out))),
        "baselines": baselines(data),
        "chinese": chinese(),
    }
    for way, runs in runs_by_way.items():
        last = [each["accuracy"][-1] for each in runs]
        by_kind = [
            kinds(data.held_out, (torch.tensor(each["answers"]) == labels).tolist())
            for each in runs
        ]
        numbers[way] = {
            "accuracy": [each["accuracy"] for each in runs],
            "last": last,
            "mean": statistics.mean(last),
            "min": min(last),
            "max": max(last),
            "fitted": statistics.mean(each["fitted"] for each in runs),
            "kinds": {name: statistics.mean(k[name] for k in by_kind) for name in by_kind[0]},
        }
    results.write(
        "finetuning",
        numbers,
        command="python snippets/2_transformer_basics/finetuning_experiment.py",
        seed=SEEDS,
        note_zh="MiniLM 在英文问句对上微调的几种做法，与几条基线比；AFQMC 开发集的大小与未知字。",
        note_en="MiniLM fine-tuned on the English question pairs in several ways, beside "
        "baselines; the size of AFQMC's development file and its unknown characters.",
    )


if __name__ == "__main__":
    main()
