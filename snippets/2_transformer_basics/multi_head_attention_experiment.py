"""One head against several where two places are asked for; what MiniLM's heads look at and do.

    python snippets/2_transformer_basics/multi_head_attention_experiment.py

writes multi_head_attention.json and attention_maps.json in docs/assets/results. Ten minutes of one
core; a run that was stopped goes on where it was.
"""

import statistics
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import BatchEncoding, BertModel, BertTokenizer

from multi_head_attention import TwoPlaces, head_patterns, learn, questions, zen
from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.files.hub import MINILM, find

COMMAND = "python snippets/2_transformer_basics/multi_head_attention_experiment.py"
EXAMPLE = "The animal didn't cross the street because it was too tired."
KINDS = (("linear", 1), ("linear", 2), ("linear", 4), ("mlp", 1))  # what reads, heads
RATES, SEEDS, STEPS = [1e-3, 3e-3, 1e-2], [0, 1, 2], 1000


# ---------------------------------------------------------------- a task: two places


def read_out(kind: str, places: int) -> nn.Module:
    if kind == "linear":
        return nn.Linear(64, 8 * places)
    return nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 8 * places))


def two_places(h: int, kind: str, places: int, steps: int, rate: float, seed: int) -> dict:
    """Train `TwoPlaces`: which answers are right, and how much weight the asked places get.

    ``weight``: (h, places), the mean over 2000 questions; ``example``: (h, 8), those of one, with
    the asked places first.
    """
    torch.manual_seed(seed)
    model = TwoPlaces(h, read_out(kind, places), places)
    right = learn(model, places, steps, rate)
    keys, _, asked, _ = questions(2000, places)
    with torch.no_grad():
        query = sum(table(asked[:, i]) for i, table in enumerate(model.asked))
        q = model.attention.split(model.attention.q_proj(query[:, None]))  # (B, h, 1, d)
        weights = []
        for value in range(8):  # the keys' projections with each value, then their mean
            memory = model.keys(keys) + model.values.weight[value]
            k = model.attention.split(model.attention.k_proj(memory))  # (B, h, 8, d)
            weights.append((q @ k.mT / q.shape[-1] ** 0.5).softmax(dim=-1)[:, :, 0])
        weight = torch.stack(weights).mean(dim=0)  # (B, h, 8)
        at = (keys[:, None] == asked[:, :, None]).to(weight.dtype)  # (B, places, 8)
        order = torch.cat([at[0].argmax(dim=1), (at[0].sum(dim=0) == 0).nonzero()[:, 0]])
        mean = (weight @ at.mT).mean(dim=0)  # (h, places)
    return {"right": right, "weight": mean.tolist(), "example": weight[0, :, order].tolist()}


def by_heads(kept: Kept) -> dict:
    """Right answers by heads, what reads them and rate, every seed; and one place."""
    table: dict = {"rates": RATES, "chance": 1 / 8, "steps": STEPS}
    for kind, h in KINDS:
        runs = [
            [kept("two", two_places, h, kind, 2, STEPS, rate, seed) for seed in SEEDS]
            for rate in RATES
        ]
        each = [[statistics.mean(run["right"]) for run in row] for row in runs]
        means = [statistics.mean(row) for row in each]
        best = means.index(max(means))
        better, worse = (
            [pick(run["right"]) for row in runs for run in row] for pick in (max, min)
        )  # of the two questions
        table[f"{kind}_{h}"] = {"each": each, "mean": means, "best": max(means)}
        table[f"{kind}_{h}"] |= {"low": [min(row) for row in each], "high": [*map(max, each)]}
        table[f"{kind}_{h}"] |= {"lowest": min(map(min, each)), "highest": max(map(max, each))}
        table[f"{kind}_{h}"] |= {"better": [min(better), max(better)]}
        table[f"{kind}_{h}"] |= {"worse": [min(worse), max(worse)], "best_rate": RATES[best]}
        usual = runs[1][0]  # 3e-3, the page's
        table[f"{kind}_{h}"] |= {"weight": usual["weight"], "example": usual["example"]}
    longer = [kept("two", two_places, 1, "linear", 2, 4 * STEPS, 3e-3, seed) for seed in SEEDS]
    worse = [min(run["right"]) for run in longer]  # of the two questions
    table["longer"] = {"steps": 4 * STEPS, "worse": [min(worse), max(worse)]}
    one = [kept("two", two_places, 1, "linear", 1, 300, 3e-3, seed)["right"][0] for seed in SEEDS]
    table["one_place"] = {"each": one, "low": min(one), "mean": statistics.mean(one)}
    return table


