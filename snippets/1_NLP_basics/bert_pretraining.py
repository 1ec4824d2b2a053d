"""The chapter `bert-pretraining`: a small BERT on real sentences; what gives NSP and SOP away.

    python snippets/1_NLP_basics/bert_pretraining.py

needs the data sets of WODE_DATA (`cmn-eng`, `xquad`), pretrains a small BERT on English sentences
of Tatoeba three times in three ways (nine runs, each kept in build/ as it ends), judges pairs of
XQuAD's sentences by words and by MiniLM, and writes docs/assets/results/bert_pretraining.json.
About ten minutes of one core.
"""

import functools
import json
import math
import os
import random
import re
import statistics
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from unittest import mock

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from wode.bert import Bert, Config
from wode.book import results
from wode.masking import Words, mask_tokens
from wode.objectives import SentencePair, next_sentence, sentence_order
from wode.pretraining import BertForPreTraining
from wode.subwords import count_words, frequency, learn
from wode.tasks.baselines import best_threshold, sentence_vectors, shared_words
from wode.wordpiece import MORE, SPECIAL, WordPiece, pad

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
PIECES, STEPS, BATCH, EVERY = 1500, 1000, 64, 50
WAYS = ("bert", "left_only", "bag_of_words")
SEEDS = [0, 1, 2]


def pretrain(
    model: BertForPreTraining,
    tokenizer: WordPiece,
    texts: Sequence[str],
    steps: int,
    batch: int = 48,
    lr: float = 5e-3,
    seed: int = 0,
    every: int = 100,
    report: Callable[[int, float], None] = lambda step, loss: None,
) -> BertForPreTraining:
    """Masked language modelling in seven steps; new gaps each time a sentence comes."""
    chance = torch.Generator().manual_seed(seed)
    words, encoded = Words.of(tokenizer.vocabulary), [tokenizer.encode(text) for text in texts]
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    model.train()
    for step in range(1, steps + 1):
        chosen = torch.randint(len(texts), (batch,), generator=chance).tolist()
        inputs = pad([encoded[n] for n in chosen])  # 1 take data and labels
        ids, labels = mask_tokens(inputs["input_ids"], words, generator=chance)
        loss = model.loss(ids, inputs["attention_mask"], None, labels)  # 2 forward, 3 loss
        optimizer.zero_grad()  # 4 zero_grad
        loss.backward()  # 5 backward
        optimizer.step()  # 6 step
        scheduler.step()
        if step % every == 0:
            report(step, loss.item())
    return model.eval()  # 7 save: the caller's


class Cloze:
    """The same gaps in the same sentences each time: what a model is measured by."""

    def __init__(self, tokenizer: WordPiece, texts: Sequence[str], seed: int = 0) -> None:
        inputs = tokenizer.batch(list(texts))
        self.mask, self.words = inputs["attention_mask"], Words.of(tokenizer.vocabulary)
        chance = torch.Generator().manual_seed(seed)
        self.ids, self.labels = mask_tokens(inputs["input_ids"], self.words, generator=chance)
        self.answers = self.labels[self.labels != -100]  # (M,)

    @torch.no_grad()
    def loss(self, model: BertForPreTraining) -> float:
        """Nats a hidden token; the model's mode is put back."""
        was_training = model.training
        loss = model.eval().loss(self.ids, self.mask, None, self.labels).item()
        model.train(was_training)
        return loss

    def unigram(self, ids: Iterable[int]) -> float:
        """The loss of one who knows how frequent each token is in ``ids``, and nothing else."""
        counts = torch.ones(self.words.size)  # 1: a token never seen is not impossible
        counts += torch.bincount(torch.tensor(list(ids)), minlength=self.words.size)
        counts[list(self.words.special)] = 0
        return -(counts / counts.sum()).log()[self.answers].mean().item()


# ---------------------------------------------------------------- the small BERT, three ways


def without_positions(model: BertForPreTraining) -> BertForPreTraining:
    """A model that sees which words there are and not where: a bag of words."""
    positions = model.bert.embeddings.position_embeddings.weight
    positions.data.zero_()
    positions.requires_grad_(False)
    return model


