"""For the page `sentence-order`: what is enough to answer NSP and SOP.

    python snippets/1_NLP_basics/sentence_order_experiment.py

needs `xquad` of WODE_DATA. Four judges of pairs of sentences, none of which reads the two together:
the words they share, MiniLM's cosine, a linear layer on MiniLM's two vectors, and one that knows
which words stand in A and which in B; and MiniLM fine-tuned on the two together. On encyclopedia
articles, half of them held out, and on the book's own stories, where the order can be found. Writes
docs/assets/results/sentence_order.json. Three minutes of one core; stopped, it goes on.
"""

import functools
import random
import re
import statistics
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sentence_order import leans
from wode.bert import Bert
from wode.book import results
from wode.book.kept import Kept
from wode.checks import likeliest
from wode.files.download import data_root
from wode.files.hub import MINILM
from wode.files.strict_json import read_object
from wode.heads import SequenceClassifier
from wode.objectives import SentencePair, next_sentence, sentence_order
from wode.tasks.baselines import best_threshold, sentence_vectors, shared_words
from wode.tasks.stories import stories
from wode.training import seed_everything
from wode.training.heads import fit, logits_of
from wode.wordpiece import WordPiece

Pairs = list[SentencePair[str]]
Articles = list[list[list[str]]]  # paragraphs of sentences
TASKS = ("nsp", "nsp_same_article", "sop", "stories")
DRAWS = range(5)
READ = {"nsp": 3, "stories": 6}  # epochs: 90 steps each


def articles() -> Articles:
    """XQuAD's English articles: paragraphs of sentences."""
    data = read_object(data_root() / "xquad" / "xquad.en.json")["data"]
    end = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“])")
    return [[end.split(part["context"]) for part in page["paragraphs"]] for page in data]


def pairs_of(task: str, draw: int) -> tuple[Pairs, Pairs]:
    """What is learned from, and what is held out: other articles, or other stories."""
    chance = torch.Generator().manual_seed(draw)
    if task == "stories":
        return sentence_order(stories(), chance), sentence_order(stories(True), chance)
    pages = random.Random(draw).sample(articles(), 48)
    make: Callable[[Articles], Pairs] = {
        "nsp": lambda part: next_sentence([d for page in part for d in page], chance),
        "nsp_same_article": lambda part: [p for page in part for p in next_sentence(page, chance)],
        "sop": lambda part: sentence_order([d for page in part for d in page], chance),
    }[task]
    return make(pages[:24]), make(pages[24:])


def labels_of(pairs: Pairs) -> np.ndarray:
    return np.array([pair.label for pair in pairs])


# ---------------------------------------------------------------- the judges


def by_threshold(scores: Sequence[np.ndarray], parts: Sequence[Pairs]) -> float:
    """Call a pair true above a threshold: set on the first part, counted on the second."""
    cut = best_threshold(torch.from_numpy(scores[0]), 1 - torch.from_numpy(labels_of(parts[0])))
    return float(((scores[1] < cut) == labels_of(parts[1])).mean())


def fitted(
    features: Sequence[Any], parts: Sequence[Pairs], *steps: Any, strength: float = 1e-2
) -> tuple[Any, float]:
    """Logistic regression on the first part, counted on the second."""
    line = make_pipeline(*steps, LogisticRegression(C=strength, max_iter=3000))
    line.fit(features[0], labels_of(parts[0]))
    return line, float(line.score(features[1], labels_of(parts[1])))


def in_both_orders(pairs: Pairs) -> Pairs:
    """For SOP each pair can be learned from twice."""
    swapped = [SentencePair(pair.second, pair.first, 1 - pair.label) for pair in pairs]
    return pairs + swapped


def marked(pairs: Pairs) -> list[str]:
    """Each word with the sentence that it stands in: a_the a_baker … b_he …"""
    return [
        " ".join(
            f"{name}_{word}"
            for name, text in (("a", pair.first), ("b", pair.second))
            for word in re.findall(r"\w+", text.lower())
        )
        for pair in pairs
    ]


@functools.cache
def vectors() -> dict[str, np.ndarray]:
    """Each sentence as MiniLM sees it alone."""
    texts = sorted({s for page in articles() for part in page for s in part})
    texts += sorted({s for held_out in (False, True) for one in stories(held_out) for s in one})
    tokenizer, bert = WordPiece.from_pretrained(MINILM), Bert.from_pretrained(MINILM)
    return dict(zip(texts, sentence_vectors(bert, tokenizer, texts).numpy(), strict=True))