# ---------------------------------------------------------------- MiniLM's heads


@torch.no_grad()
def rank_correlation(a: Tensor, b: Tensor) -> float:
    """Spearman's: the correlation of the ranks of two vectors (N,); equal numbers share a rank."""
    larger = [(v[:, None] > v).sum(dim=1) + 0.5 * (v[:, None] == v).sum(dim=1) for v in (a, b)]
    return torch.corrcoef(torch.stack(larger))[0, 1].item()


def sentence_vectors(model: BertModel, batch: BatchEncoding | dict[str, Tensor]) -> Tensor:
    """The mean of a sentence's last hidden states, of length 1: (B, E)."""
    real = batch["attention_mask"][:, :, None]
    hidden = model(**batch).last_hidden_state
    return F.normalize((hidden * real).sum(dim=1), dim=1)


def without_each_head(model: BertModel, batch: BatchEncoding) -> Tensor:
    """1 − cosine of the sentences' vectors with and without a head, mean: (layers, heads)."""
    whole, rows = sentence_vectors(model, batch), []
    for layer in cast("list[Any]", model.encoder.layer):
        weight, row = layer.attention.output.dense.weight.data, []  # (E, h * d)
        for columns in weight.split(32, dim=1):  # a head's share of the output, a view
            saved = columns.clone()
            columns.zero_()
            row.append(1 - (sentence_vectors(model, batch) * whole).sum(dim=1).mean().item())
            columns.copy_(saved)
        rows.append(row)
    return torch.tensor(rows)


def value_lengths(model: BertModel, hidden: tuple[Tensor, ...], real: Tensor) -> Tensor:
    """How long [CLS]'s value is, beside the mean of the other tokens': (layers, heads)."""
    others = real.clone()
    others[:, 0] = False
    rows = []
    for layer, x in zip(cast("list[Any]", model.encoder.layer), hidden, strict=False):
        value = layer.attention.self.value(x).detach().unflatten(-1, (12, 32)).norm(dim=-1)
        rows.append(value[:, 0].mean(dim=0) / value[others].mean(dim=0))  # of (B, T, h): (h,)
    return torch.stack(rows)


def hidden_words(model: BertModel, tokenizer: BertTokenizer) -> dict:
    """Each word hidden in turn: does the sentence's vector move the more, the more it is seen?

    Spearman's rank correlation within a sentence, the mean over sentences of four words or more.
    Rival: the token's number, as WordPiece's vocabulary goes roughly from frequent to rare.
    """
    rows = []
    for sentence in zen():
        batch = tokenizer([sentence], return_tensors="pt")
        with torch.no_grad():
            maps = torch.stack(model(**batch, output_attentions=True).attentions)[:, 0]
        T = maps.shape[-1]
        if T < 6:
            continue
        ids = batch["input_ids"].repeat(T - 2, 1)
        ids[torch.arange(T - 2), torch.arange(1, T - 1)] = tokenizer.mask_token_id
        without = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        moved = 1 - sentence_vectors(model, without) @ sentence_vectors(model, batch)[0]
        received = [part.mean(dim=(0, 1))[1:-1, 1:-1].sum(dim=0) for part in (maps, maps[-1:])]
        rows.append(
            [rank_correlation(moved, x) for x in (*received, batch["input_ids"][0, 1:-1].float())]
        )
    means = torch.tensor(rows).mean(dim=0).tolist()
    return {"sentences": len(rows), "all_layers": means[0], "last_layer": means[1], "id": means[2]}


