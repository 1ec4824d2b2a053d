"""MiniLM fine-tuned on the English question pairs, its rate and budget chosen, beside its rivals.

    python snippets/2_transformer_basics/finetuning_experiment.py

Rate and epochs are chosen on topics of the training pairs; then each way is measured on the
held-out pairs with new seeds, and the page's own run beside the Trainer of transformers. AFQMC's
development file is looked at in the folder of the data sets. What was measured goes to
build/finetuning.jsonl, so that a run that was stopped goes on, and a second process, started with
the word ``backwards``, can share the work; then all goes into docs/assets/results/finetuning.json.
Some quarter of an hour of a core.
"""

import os
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
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

GRID = [(5e-5, 3), (2e-4, 3), (5e-5, 6), (2e-4, 6)]  # rates and epochs
FOLDS = [0, 1]  # each with four other topics to choose on, and another seed
SEEDS = {"pair": [10], "second": [11], "apart": [10], "page": [10], "trainer": [10]}
MANY = 0.3  # a pair whose sentences share as many of their words shares many
ASKED = [  # what the page asks its model, and more
    ("How do I reset my password?", "I cannot remember my password, what now?"),
    ("How do I reset my password?", "How do I reset my phone?"),
    ("How do I reset my password?", "Where is the nearest bus stop?"),
    ("Can I pay in instalments?", "May I split the price?"),
    ("Can I pay in instalments?", "Can I pay in advance?"),
    ("Can I pay in instalments?", "Do you deliver on Sundays?"),
]


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
    if way == "page":  # as on the page: all weights, in float32
        return classifier
    classifier.bert.embeddings.requires_grad_(False)
    return Reduced(Apart(classifier) if way == "apart" else classifier, way != "no_types")


def folded(fold: int) -> Data:
    """The training pairs, four of their sixteen topics to choose on."""
    items = [item for item in question_items() if item.split == "train"]
    topics = sorted({item.topic for item in items})[4 * fold : 4 * fold + 4]
    parts: list[list[Pair]] = [[], []]
    for item in items:
        parts[item.topic in topics].append(Pair(*item.en, item.label))
    return Data(f"fold {fold}", *parts)


def settings_of(rate: float, epochs: int, seed: int) -> Settings:
    return Settings(lr=rate, epochs=epochs, seed=seed, warmup=0.1, decay=True)


def chosen_on(way: str, rate: float, epochs: int, fold: int) -> dict[str, Any]:
    """Accuracy after each epoch on the topics to choose on."""
    _, rows = run(
        folded(fold),
        settings_of(rate, epochs, fold),
        progress=False,
        prepare=lambda classifier: prepared(way, classifier),
    )
    return {"accuracy": [row["accuracy"] for row in rows]}


def fine_tuned(way: str, rate: float, epochs: int, seed: int) -> dict[str, Any]:
    """One run; accuracy after each epoch, answers on the held-out pairs, what is learned."""
    data = load_data(["pairs-en"])
    if way == "leak":  # the held-out pairs, their sentences exchanged, among the training pairs
        swapped = [Pair(str(pair.second), pair.first, pair.label) for pair in data.held_out]
        data = Data("leak", [*data.train, *swapped], data.held_out)
    if way == "trainer":
        model, rows = from_trainer(data, rate, epochs, seed), []
    else:
        settings = settings_of(rate, epochs, seed)
        if way == "page":
            settings = replace(settings, warmup=0.0, decay=False)
        model, rows = run(
            data,
            settings,
            progress=False,
            prepare=lambda classifier: prepared(way, classifier),
        )
    return {"accuracy": [row["accuracy"] for row in rows], **answered(model, data)}


def from_trainer(data: Data, rate: float, epochs: int, seed: int) -> nn.Module:
    """The page's run by the Trainer of transformers, in a folder that goes."""
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
            output_dir=there,
        )
    return Logits(model)


