"""For the page `bert-pretraining`: a small BERT on real sentences; what gives NSP and SOP away.

    python snippets/1_NLP_basics/bert_pretraining_experiment.py

needs the data sets of WODE_DATA (`cmn-eng`, `xquad`), pretrains a small BERT on English sentences
of Tatoeba three times in three ways (nine runs, each kept in build/ as it ends), judges pairs of
XQuAD's sentences by words and by MiniLM, and writes docs/assets/results/bert_pretraining.json.
About ten minutes of one core.
"""

import functools
import math
import random
import re
import statistics
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from bert_pretraining import Cloze, pretrain
from wode.bert import Bert, Config
from wode.book import results
from wode.book.kept import Kept
from wode.data.formats import read_translations
from wode.files.download import data_root
from wode.files.hub import MINILM
from wode.files.strict_json import read_object
from wode.objectives import SentencePair, next_sentence, sentence_order
from wode.pretraining import BertForPreTraining
from wode.subwords import count_words, frequency, learn
from wode.tasks.baselines import best_threshold, sentence_vectors, shared_words
from wode.wordpiece import MORE, SPECIAL, WordPiece

PIECES, STEPS, BATCH, EVERY = 1500, 1000, 64, 50
WAYS = ("bert", "left_only", "bag_of_words")
SEEDS = [0, 1, 2]


# ---------------------------------------------------------------- the small BERT, three ways


def without_positions(model: BertForPreTraining) -> BertForPreTraining:
    """A model that sees which words there are and not where: a bag of words."""
    positions = model.bert.embeddings.position_embeddings.weight
    positions.data.zero_()
    positions.requires_grad_(False)
    return model


class LeftToRight(Bert):
    """A BERT of which each position sees itself and what is to its left."""

    def encode(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        visible: Tensor | None = None,
    ) -> Tensor:
        B, T = input_ids.shape
        left = torch.ones(B, T, T, dtype=torch.bool).tril()
        return super().encode(input_ids, attention_mask, token_type_ids, left)


def left_to_right(model: BertForPreTraining) -> BertForPreTraining:
    """The same weights in a `LeftToRight`; the heads, tied to them, stay."""
    causal = LeftToRight(model.config)
    for name, part in model.bert.named_children():
        setattr(causal, name, part)
    model.bert = causal
    return model


def tatoeba() -> list[str]:
    return sorted({en for en, _ in read_translations(data_root() / "cmn-eng" / "cmn.txt")})


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
    elif way == "left_only":
        left_to_right(model)
    curve = [cloze.loss(model)]

    def report(step: int, loss: float) -> None:
        curve.append(cloze.loss(model))
        print(f"{way} seed {seed} step {step}: {loss:.3f}, held out {curve[-1]:.3f}", flush=True)

    pretrain(model, tokenizer, seen, STEPS, BATCH, 2e-3, seed, EVERY, report)
    ids = (i for text in seen for i in tokenizer.encode(text).ids)
    return {"curve": curve, "unigram": cloze.unigram(ids), "gaps": len(cloze.answers)}


# ---------------------------------------------------------------- pairs of sentences


def articles() -> list[list[list[str]]]:
    """XQuAD's English articles: paragraphs of sentences."""
    data = read_object(data_root() / "xquad" / "xquad.en.json")["data"]
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
    kept = Kept(results.ROOT / "build" / "bert_pretraining.jsonl")
    texts = tatoeba()
    vocabulary = kept("vocabulary", lambda: pieces_of(texts).vocabulary)
    tokenizer = WordPiece(vocabulary)
    runs = {
        way: [
            kept(f"{way} {seed}", functools.partial(run, way, seed, tokenizer, texts))
            for seed in SEEDS
        ]
        for way in WAYS
    }
    pages = articles()
    sentences = sorted({s for page in pages for part in page for s in part})

    def pairs() -> dict:
        vectors = embedded(sentences)
        return {"tables": [judged(pages, vectors, seed) for seed in range(5)]}

    tables = kept("pairs", pairs)["tables"]
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
        command="python snippets/1_NLP_basics/bert_pretraining_experiment.py",
        seed=SEEDS,
        note_zh="小 BERT 在 Tatoeba 上预训练，没见过的句子上的损失；NSP、SOP 靠什么答对。",
        note_en="A small BERT pretrained on English sentences of Tatoeba: its loss on held-out "
        "sentences; and what NSP and SOP can be solved by.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