def judged(task: str, draw: int) -> dict[str, float]:
    """How often each judge that is not a reader is right on what was held out."""
    parts = pairs_of(task, draw)
    if task in ("sop", "stories"):
        parts = in_both_orders(parts[0]), parts[1]
    vector = vectors()
    a, b = ([np.array([vector[pair[n]] for pair in part]) for part in parts] for n in (0, 1))
    words = [
        np.array([shared_words(*pair[:2], ENGLISH_STOP_WORDS) for pair in part]) for part in parts
    ]
    both = [np.concatenate([x - y, x * y], axis=1) for x, y in zip(a, b, strict=True)]
    line, probe = fitted(both, parts, StandardScaler())
    scaler, regression = line.named_steps.values()
    logit = scaler.transform(both[1]) * regression.coef_[0]  # (N, 2E): what each number adds
    size = a[0].shape[1]
    order, topic = logit[:, :size].sum(axis=1).var(), logit[:, size:].sum(axis=1).var()
    rule = [leans(pair.first) and not leans(pair.second) for pair in parts[1]]
    cued = np.array([leans(pair.first) != leans(pair.second) for pair in parts[1]])
    right_by_rule = np.array(rule) == labels_of(parts[1])
    right_by_probe = line.predict(both[1]) == labels_of(parts[1])
    return {
        "words": by_threshold(words, parts),
        "minilm": by_threshold([(x * y).sum(axis=1) for x, y in zip(a, b, strict=True)], parts),
        "probe": probe,
        "probe_strong": fitted(both, parts, StandardScaler(), strength=1e-3)[1],
        "probe_weak": fitted(both, parts, StandardScaler(), strength=1e-1)[1],
        "share_of_order": float(order / (order + topic)),
        "which": fitted(
            [marked(part) for part in parts], parts, CountVectorizer(binary=True), strength=1
        )[1],
        "cued": float(cued.mean()),
        "rule": float(right_by_rule[cued].mean()) if cued.any() else 0.5,
        "probe_cued": float(right_by_probe[cued].mean()),
        "probe_silent": float(right_by_probe[~cued].mean()),
        "rule_all": float(np.where(cued, right_by_rule, 0.5).mean()),
        "pairs": len(parts[1]),
        "learned": len(parts[0]),
    }


def read(task: str, rate: float, epochs: int, draw: int) -> dict[str, Any]:
    """The other kind of judge: MiniLM reads both sentences in one row, and is fine-tuned with NSP's
    head. Pairs are cut to 64 tokens."""
    learn, new = pairs_of(task, draw)
    if task in ("sop", "stories"):
        learn = in_both_orders(learn)
    tokenizer = WordPiece.from_pretrained(MINILM)
    seed_everything(draw)
    model = SequenceClassifier.from_pretrained(MINILM, 2)  # the pooler, and a linear layer
    samples = [(tokenizer.encode(*p[:2], 64), torch.tensor(p.label)) for p in learn]
    losses = [row["loss"] for row in fit(model, samples, rate, epochs, draw)]
    found = logits_of(model, [tokenizer.encode(*pair[:2], 64) for pair in new])
    right = [int(likeliest(row)) == pair.label for row, pair in zip(found, new, strict=True)]
    return {"right": statistics.mean(right), "losses": losses, "learned": len(learn)}


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(results.ROOT / "build" / "sentence_order.jsonl")
    together = {
        task: [kept("read", read, task, 3e-4, epochs, DRAWS[0])] for task, epochs in READ.items()
    }
    tables = {task: [kept("judged", judged, task, draw) for draw in DRAWS] for task in TASKS}
    pairs = {
        task: {judge: [one[judge] for one in ones] for judge in ones[0]}
        for task, ones in tables.items()
    }
    results.write(
        "sentence_order",
        {
            "pairs": pairs,
            "mean": {
                task: {judge: statistics.mean(values) for judge, values in judges.items()}
                for task, judges in pairs.items()
            },
            "together": {
                task: {
                    "mean": statistics.mean(one["right"] for one in ones),
                    "right": [one["right"] for one in ones],
                    "losses": [one["losses"] for one in ones],
                    "learned": [one["learned"] for one in ones],
                }
                for task, ones in together.items()
            },
            "articles": len(articles()),
            "sentences": len({s for page in articles() for part in page for s in part}),
            "minutes": kept.minutes,
        },
        command="python snippets/1_NLP_basics/sentence_order_experiment.py",
        seed=list(DRAWS),
        note_zh="NSP 和 SOP 靠什么就能答对：几个裁判，百科文章和书里自己的小故事。",
        note_en="What is enough to answer NSP and SOP: several judges, on encyclopedia articles "
        "and on the book's own stories.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
