"""For `electra_experiment`: ELECTRA, BERT's MLM, and what lies between them; one training."""

import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from bert_pretraining_experiment import pieces_of, tatoeba
from wode.checks import likeliest
from wode.electra import Config, Discriminator, Electra, Generator, fill, sample
from wode.masking import IGNORE_INDEX, Words, choose_tokens, corrupt, mask_tokens
from wode.subwords import count_words
from wode.tasks.sentences import translation_pairs
from wode.wordpiece import SPECIAL, Encoding, WordPiece, pad

BATCH, HELD_OUT, LONGEST = 64, 3000, 64


@dataclass(frozen=True)
class Way:
    """How an encoder is pretrained.

    ``loss``: "mlm", "replace" (the same with gaps filled), "all" (every token, with copying),
    "real" (ELECTRA's), "real15" (the same at the gaps), "real_some" (at as many tokens, chosen anew
    from all). ``size``: the generator's layers, as a part of the encoder's; 0 draws words by how
    frequent they are.
    """

    loss: str
    size: float = 0.25
    weight: float = 50.0
    argmax: bool = False  # the likeliest word in place of a drawn one
    lucky: bool = False  # a word that happens to be the original counts as a fake
    shared: bool = True  # one table of embeddings


WAYS = {
    "mlm": Way("mlm"),
    "electra": Way("real"),
    "electra15": Way("real15"),
    "replace": Way("replace"),
    "all": Way("all"),
    "half": Way("real", 0.5),
    "whole": Way("real", 1.0),
    "unigram": Way("real", 0),
    "argmax": Way("real", argmax=True),
    "weight1": Way("real", weight=1.0),
    "lucky": Way("real", lucky=True),
    "apart": Way("real", shared=False),
    "apart1": Way("real", weight=1.0, shared=False),
    "some": Way("real_some"),
    "replace_unigram": Way("replace", 0),
}


# ---------------------------------------------------------------- sentences


@dataclass(frozen=True)
class Corpus:
    """Sentences to learn from and others held out, their vocabulary, and an encoder's sizes."""

    seen: list[str]
    held_out: list[str]
    tokenizer: WordPiece
    width: int
    layers: int

    def config(self, size: float = 1.0) -> Config:
        """Of an encoder; of a generator, whose layers are ``size`` as wide."""
        return Config(
            len(self.tokenizer.vocabulary), int(self.width * size), self.layers,
            max(1, int(4 * size)), int(4 * self.width * size), 0.0, 0.0, LONGEST,
            embedding_size=self.width,
        )  # fmt: skip

    @cached_property
    def frequencies(self) -> Tensor:
        """log p of each piece in the sentences learned from, special ones at -inf: (V,)."""
        counts = torch.zeros(len(self.tokenizer.vocabulary))
        for text in self.seen:
            ids = torch.tensor(self.tokenizer.encode(text).ids)
            counts += torch.bincount(ids, minlength=len(counts))
        counts[list(Words.of(self.tokenizer.vocabulary).special)] = 0
        return (counts / counts.sum()).log()


@cache
def pieces() -> WordPiece:
    return pieces_of(tatoeba())


@cache
def corpus(name: str, seed: int) -> Corpus:
    """English sentences of Tatoeba, or those of the page's grammar with its other verb forms."""
    chance = random.Random(seed)
    if name == "tatoeba":
        every = tatoeba()
        mixed = chance.sample(every, len(every))
        return Corpus(mixed[HELD_OUT:], mixed[:HELD_OUT], pieces(), 64, 2)
    seen = [pair.en for pair in translation_pairs(4000, seed)]
    held_out = list(dict.fromkeys(pair.en for pair in translation_pairs(2400, seed, True)))
    tokens = (*SPECIAL, *sorted(count_words(seen)))
    return Corpus(seen, held_out, WordPiece({t: n for n, t in enumerate(tokens)}), 48, 1)


# ---------------------------------------------------------------- models