def minilm_heads(model: BertModel, tokenizer: BertTokenizer) -> dict:
    """What the 72 heads look at in the sentences of the Zen of Python, and what they do."""
    batch = tokenizer(zen(), padding=True, return_tensors="pt")
    with torch.no_grad():
        output = model(**batch, output_attentions=True, output_hidden_states=True)
    maps = torch.stack(output.attentions, dim=1)  # (B, layers, heads, T, T)
    patterns = head_patterns(maps, batch["attention_mask"])
    lengths = batch["attention_mask"].sum(dim=1)
    chance = ((lengths - 2) / lengths).sum() / (lengths - 2).sum()  # a weight of 1/T everywhere
    numbers: dict = {"sentences": len(lengths), "words": int((lengths - 2).sum())}
    numbers |= {"chance": chance.item(), "strongest": {}}
    numbers["maps"] = {name: grid.tolist() for name, grid in patterns.items()}
    for name, grid in patterns.items():
        layer, head = divmod(int(grid.argmax()), grid.shape[1])
        strongest = {"layer": layer + 1, "head": head + 1, "weight": grid.max().item()}
        strongest |= {"over_half": int((grid > 0.5).sum()), "mean": grid.mean().item()}
        numbers["strongest"][name.strip("[]").lower()] = strongest

    cls, real = patterns["[CLS]"], batch["attention_mask"].bool()
    cut = without_each_head(model, batch)
    length = value_lengths(model, output.hidden_states, real)
    idle = cls > 0.5
    numbers["cut"] = {
        "each": cut.tolist(),
        "length": length.tolist(),
        "idle": cut[idle].median().item(),
        "others": cut[~idle].median().item(),
        "length_idle": length[idle].mean().item(),
        "length_others": length[~idle].mean().item(),
        "rank": [rank_correlation(a, b) for a, b in zip(cls, cut, strict=True)],  # by layer
        "next_rank": int((cut > cut.flatten()[patterns["next"].argmax()]).sum()) + 1,
        "previous_rank": int((cut > cut.flatten()[patterns["previous"].argmax()]).sum()) + 1,
        "most": [int(i) + 1 for i in divmod(int(cut.argmax()), 12)],
    }
    numbers["cut"]["rank_all"] = rank_correlation(cls.flatten(), cut.flatten())
    numbers["hidden"] = hidden_words(model, tokenizer)
    return numbers


def example_maps(model: BertModel, tokenizer: BertTokenizer) -> None:
    """Write what all heads look at in one sentence, in whole percent, for the figure."""
    batch = tokenizer([EXAMPLE], return_tensors="pt")
    with torch.no_grad():
        maps = torch.stack(model(**batch, output_attentions=True).attentions, dim=1)
    percent = (100 * maps[0]).round().long().tolist()  # (layers, heads, T, T)
    results.write(
        "attention_maps",
        {
            "tokens": tokenizer.convert_ids_to_tokens(batch["input_ids"][0].tolist()),
            "maps": [
                [[" ".join(map(str, row)) for row in head] for head in layer] for layer in percent
            ],
        },
        command=COMMAND,
        note_zh="MiniLM 的 72 个头在一句话上的注意力，百分之几。",
        note_en="The attention of MiniLM's 72 heads on one sentence, in percent.",
    )


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "multi_head_attention.jsonl")
    folder = find(MINILM).path
    tokenizer = BertTokenizer.from_pretrained(folder)
    model = BertModel.from_pretrained(folder, attn_implementation="eager").eval()
    example_maps(model, tokenizer)
    numbers = {"heads": kept("heads", lambda: minilm_heads(model, tokenizer))}
    cut = numbers["heads"]["cut"]
    cut["ratio"] = cut["idle"] / cut["others"]
    numbers["two"] = by_heads(kept)
    results.write(
        "multi_head_attention",
        numbers,
        seed=SEEDS,
        command=COMMAND,
        note_zh="一个 64 维的头与四个 16 维的头，同时问两处；MiniLM 的 72 个头看向哪里，"
        "去掉一个会怎样。",
        note_en="One head of 64 numbers and four of 16 where two places are asked for; what "
        "MiniLM's 72 heads look at, and what changes without one.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
