"""For the page `bert-pretraining`: is it more than word frequencies, and why not [MASK] every time.

    python snippets/1_NLP_basics/bert_pretraining_experiment.py

needs the data of WODE_DATA (`cmn-eng`), pretrains small BERTs on the sentences of a
small grammar and on English sentences of Tatoeba: reading both sides, the left one, a bag of words;
with other shares of [MASK]; each kept in build/ as it ends. Writes
docs/assets/results/bert_pretraining.json. About ten minutes of one core.
"""

import functools
import math
import random
import statistics
import sys
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from bert_pretraining import cloze, pretrain
from wode.bert import Bert, Config
from wode.book import results
from wode.book.kept import Kept
from wode.checks import likeliest
from wode.data.formats import read_translations
from wode.decoding import evaluating
from wode.files.download import data_root
from wode.masking import Words, corrupt, ordinary
from wode.pretraining import BertForPreTraining
from wode.subwords import count_words, frequency, learn
from wode.tasks.sentences import translation_pairs
from wode.wordpiece import MORE, SPECIAL, WordPiece

PIECES = 1500
WAYS = ("both", "left", "bag")
MIXES = {  # [MASK], unchanged, other: the shares of [MASK] and of other words
    "80_10_10": (0.8, 0.1),
    "100_0_0": (1.0, 0.0),
    "80_0_20": (0.8, 0.2),
    "80_20_0": (0.8, 0.0),
}
#: Steps, rates to choose from with seed 0, steps of a longer run, seeds.
PLANS = {
    "grammar": (400, (8e-3, 4e-3), 800, [0, 1, 2]),
    "tatoeba": (250, (4e-3,), 0, [0, 1]),
}
GAP = ("did", "will", "does", "never", "mother")
EXAMPLE = "She did not bought a new book yesterday."


# ---------------------------------------------------------------- texts and models


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


class Texts:
    """What is learned from and what is held out; the pieces are learned from the former alone."""

    def __init__(self, name: str, seed: int) -> None:
        self.name, self.seed = name, seed
        if name == "grammar":
            self.seen = [pair.en for pair in translation_pairs(4000)]
            self.held_out = [pair.en for pair in translation_pairs(500, held_out=True)]
            words = sorted(count_words(self.seen))
            self.tokenizer = WordPiece({piece: n for n, piece in enumerate((*SPECIAL, *words))})
        else:
            texts = tatoeba()
            mixed = random.Random(seed).sample(texts, len(texts))
            self.held_out, self.seen = mixed[:1000], mixed[1000:]
            self.tokenizer = pieces_of(self.seen)

    def model(
        self, way: str, rate: float, steps: int, mix: tuple[float, float]
    ) -> BertForPreTraining:
        torch.manual_seed(self.seed)
        pieces = len(self.tokenizer.vocabulary)
        config = Config(pieces, 48, 2, 4, 192, 0.0, 0.0)
        if self.name == "tatoeba":
            config = Config(pieces, 128, 2, 4, 512, 0.0, 0.0, max_position_embeddings=128)
        model = BertForPreTraining(config)
        if way == "bag":
            without_positions(model)
        elif way == "left":
            left_to_right(model)
        torch.manual_seed(self.seed)  # the same batches whatever the way
        pretrain(model, self.tokenizer, self.seen, steps, rate, *mix)
        return model.eval()


@functools.cache
def texts_of(name: str, seed: int) -> Texts:
    return Texts(name, seed)


def trained(
    name: str, way: str, rate: float, steps: int, seed: int, mix: str = "80_10_10"
) -> dict[str, Any]:
    """One small BERT: its loss on the gaps of held-out sentences; what it makes of whole ones."""
    texts = texts_of(name, seed)
    ids, mask, labels = cloze(texts.tokenizer, texts.held_out)
    model = texts.model(way, rate, steps, MIXES[mix])
    with evaluating(model):
        loss = model.loss(ids, mask, None, labels).item()
    found: dict[str, Any] = {"loss": loss}
    if way == "both":
        found |= whole(model, texts)
    return found


def baselines(name: str, seed: int) -> dict[str, float]:
    """What word frequencies alone reach, and how much of the held-out text is unknown."""
    texts = texts_of(name, seed)
    ids, _, labels = cloze(texts.tokenizer, texts.held_out)
    unknown = texts.tokenizer.vocabulary["[UNK]"]
    return {
        "unigram": unigram(texts.tokenizer, texts.seen, labels),
        "gaps": int((labels != -100).sum()),
        "unknown": (ids == unknown).sum().item(),
        "pieces": len(texts.tokenizer.vocabulary),
        "seen": len(texts.seen),
    }


def unigram(tokenizer: WordPiece, texts: Sequence[str], labels: Tensor) -> float:
    """The loss of one who knows how frequent each word is in ``texts``, and nothing else."""
    ids = torch.tensor([i for text in texts for i in tokenizer.encode(text).ids])
    counts = 1.0 + torch.bincount(ids, minlength=len(tokenizer.vocabulary))  # 1: none is impossible
    counts[list(Words.of(tokenizer.vocabulary).special)] = 0
    return -(counts / counts.sum()).log()[labels[labels != -100]].mean().item()


# ---------------------------------------------------------------- text in which nothing is masked


def scores(model: BertForPreTraining, ids: Tensor, mask: Tensor) -> Tensor:
    """log p over the words at each place: (B, T, V)."""
    with evaluating(model):
        return model(ids, mask)[0].log_softmax(dim=-1)


