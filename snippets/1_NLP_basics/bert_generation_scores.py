"""For `bert_generation_experiment`: probabilities of whole sentences, of gaps, of neighbours."""

import random
import statistics

import torch
from torch import Tensor

from wode.checks import likeliest
from wode.masked_generation import (
    Writer,
    chain_log_probability,
    drawing,
    in_order,
    log_probability,
    pseudo_log_likelihood,
)
from wode.masking import Words, ordinary
from wode.wordpiece import Encoding, WordPiece, pad


def heldout_nats(model: Writer, tokenizer: WordPiece, sentences: list[Encoding]) -> dict:
    """Nats a piece on held-out sentences: by the chain rule in two orders, and the PLL.

    [SEP] is not counted: a masked model is told where the sentence ends.
    """
    words = Words.of(tokenizer.vocabulary)
    ids = pad(sentences)["input_ids"]
    places = ordinary(ids, words)
    chance = torch.Generator().manual_seed(0)

    def mean(total: Tensor) -> float:
        return -(total.sum() / places.sum()).item()

    if model.causal:
        return {"left": mean(log_probability(model, ids, places))}
    left, mixed = in_order(places), in_order(places, chance)
    return {
        "left": mean(chain_log_probability(model, ids, left, words.mask)),
        "random": mean(chain_log_probability(model, ids, mixed, words.mask)),
        "pll": mean(pseudo_log_likelihood(model, ids, left, words.mask)),
    }


@torch.no_grad()
def filled(models: dict[str, Writer], tokenizer: WordPiece, sentences: list[Encoding]) -> dict:
    """One gap a sentence: how often the hidden piece is named, and its −log p, by each method."""
    words, rng = Words.of(tokenizer.vocabulary), random.Random(0)
    names = {"causal": ("left", "every")}  # by its left side, and by trying every word
    scores: dict[str, list[Tensor]] = {
        name: [] for way in models for name in names.get(way, (way,))
    }
    answers = []
    allowed = torch.ones(words.size, dtype=torch.bool)
    allowed[list(words.special)] = False
    for sentence in sentences:
        ids = torch.tensor([sentence.ids])
        place = rng.randrange(1, ids.shape[1] - 1)
        answers.append(int(ids[0, place]))
        gap = ids.clone()
        gap[0, place] = words.mask
        for way, model in models.items():
            asked = model(ids[:, :place])[0, -1] if model.causal else model(gap)[0, place]
            scores[names.get(way, (way,))[0]].append(asked)
        if "causal" not in models:
            continue
        causal = models["causal"]
        # The whole sentence with each word of the vocabulary in the gap: V sentences to score.
        candidates = ids.repeat(words.size, 1)
        candidates[:, place] = torch.arange(words.size)
        wanted = torch.zeros(candidates.shape, dtype=torch.bool)
        wanted[:, place:-1] = True  # rows from the gap on: they name what follows it
        after = causal(candidates, wanted).log_softmax(dim=-1)
        after = after.gather(1, candidates[:, place + 1 :].reshape(-1, 1)).view(words.size, -1)
        scores["every"].append(scores["left"][-1].log_softmax(dim=-1) + after.sum(dim=1))
    found = {}
    for name, rows in scores.items():
        log_p = torch.stack(rows).masked_fill(~allowed, -torch.inf).log_softmax(dim=-1)  # (N, V)
        right = likeliest(log_p, dim=1) == torch.tensor(answers)
        found[name] = {
            "right": right.float().mean().item(),
            "nats": -log_p[range(len(answers)), answers].mean().item(),
        }
    return found


@torch.no_grad()
def cycles(models: dict[str, Writer], tokenizer: WordPiece, sentences: list[Encoding]) -> dict:
    """Are the conditionals of neighbours those of one joint distribution? 0 nats if they are.

    With two words a, a' for one place and b, b' for the next, in any joint distribution
    p(a|b) p(b|a') p(a'|b') p(b'|a) = p(a'|b) p(b'|a') p(a|b') p(b|a).
    """
    words = Words.of(tokenizer.vocabulary)
    pick = drawing(words, 1.0, torch.Generator().manual_seed(0))
    gaps: dict[str, list[float]] = {"masked": [], "any": [], "causal": []}
    for sentence in sentences:
        ids = torch.tensor([sentence.ids])
        i = (ids.shape[1] - 2) // 2
        hidden = ids.clone()
        hidden[0, i : i + 2] = words.mask
        drawn = [pick(models["masked"](hidden)[0, [k] * 20]).unique() for k in (i, i + 1)]
        if min(map(len, drawn)) < 2:
            continue
        (a, b), (c, d) = drawn[0][:2].tolist(), drawn[1][:2].tolist()
        four = ids.repeat(4, 1)
        four[:, i] = torch.tensor([a, a, b, b])
        four[:, i + 1] = torch.tensor([c, d, c, d])
        for way in ("masked", "any"):
            total = 0.0
            for place, sign in ((i, 1), (i + 1, -1)):
                read = four.clone()
                read[:, place] = words.mask
                log_p = models[way](read)[:, place].log_softmax(dim=-1)
                own = log_p[range(4), four[:, place]]  # ac, ad, bc, bd
                total += sign * (own[0] - own[1] - own[2] + own[3]).item()
            gaps[way].append(abs(total))
        # A control: the causal model has a joint, and from it come conditionals, by Bayes.
        joint = log_probability(models["causal"], four, torch.ones_like(four, dtype=torch.bool))
        joint = joint.double().view(2, 2)
        given = [joint.log_softmax(dim=k).flatten() for k in (0, 1)]
        signs = torch.tensor([1.0, -1.0, -1.0, 1.0], dtype=torch.double)
        gaps["causal"].append(abs((signs * (given[0] - given[1])).sum().item()))
    return {way: statistics.median(values) for way, values in gaps.items()} | {
        "pairs": len(gaps["masked"])
    }
