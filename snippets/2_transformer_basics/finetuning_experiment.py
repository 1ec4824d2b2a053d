"""MiniLM fine-tuned on the English question pairs, its rate and budget chosen, beside its rivals.

    python snippets/2_transformer_basics/finetuning_experiment.py

Rate and epochs are chosen on topics of the training pairs; then they are measured on the held-out
pairs with new seeds: both sentences in one input, the same by the Trainer of transformers, each
sentence encoded apart, and with a leak. AFQMC's development file is looked at in the folder of the
data sets. What was measured goes to build/finetuning.jsonl, so that a run that was stopped goes on,
and a second process, started with the word ``backwards``, can share the work; then all goes into
docs/assets/results/finetuning.json. Some eight minutes of a core.
"""

import os
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from torch import Tensor, nn
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from finetuning import by_trainer, cosines, predict
from wode.bert import Bert, initialise
from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.data.pairs import Pair, PairFile
from wode.files.download import data_root
from wode.files.hub import MINILM, find
from wode.heads import SequenceClassifier
from wode.tasks.baselines import best_threshold, sentence_vectors, shared_words
from wode.tasks.questions import question_items, question_pairs
from wode.training.evaluation import majority
from wode.training.finetuning import Data, Settings, load_data, run
from wode.wordpiece import WordPiece

RATES = [5e-5, 2e-4, 8e-4]
EPOCHS = 4  # the rate is constant, so a run of four epochs also shows one, two and three
FOLDS = [0, 1]  # each with four other topics to choose on, and another seed
SEEDS = {"pair": [10, 11], "trainer": [10], "apart": [12], "leak": [10]}
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


class Logits(nn.Module):
    """A model of transformers that answers as ours do."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, **inputs: Tensor) -> Tensor:
        return self.model(**inputs).logits


class Reduced(nn.Module):
    """A classifier in bfloat16: three quarters of the time."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, **inputs: Tensor) -> Tensor:
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
    return Reduced(Apart(classifier) if way == "apart" else classifier)


def folded(fold: int) -> Data:
    """The training pairs, four of their sixteen topics to choose on."""
    items = [item for item in question_items() if item.split == "train"]
    topics = sorted({item.topic for item in items})[4 * fold : 4 * fold + 4]
    parts: list[list[Pair]] = [[], []]
    for item in items:
        parts[item.topic in topics].append(Pair(*item.en, item.label))
    return Data(f"fold {fold}", *parts)


def chosen_on(way: str, rate: float, fold: int) -> list[float]:
    """Accuracy after each epoch on the topics to choose on."""
    _, rows = run(
        folded(fold),
        Settings(lr=rate, epochs=EPOCHS, seed=fold),
        progress=False,
        prepare=lambda classifier: prepared(way, classifier),
    )
    return [row["accuracy"] for row in rows]


def fine_tuned(way: str, rate: float, epochs: int, seed: int) -> list[int]:
    """One run; its answers on the held-out pairs."""
    data = load_data(["pairs-en"])
    if way == "leak":  # the held-out pairs, their sentences exchanged, among the training pairs
        swapped = [Pair(str(pair.second), pair.first, pair.label) for pair in data.held_out]
        data = Data("leak", [*data.train, *swapped], data.held_out)
    if way == "trainer":
        model = from_trainer(data, rate, epochs, seed)
    else:
        model, _ = run(
            data,
            Settings(lr=rate, epochs=epochs, seed=seed),
            progress=False,
            prepare=lambda classifier: prepared(way, classifier),
        )
    tokenizer = WordPiece.from_pretrained(MINILM)
    pairs = [(str(pair.first), str(pair.second)) for pair in data.held_out]
    parts = [predict(model, tokenizer, pairs[i : i + 40]) for i in range(0, len(pairs), 40)]
    return (torch.cat(parts) > 0.5).long().tolist()


def from_trainer(data: Data, rate: float, epochs: int, seed: int) -> nn.Module:
    """The same by the Trainer of transformers, in a folder that goes."""
    torch.manual_seed(seed)
    folder = find(MINILM).path
    model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=2)
    with tempfile.TemporaryDirectory() as there:
        by_trainer(
            model,
            AutoTokenizer.from_pretrained(folder),
            list(data.train),
            learning_rate=rate,
            num_train_epochs=epochs,
            seed=seed,
            use_cpu=True,
            bf16=True,
            output_dir=there,
        )
    return Logits(model)


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