class Pretrained(nn.Module):
    """An encoder with what its way of pretraining needs beside it."""

    def __init__(self, way: Way, corpus: Corpus) -> None:
        super().__init__()
        self.way, config = way, corpus.config
        self.reader = (Discriminator if way.loss.startswith("real") else Generator)(config())
        if way.loss == "all":
            self.copied = nn.Linear(config().hidden_size, 1)
        if way.loss != "mlm" and way.size:
            self.generator = Generator(config(way.size))
            if way.shared:
                own = self.generator
                own.electra.embeddings = self.encoder.embeddings
                own.generator_lm_head.weight = self.encoder.embeddings.word_embeddings.weight
        self.frequencies = corpus.frequencies

    @property
    def encoder(self) -> Electra:
        return self.reader.electra

    def filled(self, ids: Tensor, labels: Tensor, mask: Tensor, chance: torch.Generator) -> tuple:
        """The generator's loss, the text with its words, and where they are not the original."""
        gaps = labels != IGNORE_INDEX
        if not self.way.size:
            logits, loss = self.frequencies.expand(int(gaps.sum()), -1), torch.zeros(())
        else:
            own = self.generator
            logits = own.scores(own.electra.encode(ids, mask)[gaps])  # (M, vocabulary)
            loss = F.cross_entropy(logits, labels[gaps])
        logits = logits.detach()
        drawn = likeliest(logits, dim=-1) if self.way.argmax else sample(logits, chance)
        return loss, *fill(ids, labels, drawn)

    def loss(self, original: Tensor, mask: Tensor, words: Words, chance: torch.Generator) -> Tensor:
        """What is minimised on a batch (B, T)."""
        way, real = self.way, mask.bool()
        if way.loss == "mlm":  # BERT's own: 80 % [MASK], 10 % another word, 10 % as it was
            ids, labels = mask_tokens(original, words, generator=chance)
            gaps = labels != IGNORE_INDEX
            return F.cross_entropy(self.scores(ids, mask, gaps), labels[gaps])
        chosen = choose_tokens(original, words, generator=chance)
        ids, labels = corrupt(original, chosen, words, chance, 1.0, 0.0)
        loss, text, replaced = self.filled(ids, labels, mask, chance)
        if way.loss == "replace":
            return loss + F.cross_entropy(self.scores(text, mask, chosen), original[chosen])
        if way.loss == "all":
            return loss + self.copying(text, original, mask) * real.sum() / chosen.sum()
        fakes = self.reader(text, mask)  # (B, T)
        wrong = chosen if way.lucky else replaced
        asked = chosen if way.loss == "real15" else real
        if way.loss == "real_some":
            asked = choose_tokens(original, words, generator=chance)
        judged = F.binary_cross_entropy_with_logits(fakes[asked], wrong[asked].float())
        return loss + way.weight * judged

    def scores(self, ids: Tensor, mask: Tensor, at: Tensor) -> Tensor:
        """(M, vocabulary) of the M places."""
        return cast(Generator, self.reader).scores(self.encoder.encode(ids, mask)[at])

    def copying(self, text: Tensor, original: Tensor, mask: Tensor) -> Tensor:
        """All-Tokens MLM (section 3.5): p = D · [the word that stands there] + (1 - D) · softmax.

        The mean over all real tokens.
        """
        hidden = self.encoder.encode(text, mask)[mask.bool()]  # (N, E)
        stands, wanted = text[mask.bool()], original[mask.bool()]  # (N,)
        copy = self.copied(hidden)[:, 0]
        words = cast(Generator, self.reader).scores(hidden).log_softmax(dim=-1)  # (N, vocabulary)
        drawn = F.logsigmoid(-copy) + words.gather(1, wanted[:, None])[:, 0]
        both = torch.logaddexp(F.logsigmoid(copy), drawn)
        return -torch.where(stands == wanted, both, drawn).mean()


# ---------------------------------------------------------------- training


def batches(encoded: Sequence[Encoding], chance: torch.Generator) -> dict[str, Tensor]:
    drawn = torch.randint(len(encoded), (BATCH,), generator=chance).tolist()
    return pad([encoded[n] for n in drawn])


def pretrained(
    kind: str, name: str, seed: int, steps: int, lr: float
) -> tuple[Pretrained, dict[str, Any]]:
    """A model pretrained by a way of `WAYS`, and what that took."""
    own = corpus(kind, seed)
    torch.manual_seed(seed)
    chance = torch.Generator().manual_seed(seed)
    words = Words.of(own.tokenizer.vocabulary)
    encoded = [own.tokenizer.encode(text) for text in own.seen]
    model = Pretrained(WAYS[name], own)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    began, losses = time.process_time(), []
    for _ in range(steps):
        inputs = batches(encoded, chance)
        loss = model.loss(inputs["input_ids"], inputs["attention_mask"], words, chance)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    seconds = time.process_time() - began
    return model.eval(), {"seconds": seconds, "loss": sum(losses[-50:]) / len(losses[-50:])}


def costs(kind: str) -> dict[str, dict[str, float]]:
    """Of a training step: floating-point operations, and CPU seconds (medians of 60 rounds).

    The ways take turns on the same batches.
    """
    own, chance = corpus(kind, 0), torch.Generator().manual_seed(0)
    words = Words.of(own.tokenizer.vocabulary)
    encoded = [own.tokenizer.encode(text) for text in own.seen[:4000]]
    models = {name: Pretrained(way, own) for name, way in WAYS.items()}
    optimizers = {n: torch.optim.AdamW(m.parameters(), fused=True) for n, m in models.items()}
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    operations = dict.fromkeys(WAYS, 0)

    def step(name: str, inputs: dict[str, Tensor]) -> None:
        loss = models[name].loss(inputs["input_ids"], inputs["attention_mask"], words, chance)
        optimizers[name].zero_grad()
        loss.backward()
        optimizers[name].step()

    for turn in range(60):
        inputs = batches(encoded, chance)
        for name in WAYS:
            began = time.process_time()
            step(name, inputs)
            seconds[name].append(time.process_time() - began)
            if turn < 10:
                with FlopCounterMode(display=False) as counter:
                    step(name, inputs)
                operations[name] += counter.get_total_flops() // 10
    return {
        name: {"seconds": statistics.median(seconds[name]), "flops": operations[name]}
        for name in WAYS
    }


@torch.no_grad()
def detection(model: Pretrained, own: Corpus) -> dict[str, float]:
    """On held-out sentences: the generator's words, and what the discriminator finds of them."""
    chance, words = torch.Generator().manual_seed(1), Words.of(own.tokenizer.vocabulary)
    inputs = pad([own.tokenizer.encode(text) for text in own.held_out[:1000]])
    mask, original = inputs["attention_mask"], inputs["input_ids"]
    chosen = choose_tokens(original, words, generator=chance)
    ids, labels = corrupt(original, chosen, words, chance, 1.0, 0.0)
    loss, text, replaced = model.filled(ids, labels, mask, chance)
    says = model.reader(text, mask) > 0
    real = mask.bool()
    return {
        "generator_loss": loss.item(),
        "right": (~replaced)[chosen].float().mean().item(),
        "found": says[replaced].float().mean().item(),
        "false_alarm": says[real & ~replaced].float().mean().item(),
    }