def left_to_right() -> AbstractContextManager[object]:
    """Inside, each position sees itself and what is to its left."""
    causal = functools.partial(F.scaled_dot_product_attention, is_causal=True)
    return mock.patch.object(F, "scaled_dot_product_attention", causal)


def tatoeba() -> list[str]:
    lines = (Path(os.environ["WODE_DATA"]) / "cmn-eng" / "cmn.txt").read_text(encoding="utf-8")
    return sorted({line.split("\t")[0] for line in lines.splitlines()})


def pieces_of(texts: Sequence[str]) -> WordPiece:
    """A vocabulary of ``PIECES`` pieces, merged by frequency."""
    counts = count_words(texts)
    single = {c if n == 0 else MORE + c for word in counts for n, c in enumerate(word)}
    symbols, _ = learn(counts, PIECES - len(SPECIAL) - len(single), frequency, MORE, 2)
    return WordPiece({piece: n for n, piece in enumerate((*SPECIAL, *symbols))})


def run(way: str, seed: int, tokenizer: WordPiece, texts: Sequence[str]) -> dict:
    """Pretrain one small BERT; the loss on held-out sentences as it learns."""
    mixed = random.Random(seed).sample(texts, len(texts))
    held_out, seen = mixed[:1000], mixed[1000:]
    cloze = Cloze(tokenizer, held_out)
    torch.manual_seed(seed)
    model = BertForPreTraining(
        Config(len(tokenizer.vocabulary), 128, 2, 4, 512, 0.0, 0.0, max_position_embeddings=64)
    )
    if way == "bag_of_words":
        without_positions(model)
    curve = [cloze.loss(model)]

    def report(step: int, loss: float) -> None:
        curve.append(cloze.loss(model))
        print(f"{way} seed {seed} step {step}: {loss:.3f}, held out {curve[-1]:.3f}", flush=True)

    with left_to_right() if way == "left_only" else nullcontext():
        pretrain(model, tokenizer, seen, STEPS, BATCH, 2e-3, seed, EVERY, report)
    ids = (i for text in seen for i in tokenizer.encode(text).ids)
    return {"curve": curve, "unigram": cloze.unigram(ids), "gaps": len(cloze.answers)}


# ---------------------------------------------------------------- pairs of sentences


def articles() -> list[list[list[str]]]:
    """XQuAD's English articles: paragraphs of sentences."""
    path = Path(os.environ["WODE_DATA"]) / "xquad" / "xquad.en.json"
    data = json.loads(path.read_text(encoding="utf-8"))["data"]
    end = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“])")
    return [[end.split(part["context"]) for part in page["paragraphs"]] for page in data]


def embedded(texts: list[str]) -> dict[str, np.ndarray]:
    """Each text as MiniLM sees it."""
    tokenizer, model = WordPiece.from_pretrained(MINILM), Bert.from_pretrained(MINILM)
    return dict(zip(texts, sentence_vectors(model, tokenizer, texts).numpy(), strict=True))


def threshold_accuracy(scores: Sequence[Tensor], labels: Sequence[Tensor]) -> float:
    """Call a pair true above a threshold: set on the first half, counted on the second."""
    (known, new), (answers, questions) = scores, labels
    cut = best_threshold(known, 1 - answers)
    return ((new < cut).long() == questions).float().mean().item()


