"""For `bert_generation_experiment`: a model writes sentences, and what is written is judged."""

import functools
import random
import re
import statistics
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from wode.decoding import write
from wode.masked_generation import Writer, drawing, gibbs, in_order, mask_predict, rewrite
from wode.masking import Words, ordinary
from wode.prompting import Bfloat16, from_pretrained
from wode.wordpiece import CLS, SEP, WordPiece

Judge = Callable[[Sequence[str]], float]


def written(
    model: Writer, how: str, temperature: float, tokenizer: WordPiece, like: Tensor, seed: int
) -> list[str]:
    """Sentences by one method; a masked model is told the lengths, those of the rows of ``like``.

    ``how``: "left", "right", "gibbs N" (sweeps) or "confident N" (rounds).
    """
    words = Words.of(tokenizer.vocabulary)
    chance = torch.Generator().manual_seed(1000 + seed)
    pick = drawing(words, temperature, chance)
    if model.causal:
        begin, end = tokenizer.vocabulary[CLS], tokenizer.vocabulary[SEP]
        pick = drawing(words, temperature, chance, but=(end,))
        tokens = torch.full((len(like), 1), begin)
        longest = model.bert.config.max_position_embeddings - 2
        rows = write(model, tokens, longest, end, pick)
        return [natural(tokenizer.decode(row)) for row in rows]
    places = ordinary(like, words)
    blank = like.masked_fill(places, words.mask)
    name, *count = how.split()
    if name in ("left", "right"):
        order = in_order(places)
        order = order if name == "left" else order.flip(1)
        ids = rewrite(model, blank, order, words.mask, pick)
    elif name == "gibbs":
        ids = gibbs(model, blank, places, int(count[0]), words.mask, pick, chance)
    else:
        ids = mask_predict(model, blank, places, int(count[0]), words.mask, pick)
    return [natural(tokenizer.decode(row[kept])) for row, kept in zip(ids, places, strict=True)]


def natural(text: str) -> str:
    """Pieces joined by spaces, as one would write them: "i can ' t ." becomes "I can't."."""
    text = re.sub(r" ([.,?!;:%])", r"\1", re.sub(r" ?(['’-]) ?", r"\1", text))
    text = re.sub(r"\bi\b", "I", text)
    return text[:1].upper() + text[1:]


@functools.cache
def smollm2() -> Judge:
    """Nats a token that SmolLM2 gives to sentences, each by itself."""
    llama, tokenizer = from_pretrained()
    judge, begin = Bfloat16(llama), tokenizer.convert_tokens_to_ids("<|endoftext|>")

    @torch.no_grad()
    def nats(texts: Sequence[str]) -> float:
        total, count = 0.0, 0
        rows = [[begin, *tokenizer.encode(text, add_special_tokens=False)] for text in texts]
        for length in sorted({len(row) for row in rows}):
            ids = torch.tensor([row for row in rows if len(row) == length])
            log_p = judge(ids)[:, :-1].log_softmax(dim=-1).gather(2, ids[:, 1:, None])
            total, count = total - log_p.sum().item(), count + log_p.numel()
        return total / count

    return nats


def grams(text: str, n: int) -> list[tuple[str, ...]]:
    words = re.findall(r"[\w'’-]+|[^\w\s]", text.lower())
    return list(zip(*(words[k:] for k in range(n)), strict=False))


def judged(texts: list[str], judge: Judge, seen: set[str], fours: set[tuple[str, ...]]) -> dict:
    """What a set of sentences is measured by."""
    pairs = [pair for text in texts for pair in grams(text, 2)]
    runs = [run for text in texts for run in grams(text, 4)]
    return {
        "nats": judge(texts),
        "distinct": len(set(pairs)) / len(pairs),
        "copied": sum(text in seen for text in texts) / len(texts),
        "copied_fours": sum(run in fours for run in runs) / max(1, len(runs)),
        "words": statistics.mean(len(grams(text, 1)) for text in texts),
        "samples": texts[:5],
    }


def controls(held_out: list[str], seen: list[str]) -> dict[str, list[str]]:
    """Texts of which one knows what they are."""
    chance = random.Random(0)
    shuffled = [
        natural(" ".join(chance.sample(words, len(words))))
        for words in (re.findall(r"[\w'’-]+|[^\w\s]", text.lower()) for text in held_out)
    ]
    common = "I don't know what to do."
    return {
        "real": held_out,
        "copies": seen[: len(held_out)],
        "shuffled": shuffled,
        "one sentence": [common] * len(held_out),
        "one word": [" ".join(["No"] * 8)] * len(held_out),
    }
