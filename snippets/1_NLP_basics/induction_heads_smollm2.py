"""SmolLM2's heads for the page `induction-heads`: scored, silenced, set against random ones."""

import random
import re
import statistics
from collections import Counter
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from induction_heads import induction_score, largest, silenced
from wode.book import ROOT
from wode.book.kept import Kept
from wode.llama import Llama
from wode.prompting import from_pretrained

N = 25  # tokens that are repeated
COUNTS = [1, 2, 4, 8, 16]


def previous_score(maps: list[Tensor]) -> Tensor:
    """Weight on the token before: (layers, heads)."""
    t = torch.arange(1, maps[0].shape[-1])
    return torch.stack([weights[:, :, t, t - 1].mean(dim=(0, 2)) for weights in maps])


def parts(model: Llama, heads: list[tuple[int, int]]) -> list[tuple[nn.Linear, int]]:
    found = []
    for layer, head in heads:
        part = model.model.layers[layer].get_submodule("self_attn.o_proj")
        assert isinstance(part, nn.Linear)
        found.append((part, head))
    return found


def sequences(batch: int, seed: int) -> Tensor:
    """N random tokens, then the same again: (batch, 2N)."""
    chance = torch.Generator().manual_seed(seed)
    once = torch.randint(1000, 40_000, (batch, N), generator=chance)
    return torch.cat([once, once], dim=1)


@torch.no_grad()
def surprise(model: Llama, ids: Tensor) -> Tensor:
    """−log p of each token but the first: (B, T) → (B, T − 1)."""
    logits = model(ids)[:, :-1].transpose(1, 2)  # (B, V, T − 1)
    return F.cross_entropy(logits, ids[:, 1:], reduction="none")


def prose(tokenizer: Any, number: int = 6, length: int = 128) -> Tensor:
    """The book's own English, which no model has read before: (number, length)."""
    text = ""
    for name in ("overfitting", "datasets", "convolution"):
        page = (ROOT / "docs" / "en" / "0_Pytorch_basics" / f"{name}.md").read_text("utf-8")
        page = re.sub(r"^```.*?^```$", "", page.split("---", 2)[2], flags=re.DOTALL | re.MULTILINE)
        kept = [line for line in page.splitlines() if re.match(r"[A-Z][^|$`\[]*\.", line)]
        text += " ".join(re.sub(r"[*$`\[\]]|\(\S*\)", "", line) for line in kept) + " "
    ids = tokenizer(text)["input_ids"][: number * length]
    return torch.tensor(ids).view(number, length)


def inducible(ids: Tensor) -> Tensor:
    """True where a token follows one that the same token followed before in its row: (B, T − 1)."""
    pair = ids[:, :-1] * 100_000 + ids[:, 1:]  # (B, T − 1)
    return (pair[:, :, None] == pair[:, None, :]).tril(-1).any(dim=2)


def draw(kind: str, k: int, seed: int, order: list[tuple[int, int]], scores: Tensor) -> list:
    """k heads: the strongest, any of the others, or of the others in the strongest ones' layers."""
    if kind == "top":
        return order[:k]
    others = [place for place in order if scores[place] < 0.1]
    rng = random.Random(1000 * k + seed)
    if kind == "any":
        return rng.sample(others, k)
    chosen = []
    for layer in {layer for layer, _ in order[:k]}:
        wanted = sum(place[0] == layer for place in order[:k])
        here = [place for place in others if place[0] == layer]
        chosen += rng.sample(here, min(wanted, len(here)))
    return chosen