def whole(model: BertForPreTraining, texts: Texts) -> dict[str, Any]:
    """Sentences without a [MASK]: as they are, and with one word exchanged."""
    words = Words.of(texts.tokenizer.vocabulary)
    inputs = texts.tokenizer.batch(texts.held_out[:500])
    ids, mask = inputs["input_ids"], inputs["attention_mask"]
    places = ordinary(ids, words)
    named = likeliest(scores(model, ids, mask)) == ids
    lottery = torch.rand(ids.shape, generator=torch.Generator().manual_seed(1))
    wrong = likeliest(lottery.masked_fill(~places, -1.0))  # (B,): one place a sentence
    chosen = torch.zeros_like(places).scatter(1, wrong[:, None], True)
    changed, _ = corrupt(ids, chosen, words, torch.Generator().manual_seed(2), 0.0, 1.0)
    log_p = scores(model, changed, mask)  # (B, T, V)
    present = log_p.gather(2, changed[:, :, None])[:, :, 0].masked_fill(~places, 1.0)  # (B, T)
    counts = torch.bincount(
        torch.tensor([i for text in texts.seen for i in texts.tokenizer.encode(text).ids]),
        minlength=len(words.special) + words.size,
    )
    rarest = counts[changed].masked_fill(~places, int(counts.max()) + 1).min(dim=1).indices
    best = likeliest(log_p)
    found: dict[str, Any] = {
        "named": named[places].float().mean().item(),
        "found": (present.min(dim=1).indices == wrong).float().mean().item(),
        "restored": (best == ids)[chosen].float().mean().item(),
        "rarest": (rarest == wrong).float().mean().item(),
        "chance": (1 / places.sum(dim=1)).mean().item(),
    }
    if texts.name == "grammar":
        found["gap"] = [gap(model, texts.tokenizer, when) for when in ("yesterday", "tomorrow")]
        inputs = texts.tokenizer.batch([EXAMPLE])
        row = scores(model, inputs["input_ids"], inputs["attention_mask"])[0].exp()  # (T, V)
        found["example"] = row.gather(1, inputs["input_ids"].T)[1:-1, 0].tolist()
    return found


def gap(model: BertForPreTraining, tokenizer: WordPiece, when: str) -> dict[str, float]:
    """The probabilities of five words for the gap of the page's sentence."""
    inputs = tokenizer.batch([f"She [MASK] not buy a new book {when}."])
    p = scores(model, inputs["input_ids"], inputs["attention_mask"])[0, 2].exp()  # (V,)
    return {word: p[tokenizer.vocabulary[word]].item() for word in GAP}


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(results.ROOT / "build" / "bert_pretraining.jsonl")
    only = sys.argv[1:]  # texts to begin with: what is kept need not be measured again
    numbers: dict = {"example": [*EXAMPLE.rstrip(".").split(), "."]}
    for name, (steps, rates, longer, seeds) in PLANS.items():
        if only and name not in only:
            continue
        first = {
            way: [kept(name, trained, name, way, rates[0], steps, s) for s in seeds] for way in WAYS
        }
        mixes = {"80_10_10": first["both"]} | {
            mix: [kept(name, trained, name, "both", rates[0], steps, s, mix) for s in seeds]
            for mix in MIXES
            if mix != "80_10_10" and name == "grammar"
        }
        by_rate = {
            way: [kept(name, trained, name, way, rate, steps, 0)["loss"] for rate in rates]
            for way in WAYS
        }
        best = {way: rates[losses.index(min(losses))] for way, losses in by_rate.items()}
        runs = {
            way: [kept(name, trained, name, way, best[way], steps, s) for s in seeds]
            for way in WAYS
        }
        base = [kept("baselines", baselines, name, s) for s in seeds]
        loss = {way: [one["loss"] for one in runs[way]] for way in WAYS}
        numbers[name] = {
            "steps": steps,
            "rates": rates,
            "by_rate": by_rate,
            "best": best,
            "loss": loss,
            "mean": {way: statistics.mean(loss[way]) for way in WAYS},
            "base": base,
            "unigram": statistics.mean(one["unigram"] for one in base),
            "mixes": mixes,
            "mixes_mean": {
                mix: {
                    key: statistics.mean(one[key] for one in ones)
                    for key in ones[0]
                    if key not in ("example", "gap")
                }
                for mix, ones in mixes.items()
            },
        }
        numbers[name]["perplexity"] = {
            way: math.exp(mean) for way, mean in numbers[name]["mean"].items()
        } | {"unigram": math.exp(numbers[name]["unigram"])}
        if longer:
            long = {w: kept(name, trained, name, w, best[w], longer, 0)["loss"] for w in WAYS}
            numbers[name]["longer"] = long
    if only:
        return
    numbers["minutes"] = kept.minutes
    results.write(
        "bert_pretraining",
        numbers,
        command="python snippets/1_NLP_basics/bert_pretraining_experiment.py",
        seed=PLANS["grammar"][3],
        note_zh="小 BERT 做完形填空：看两边、只看左边、词袋；[MASK] 的份额不同时，"
        "它怎样读没有 [MASK] 的句子。",
        note_en="Small BERTs on the cloze test: both sides, left side, bag of words; and how they "
        "read text without [MASK] when its share was another.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