def frozen(data: Data) -> dict[str, Any]:
    """Logistic regression on u, v, |u - v|, u·v of MiniLM's vectors; its C chosen on topics too."""
    from sklearn.linear_model import LogisticRegression

    tokenizer, bert = WordPiece.from_pretrained(MINILM), Bert.from_pretrained(MINILM)
    pairs = [*data.train, *data.held_out]
    u, v = (sentence_vectors(bert, tokenizer, [str(p[k]) for p in pairs]) for k in (0, 1))
    features = dict(zip(pairs, torch.cat([(u - v).abs(), u * v], dim=1).numpy(), strict=True))

    def scored(part: Data, c: float) -> Tensor:
        model = LogisticRegression(max_iter=5000, C=c)
        model.fit([features[pair] for pair in part.train], labels_of(part.train).numpy())
        answers = model.predict([features[pair] for pair in part.held_out])
        return torch.tensor(answers) == labels_of(part.held_out)

    by_c = {
        c: statistics.mean(scored(folded(f), c).double().mean().item() for f in range(4))
        for c in (0.1, 1.0, 10.0, 100.0)
    }
    best = max(by_c, key=lambda c: by_c[c])
    right = scored(data, best)
    return {
        "frozen": right.double().mean().item(),
        "frozen_c": best,
        "frozen_kinds": kinds(data.held_out, right.tolist()),
    }


def summed_up(found: Sequence[list[int]], data: Data) -> dict[str, Any]:
    labels = labels_of(data.held_out)
    rights = [torch.tensor(answers) == labels for answers in found]
    last = [right.double().mean().item() for right in rights]
    by_kind = [kinds(data.held_out, right.tolist()) for right in rights]
    return {
        "last": last,
        "mean": statistics.mean(last),
        "min": min(last),
        "max": max(last),
        "same": [sum(answers) for answers in found],  # how often it answers so
        "each_kinds": {name: [k[name] for k in by_kind] for name in by_kind[0]},
        "kinds": {name: statistics.mean(k[name] for k in by_kind) for name in by_kind[0]},
    }


def chosen(kept: Kept) -> dict[str, Any]:
    """What was tried on the topics to choose on, and the best; of equals the shorter run."""
    tried: list[dict[str, Any]] = []
    for rate in RATES:
        each = [kept("trial", chosen_on, "pair", rate, fold) for fold in FOLDS]
        mean = [statistics.mean(folds) for folds in zip(*each, strict=True)]
        tried.append({"lr": rate, "each": each, "mean": mean})
    places = [(row, n) for n in range(EPOCHS) for row in tried]
    row, n = max(places, key=lambda one: one[0]["mean"][one[1]])
    return {"tried": tried, "lr": row["lr"], "epochs": n + 1, "validation": row["mean"][n]}


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "finetuning.jsonl")
    helps = sys.argv[1:] == ["backwards"]
    for rate, fold in [(rate, fold) for rate in reversed(RATES) for fold in FOLDS] * helps:
        kept("trial", chosen_on, "pair", rate, fold)
    choice = chosen(kept)
    finals = [
        (way, choice["lr"], choice["epochs"], seed)
        for way, seeds in SEEDS.items()
        for seed in seeds
    ]
    if helps:
        for one in reversed(finals):
            kept("final", fine_tuned, *one)
        return
    found: dict[str, list[list[int]]] = {way: [] for way in SEEDS}
    for one in finals:
        found[one[0]].append(kept("final", fine_tuned, *one))
    data = load_data(["pairs-en"])
    numbers: dict[str, Any] = {
        "train": len(data.train),
        "held_out": len(data.held_out),
        "many": MANY,
        "counts": dict(Counter(map(kind, data.held_out))),
        "chosen": choice,
        "baselines": kept("baselines", lambda: baselines(data) | frozen(data)),
        "chinese": kept("chinese", chinese),
    }
    numbers |= {way: summed_up(answers, data) for way, answers in found.items()}
    results.write(
        "finetuning",
        numbers,
        command="python snippets/2_transformer_basics/finetuning_experiment.py",
        seed=SEEDS["pair"],
        note_zh="MiniLM 在英文问句对上微调：学习率与轮数怎样选，"
        "几种做法与几条基线，按四种问句对分开；"
        "AFQMC 开发集的大小与未知字。",
        note_en="MiniLM fine-tuned on the English question pairs: rate and epochs chosen, several "
        "ways beside baselines by kind of pair; the size of AFQMC's development file and its "
        "unknown characters.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