def judged(pages: list[list[list[str]]], vectors: dict[str, np.ndarray], seed: int) -> dict:
    """How often a pair is judged right, by task and by judge; half of the articles held out."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
    from sklearn.linear_model import LogisticRegression

    chance = torch.Generator().manual_seed(seed)
    mixed = random.Random(seed).sample(pages, len(pages))
    halves = [mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]]
    tasks: dict[str, Callable[[list[list[list[str]]]], list[SentencePair[str]]]] = {
        "nsp": lambda part: next_sentence([d for page in part for d in page], chance),
        "nsp_same_article": lambda part: [p for page in part for p in next_sentence(page, chance)],
        "sop": lambda part: sentence_order([d for page in part for d in page], chance),
    }
    table: dict[str, dict[str, float]] = {}
    for name, make in tasks.items():
        pairs = [make(part) for part in halves]
        labels = [torch.tensor([pair.label for pair in part]) for part in pairs]
        words = [
            torch.tensor([shared_words(*pair[:2], ENGLISH_STOP_WORDS) for pair in part])
            for part in pairs
        ]
        a, b = ([np.array([vectors[pair[n]] for pair in part]) for part in pairs] for n in (0, 1))
        cosine = [torch.from_numpy((x * y).sum(1)) for x, y in zip(a, b, strict=True)]
        size = a[0].shape[1]  # A, B and their product, each number of about the same size
        seen = [np.concatenate([x, y, size * x * y], axis=1) for x, y in zip(a, b, strict=True)]
        probe = LogisticRegression(C=1 / size, max_iter=3000).fit(seen[0], labels[0].numpy())
        table[name] = {
            "words": threshold_accuracy(words, labels),
            "minilm": threshold_accuracy(cosine, labels),
            "probe": float(probe.score(seen[1], labels[1].numpy())),
            "pairs": len(pairs[1]),
        }
    return table


def main() -> None:
    torch.set_num_threads(1)
    kept = results.ROOT / "build" / "bert_pretraining"
    kept.mkdir(parents=True, exist_ok=True)

    def once(name: str, compute: Callable[[], dict]) -> dict:
        path = kept / f"{name}.json"
        if not path.exists():
            path.write_text(json.dumps(compute()), encoding="utf-8")
        return json.loads(path.read_text(encoding="utf-8"))

    texts = tatoeba()
    vocabulary = once("vocabulary", lambda: pieces_of(texts).vocabulary)
    tokenizer = WordPiece(vocabulary)
    runs = {
        way: [
            once(f"{way}_{seed}", functools.partial(run, way, seed, tokenizer, texts))
            for seed in SEEDS
        ]
        for way in WAYS
    }
    pages = articles()
    sentences = sorted({s for page in pages for part in page for s in part})

    def pairs() -> dict:
        vectors = embedded(sentences)
        return {"tables": [judged(pages, vectors, seed) for seed in range(5)]}

    tables = once("pairs", pairs)["tables"]
    numbers: dict = {
        "steps": list(range(0, STEPS + 1, EVERY)),
        "sentences": len(texts),
        "pieces": len(vocabulary),
        "gaps": runs["bert"][0]["gaps"],
        "unigram": statistics.mean(one["unigram"] for one in runs["bert"]),
        "uniform": math.log(len(vocabulary)),
        "curves": {way: [one["curve"] for one in runs[way]] for way in WAYS},
        "final": {way: statistics.mean(one["curve"][-1] for one in runs[way]) for way in WAYS},
        "spread": {
            way: max(ends) - min(ends)
            for way in WAYS
            for ends in [[one["curve"][-1] for one in runs[way]]]
        },
        "perplexity": {},
        "pairs": {
            task: {judge: [table[task][judge] for table in tables] for judge in tables[0][task]}
            for task in tables[0]
        },
        "pair_sentences": len(sentences),
        "articles": len(pages),
    }
    numbers["perplexity"] = {way: math.exp(loss) for way, loss in numbers["final"].items()}
    numbers["perplexity"]["unigram"] = math.exp(numbers["unigram"])
    numbers["pairs_mean"] = {
        task: {judge: statistics.mean(values) for judge, values in judges.items()}
        for task, judges in numbers["pairs"].items()
    }
    results.write(
        "bert_pretraining",
        numbers,
        command="python snippets/1_NLP_basics/bert_pretraining.py",
        seed=SEEDS,
        note_zh="小 BERT 在 Tatoeba 上预训练，没见过的句子上的损失；NSP、SOP 靠什么答对。",
        note_en="A small BERT pretrained on English sentences of Tatoeba: its loss on held-out "
        "sentences; and what NSP and SOP can be solved by.",
    )


if __name__ == "__main__":
    main()