def answered(model: nn.Module, data: Data) -> dict[str, Any]:
    tokenizer = WordPiece.from_pretrained(MINILM)

    def same(pairs: Sequence[Any]) -> Tensor:
        return torch.cat(
            [
                predict(model, tokenizer, [(str(p[0]), str(p[1])) for p in pairs[i : i + 40]])
                for i in range(0, len(pairs), 40)
            ]
        )

    fitted = ((same(data.train[:80]) > 0.5).long() == labels_of(data.train[:80])).double().mean()
    return {
        "answers": (same(data.held_out) > 0.5).long().tolist(),
        "fitted": fitted.item(),
        "asked": same(ASKED).tolist(),
    }


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


def summed_up(found: Sequence[dict[str, Any]], data: Data) -> dict[str, Any]:
    labels = labels_of(data.held_out)
    rights = [(torch.tensor(each["answers"]) == labels) for each in found]
    last = [right.double().mean().item() for right in rights]
    by_kind = [kinds(data.held_out, right.tolist()) for right in rights]
    return {
        "last": last,
        "mean": statistics.mean(last),
        "min": min(last),
        "max": max(last),
        "fitted": statistics.mean(each["fitted"] for each in found),
        "same": [sum(each["answers"]) for each in found],  # how often it answers so
        "asked": [each["asked"] for each in found],
        "each_kinds": {name: [k[name] for k in by_kind] for name in by_kind[0]},
        "kinds": {name: statistics.mean(k[name] for k in by_kind) for name in by_kind[0]},
    }


UNTUNED = {"pair": [0, 1, 2], "apart": [0, 1, 2], "no_types": [0, 1, 2], "leak": [0]}


def untuned(way: str, seeds: list[int]) -> dict[str, Any]:
    """At a rate that was not chosen."""
    return summed_up([fine_tuned(way, 5e-5, 5, seed) for seed in seeds], load_data(["pairs-en"]))


PAGE = (1e-4, 3)  # rate and epochs of the run on the page


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "finetuning.jsonl")
    trials = [("pair", *one, fold) for one in GRID for fold in FOLDS]
    finals = [(way, *PAGE, seed) for way in ("page", "trainer") for seed in SEEDS[way]]
    helps = sys.argv[1:] == ["backwards"]
    for one in finals if helps else []:
        kept("final", fine_tuned, *one)
    for one in reversed(trials) if helps else []:
        kept("trial", chosen_on, *one)
    tried: dict[tuple[float, int], list[float]] = {}
    for way, rate, epochs, fold in trials:
        last = kept("trial", chosen_on, way, rate, epochs, fold)["accuracy"][-1]
        tried.setdefault((rate, epochs), []).append(last)
    first, second = sorted(tried, key=lambda one: -statistics.mean(tried[one]))[:2]
    rest = [(way, *first, seed) for way in ("pair", "apart") for seed in SEEDS[way]]
    rest += [("second", *second, seed) for seed in SEEDS["second"]]
    for one in [*reversed(rest)] if helps else [*rest, *finals]:
        kept("final", fine_tuned, *one)
    if helps:
        return
    data = load_data(["pairs-en"])
    numbers: dict[str, Any] = {
        "train": len(data.train),
        "held_out": len(data.held_out),
        "seeds": {way: len(seeds) for way, seeds in SEEDS.items()},
        "many": MANY,
        "counts": dict(Counter(map(kind, data.held_out))),
        "tried": [
            {"lr": lr, "epochs": n, "each": each, "mean": statistics.mean(each)}
            for (lr, n), each in tried.items()
        ],
        "untuned": {"lr": 5e-5, "epochs": 5},
        "best": {"lr": first[0], "epochs": first[1]},
        "second": {"lr": second[0], "epochs": second[1]},
        "page": {"lr": PAGE[0], "epochs": PAGE[1]},
        "baselines": kept("baselines", lambda: baselines(data) | frozen(data)),
        "chinese": kept("chinese", chinese),
    }
    for way, seeds in UNTUNED.items():
        numbers["untuned"][way] = kept("untuned", untuned, way, seeds)
    names = dict.fromkeys(one[0] for one in [*rest, *finals])
    for way in names:
        found = [kept("final", fine_tuned, *one) for one in [*rest, *finals] if one[0] == way]
        numbers[way] = numbers.get(way, {}) | summed_up(found, data)
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