def measure_smollm2(kept: Kept) -> dict[str, Any]:
    model, tokenizer = from_pretrained()

    def score_heads() -> dict[str, Any]:
        maps: list[Tensor] = []
        with torch.no_grad():
            model(sequences(4, seed=1000), maps=maps)
        scores, previous = induction_score(maps), previous_score(maps)
        layer, head = largest(scores)[0]
        weights = (100 * maps[layer][0, head]).round().long().tolist()
        return {
            "scores": [[round(w, 4) for w in row] for row in scores.tolist()],
            "previous": [[round(w, 4) for w in row] for row in previous.tolist()],
            "map": [" ".join(map(str, row)) for row in weights],
        }

    found = kept("smollm2 scores", score_heads)
    scores, previous = torch.tensor(found["scores"]), torch.tensor(found["previous"])
    order = largest(scores)
    ids, text = sequences(3, seed=0), prose(tokenizer)

    def cost(kind: str, k: int, seed: int) -> dict[str, Any]:
        heads = draw(kind, k, seed, order, scores)
        with silenced(parts(model, heads), 9):
            loss = surprise(model, ids)
        return {
            "heads": len(heads),
            "first": loss[:, : N - 1].mean().item(),
            "second": loss[:, N:].mean().item(),
            "rows": loss[:, N:].mean(dim=1).tolist(),
            "by_position": loss.mean(dim=0).tolist() if not k else [],
        }

    def cost_of_prose(kind: str, k: int, seed: int) -> dict[str, Any]:
        with silenced(parts(model, draw(kind, k, seed, order, scores)), 9):
            loss = surprise(model, text)
        before = inducible(text)
        return {
            "all": loss.mean().item(),
            "inducible": loss[before].mean().item(),
            "rest": loss[~before].mean().item(),
            "tokens": [int(before.sum()), before.numel()],
        }

    def relay(kind: str, k: int, seed: int) -> float:
        """The mean score of the 8 strongest without k previous-token heads, or as many others."""
        first = min(layer for layer, _ in order[:8])
        heads = [place for place in largest(previous) if place[0] < first]
        if kind == "others":
            heads = random.Random(seed).sample(heads[2 * k :], k)
        maps: list[Tensor] = []
        with silenced(parts(model, heads[:k]), 9), torch.no_grad():
            model(ids, maps=maps)
        return statistics.mean(induction_score(maps)[place].item() for place in order[:8])

    found["whole"] = kept("smollm2 cost", cost, "top", 0, 0)
    found["relay"] = {
        "whole": kept("smollm2 relay", relay, "previous", 0, 0),
        **{f"previous_{k}": kept("smollm2 relay", relay, "previous", k, 0) for k in (4, 8, 16)},
        **{
            f"others_{k}": [kept("smollm2 relay", relay, "others", k, seed) for seed in range(4)]
            for k in (4, 8, 16)
        },
    }
    for kind in ("top", "layers", "any"):
        found[kind] = {}
        for k in COUNTS:
            draws = 1 if kind == "top" else 8 if k >= 8 else 4
            runs = [kept("smollm2 cost", cost, kind, k, seed) for seed in range(draws)]
            found[kind][str(k)] = {
                "heads": [run["heads"] for run in runs],
                "second": [run["second"] for run in runs],
                "second_mean": statistics.mean(run["second"] for run in runs),
                "second_max": max(run["second"] for run in runs),
                "first_mean": statistics.mean(run["first"] for run in runs),
                "first_max": max(run["first"] for run in runs),
                "rows": runs[0]["rows"],
            }
    drawn = [
        (draw("any", int(k), seed, order, scores), loss)
        for k, cell in found["any"].items()
        for seed, loss in enumerate(cell["second"])
    ]
    bad = [heads for heads, loss in drawn if loss > 2 * found["whole"]["second"]]
    common, times = Counter(head for heads in bad for head in heads).most_common(1)[0]
    found["bad_draws"] = {
        "draws": len(drawn),
        "bad": len(bad),
        "layer": common[0] + 1,
        "head": common[1] + 1,
        "in_bad": times,
        "in_others": sum(common in heads for heads, _ in drawn) - times,
    }
    found["prose"] = {"whole": kept("smollm2 prose", cost_of_prose, "top", 0, 0)}
    for kind, draws in {"top": 1, "layers": 4, "any": 4}.items():
        for k in (8, 16):
            runs = [kept("smollm2 prose", cost_of_prose, kind, k, seed) for seed in range(draws)]
            found["prose"][f"{kind}_{k}"] = {
                key: statistics.mean(run[key] for run in runs)
                for key in ("all", "inducible", "rest")
            }
    places = [{"layer": layer + 1, "head": head + 1} for layer, head in order[:16]]
    found |= {"strongest": places, "heads": scores.numel(), "largest": scores.max().item()}
    found["over"] = {str(cut): int((scores > cut / 10).sum()) for cut in (1, 3, 5)}
    return found
