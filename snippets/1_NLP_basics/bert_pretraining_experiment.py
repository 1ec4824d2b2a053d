"""For the page `bert-pretraining`: is it more than word frequencies, and why not [MASK] every time.

    python snippets/1_NLP_basics/bert_pretraining_experiment.py

pretrains small BERTs on the sentences of the book's small grammar: reading both sides, the left
one, a bag of words; with other shares of [MASK]; each kept in build/ as it ends. Writes
docs/assets/results/bert_pretraining.json. About four minutes of one core.
"""

import math
import statistics
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
STEPS, RATES, SEEDS = 400, (8e-3, 4e-3), [0, 1, 2]
GAP = ("did", "will", "does", "never", "mother")


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
    """The small grammar: what is learned from, what is held out, a vocabulary of the former."""

    def __init__(self) -> None:
        self.seen = [pair.en for pair in translation_pairs(4000)]
        self.held_out = [pair.en for pair in translation_pairs(500, held_out=True)]
        words = sorted(count_words(self.seen))
        self.tokenizer = WordPiece({piece: n for n, piece in enumerate((*SPECIAL, *words))})

    def model(
        self, way: str, rate: float, seed: int, mix: tuple[float, float]
    ) -> BertForPreTraining:
        torch.manual_seed(seed)
        model = BertForPreTraining(Config(len(self.tokenizer.vocabulary), 48, 2, 4, 192, 0.0, 0.0))
        if way == "bag":
            without_positions(model)
        elif way == "left":
            left_to_right(model)
        torch.manual_seed(seed)  # the same batches whatever the way
        pretrain(model, self.tokenizer, self.seen, STEPS, rate, *mix)
        return model.eval()


def trained(way: str, rate: float, seed: int, mix: str) -> dict[str, Any]:
    """One small BERT: its loss on the gaps of held-out sentences; what it makes of whole ones."""
    texts = Texts()
    ids, mask, labels = cloze(texts.tokenizer, texts.held_out)
    model = texts.model(way, rate, seed, MIXES[mix])
    with evaluating(model):
        loss = model.loss(ids, mask, None, labels).item()
    found = {"loss": loss, "unigram": unigram(texts.tokenizer, texts.seen, labels)}
    return found | (whole(model, texts) if way == "both" else {})


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
    found["gap"] = [gap(model, texts.tokenizer, when) for when in ("yesterday", "tomorrow")]
    return found


def gap(model: BertForPreTraining, tokenizer: WordPiece, when: str) -> dict[str, float]:
    """The probabilities of five words for the gap of the page's sentence."""
    inputs = tokenizer.batch([f"She [MASK] not buy a new book {when}."])
    p = scores(model, inputs["input_ids"], inputs["attention_mask"])[0, 2].exp()  # (V,)
    return {word: p[tokenizer.vocabulary[word]].item() for word in GAP}


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(results.ROOT / "build" / "bert_pretraining.jsonl")

    def run(way: str, rate: float, seed: int, mix: str = "80_10_10") -> dict[str, Any]:
        return kept("trained", trained, way, rate, seed, mix)

    mixes = {mix: [run("both", RATES[0], seed, mix) for seed in SEEDS] for mix in MIXES}
    by_rate = {way: [run(way, rate, 0)["loss"] for rate in RATES] for way in WAYS}
    best = {way: RATES[losses.index(min(losses))] for way, losses in by_rate.items()}
    loss = {way: [run(way, best[way], seed)["loss"] for seed in SEEDS] for way in WAYS}
    mean = {way: statistics.mean(losses) for way, losses in loss.items()}
    mean["unigram"] = mixes["80_10_10"][0]["unigram"]
    shown = ("loss", "named", "found", "restored", "rarest", "chance")
    results.write(
        "bert_pretraining",
        {
            "steps": STEPS,
            "rates": RATES,
            "by_rate": by_rate,
            "best": best,
            "loss": loss,
            "mean": mean,
            "perplexity": {way: math.exp(nats) for way, nats in mean.items()},
            "gap": [one["gap"] for one in mixes["80_10_10"]],
            "mixes": {
                mix: {k: [one[k] for one in ones] for k in shown} for mix, ones in mixes.items()
            },
            "mixes_mean": {
                mix: {k: statistics.mean(one[k] for one in ones) for k in shown}
                for mix, ones in mixes.items()
            },
            "minutes": kept.minutes,
        },
        command="python snippets/1_NLP_basics/bert_pretraining_experiment.py",
        seed=SEEDS,
        note_zh="小 BERT 做完形填空：看两边、只看左边、词袋；[MASK] 的份额不同时，"
        "它怎样读没有 [MASK] 的句子。",
        note_en="Small BERTs on the cloze test: both sides, left side, bag of words; and how they "
        "read text without [MASK] when its share was another.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
