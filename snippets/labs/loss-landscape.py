# %%
import json
import math
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.bert import Bert, Config
from wode.data.pairs import Pair, collate
from wode.decoding import evaluating
from wode.files.download import cache_root
from wode.files.hub import MINILM
from wode.heads import SequenceClassifier
from wode.landscape import (
    Weights,
    coordinates,
    difference,
    length,
    line,
    random_direction,
    surface,
    weights_of,
)
from wode.tasks.baselines import bag_of_words, frozen_vectors
from wode.tasks.heads import letters
from wode.tasks.reviews import reviews
from wode.training import seed_everything
from wode.wordpiece import WordPiece

# %%
Batch = tuple[dict[str, Tensor], Tensor]  # inputs by name (B, T), labels (B,)
RADIUS = [-0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75]  # of the planes of random directions
ALONG = [-0.5 + 0.25 * k for k in range(9)]  # from the start (0) to the end (1) and beyond
ACROSS = [-1 + 0.25 * k for k in range(9)]  # towards the other task (1), and away


def other_task(held_out: bool = False) -> list[Pair]:
    """Letters in two classes: about a delivery or a bill (0), or about something else (1)."""
    return [Pair(text, None, int(label > 1)) for text, label in letters(held_out)]


def part(batch: Batch, rows: Any) -> Batch:
    inputs, labels = batch
    return {name: tensor[rows] for name, tensor in inputs.items()}, labels[rows]


def loss_of(model: nn.Module, batch: Batch) -> Tensor:
    inputs, labels = batch
    return F.cross_entropy(model(**inputs), labels)


def judged(model: nn.Module, batch: Batch) -> tuple[float, float]:
    """The mean loss and the accuracy, in evaluation mode."""
    with evaluating(model):
        logits = torch.cat([model(**part(batch, rows)[0]) for rows in _rows(batch)])
    right = (logits.argmax(dim=1) == batch[1]).float().mean()
    return float(F.cross_entropy(logits, batch[1])), float(right)


def _rows(batch: Batch) -> list[Tensor]:
    return list(torch.arange(len(batch[1])).split(64))


def only(bert: Bert, batches: Sequence[Batch]) -> None:
    """Keep the vocabulary's rows that occur: the others would neither move nor be read."""
    used = torch.cat([inputs["input_ids"].flatten() for inputs, _ in batches]).unique()  # sorted
    table = bert.embeddings.word_embeddings
    table.weight = nn.Parameter(table.weight.detach()[used].clone())
    for inputs, _ in batches:
        inputs["input_ids"] = torch.searchsorted(used, inputs["input_ids"])


def learn(
    model: nn.Module, batch: Batch, rate: float, seed: int, epochs: int, fitted: float = 0.05
) -> tuple[list[Weights], int, float]:
    """AdamW until the training loss is under ``fitted``: the weights every 10 steps, steps, loss.

    The rate rises over 20 steps and stays; dropout is on, as the models have it.
    """
    optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.0, fused=True)
    generator, path, step = torch.Generator().manual_seed(seed), [weights_of(model)], 0
    for _ in range(epochs):
        model.train()
        for rows in torch.randperm(len(batch[1]), generator=generator).split(16):
            step += 1
            optimizer.param_groups[0]["lr"] = rate * min(1, step / 20)
            optimizer.zero_grad()
            loss_of(model, part(batch, rows)).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            if step % 10 == 0:
                path.append(weights_of(model))
        loss, _ = judged(model, batch)
        if loss < fitted:
            break
    model.eval()
    return [*path, weights_of(model)], step, loss


# %%
def rescaled(model: nn.Module, factor: float) -> None:
    """The same function with other weights: what is multiplied here is divided there.

    Queries times ``factor``, keys over it; values times it, the output's matrix over it.
    """
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".self.query." in name or ".self.value." in name:
                parameter.mul_(factor)
            if ".self.key." in name or name.endswith("attention.output.dense.weight"):
                parameter.div_(factor)


def raw_direction(weights: Weights, generator: torch.Generator) -> dict[str, Tensor]:
    """Random numbers as they come, all of one size; biases and norms stay here too."""
    return {
        name: 0.01 * torch.randn(w.shape, generator=generator) if w.dim() > 1 else 0 * w
        for name, w in weights.items()
    }


def share_under(grid: Tensor, ceiling: float = 0.35) -> float:
    """The share of a surface that lies under a loss."""
    return (grid < ceiling).float().mean().item()


def curvature(losses: Tensor, step: float = 0.25) -> float:
    """The second difference in the middle of a line."""
    middle = len(losses) // 2
    around = losses[middle - 1] + losses[middle + 1] - 2 * losses[middle]
    return float(around) / step**2


def seeded(seed: int, pair: int, axis: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(1000 * seed + 10 * pair + axis)


# %%
def trained(bert: Bert, batches: dict[str, Batch], rate: float, seed: int, epochs: int) -> Any:
    """One start: the model after the first task, its path, and where the second task leads."""
    model = SequenceClassifier(bert, 2)
    start = weights_of(model)
    other_path, other_steps, other_loss = learn(model, batches["other"], rate, seed, epochs)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(start[name])
    path, steps, loss = learn(model, batches["train"], rate, seed, epochs)
    held_out_loss, accuracy = judged(model, batches["held_out"])
    facts = {
        "steps": steps,
        "train_loss": loss,
        "held_out_loss": held_out_loss,
        "accuracy": accuracy,
        "other_steps": other_steps,
        "other_loss": other_loss,
        "moved": length(difference(path[-1], start)),
        "length": length({n: w for n, w in path[-1].items() if w.dim() > 1}),
    }
    return model, path, other_path[-1], facts


def around(model: nn.Module, loss: Any, seed: int, norms: Weights, pairs: int) -> dict[str, Any]:
    """Lines and planes of random directions, with the filters of ``model`` and of another."""
    own, grids, others = weights_of(model), [], []
    for pair in range(pairs):
        first, second = (random_direction(own, seeded(seed, pair, axis)) for axis in (0, 1))
        grids.append(surface(model, loss, first, second, RADIUS))  # (7, 7, 2)
        others.append(line(model, loss, random_direction(norms, seeded(seed, pair)), RADIUS)[:, 0])
    train = [grid[..., 0] for grid in grids]
    lines = [grid[len(RADIUS) // 2] for grid in train]
    return {
        "random": [grid.tolist() for grid in grids],
        "other_norms": [other.tolist() for other in others],
        "under": [share_under(grid) for grid in train],
        "curvature": [curvature(one) for one in lines],
        "curvature_other_norms": [curvature(one) for one in others],
    }


def plane(model: nn.Module, loss: Any, path: list[Weights], other: Weights) -> dict[str, Any]:
    """The paper's plane: from the start to the end, and to where another task led."""
    start, end = path[0], path[-1]
    first, second = difference(end, start), difference(other, start)
    cosine = sum(float((first[n] * second[n]).sum()) for n in first)
    scale = length(first) / length(second)
    cosine = cosine / length(first) / length(second)
    second = {name: scale * part for name, part in second.items()}  # as long as the first
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(start[name])
    grid = surface(model, loss, first, second, ALONG, ACROSS)  # (9, 9, 2)
    return {
        "plane": grid.tolist(),
        "plane_under": share_under(grid[..., 0]),
        "plane_held_out_under": share_under(grid[..., 1], 0.6),
        "path": coordinates(path, start, first, second).tolist(),
        "cosine": cosine,
    }


def one_seed(seed: int, small: bool, rates: dict[str, float], pairs: int) -> dict[str, Any]:
    """Both starts with this seed, on the same sentences."""
    size, epochs, seen = (32, 1, 8) if small else (320, 16, 40)
    tokenizer = WordPiece.from_pretrained(MINILM)
    together = collate(tokenizer)
    batches = {
        "train": together(reviews(size, seed)),
        "held_out": together(reviews(size // 2, seed, held_out=True)),
        "other": together(other_task()[: size // 2 if small else None]),
    }
    config = Config(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
    pretrained = Bert(config) if small else Bert.from_pretrained(MINILM)
    seed_everything(seed)
    random = Bert(pretrained.config)
    ids = {name: inputs["input_ids"] for name, (inputs, _) in batches.items()}
    found: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    for name, bert in (("pretrained", pretrained), ("random", random)):
        for other, (inputs, _) in batches.items():
            inputs["input_ids"] = ids[other]
        only(bert, list(batches.values()))
        seed_everything(seed)
        kept[name] = trained(bert, batches, rates[name], seed, epochs)
        print(seed, name, kept[name][3], flush=True)

    def loss(model: nn.Module) -> Tensor:
        rows = slice(0, seen)
        return torch.stack([loss_of(model, part(batches[k], rows)) for k in ("train", "held_out")])

    ends = {name: path[-1] for name, (_, path, _, _) in kept.items()}
    for name, (model, path, other, facts) in kept.items():
        norms = ends["random" if name == "pretrained" else "pretrained"]
        found[name] = facts | around(model, loss, seed, norms, pairs)
        found[name] |= same_function(model, loss, seed)
        found[name] |= plane(model, loss, path, other)  # leaves the model at its start
        first = line(model, loss, random_direction(path[0], seeded(seed, 0)), RADIUS)[:, 0]
        found[name] |= {"untrained": first.tolist(), "curvature_untrained": curvature(first)}
        print(seed, name, {k: found[name][k] for k in ("under", "curvature")}, flush=True)
    return found


def same_function(model: nn.Module, loss: Any, seed: int, factor: float = 4.0) -> dict[str, Any]:
    """Lines before and after `rescaled`: along the same raw numbers, and normalised by filters."""
    before, found = weights_of(model), {}
    for when in ("as_trained", "rescaled"):
        if when == "rescaled":
            rescaled(model, factor)
        own = weights_of(model)
        for kind, draw in (("raw", raw_direction), ("filters", random_direction)):
            losses = line(model, loss, draw(own, seeded(seed, 0)), RADIUS)[:, 0]
            found[f"{kind}_{when}"] = losses.tolist()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(before[name])
    return found


# %%
SEEDS = (0, 1, 2)
RATES = {"pretrained": 1e-4, "random": 1e-4}  # those that fit soonest, see `rate_found`
TRIED = {"pretrained": (5e-5, 1e-4, 2e-4), "random": (5e-5, 1e-4, 2e-4)}


def rate_found(start: str, rate: float, small: bool) -> dict[str, float]:
    """How soon one start fits at one rate, and how it then does on held-out sentences."""
    size, epochs = (32, 1) if small else (320, 16)
    together = collate(WordPiece.from_pretrained(MINILM))
    batch, held_out = together(reviews(size)), together(reviews(size // 2, held_out=True))
    config = Config(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
    bert = Bert(config) if small else Bert.from_pretrained(MINILM)
    seed_everything(0)
    bert = bert if start == "pretrained" else Bert(bert.config)
    only(bert, [batch, held_out])
    model = SequenceClassifier(bert, 2)
    _, steps, loss = learn(model, batch, rate, 0, epochs)
    held_out_loss, accuracy = judged(model, held_out)
    return {"steps": steps, "loss": loss, "held_out_loss": held_out_loss, "accuracy": accuracy}


def rivals(seeds: Sequence[int], small: bool) -> dict[str, float]:
    """What is to be beaten: a bag of words, and a linear layer on MiniLM's frozen vectors."""
    size, found = 32 if small else 320, dict[str, list[float]](words=[], frozen=[])
    bert, tokenizer = Bert.from_pretrained(MINILM), WordPiece.from_pretrained(MINILM)
    for seed in seeds:
        parts = reviews(size, seed), reviews(size // 2, seed, held_out=True)
        learned, test = ([(pair.first, pair.label) for pair in pairs] for pairs in parts)
        found["words"].append(bag_of_words(learned, test))
        found["frozen"].append(frozen_vectors(bert, tokenizer, learned, test))
    return {name: fmean(values) for name, values in found.items()}


def experiment(small: bool, folder: Path) -> None:
    """Both starts, every seed; rates and rivals; write loss_landscape_lab.json."""
    from wode.book import results

    torch.set_num_threads(1)
    seeds, pairs = (SEEDS[:1], 1) if small else (SEEDS, 3)
    log = (folder if small else cache_root()) / "loss_landscape_lab.jsonl"
    log.parent.mkdir(parents=True, exist_ok=True)
    lines = log.read_text("utf-8").splitlines() if log.is_file() else []
    done = {line.split("\t")[0]: json.loads(line.split("\t")[1]) for line in lines}

    def once(key: str, function: Any, *arguments: Any) -> Any:
        if key not in done:
            done[key] = function(*arguments)
            with log.open("a", encoding="utf-8") as file:
                file.write(f"{key}\t{json.dumps(done[key])}\n")
        return done[key]

    runs = [once(f"seed {seed}", one_seed, seed, small, RATES, pairs) for seed in seeds]
    numbers: dict[str, Any] = {"radius": RADIUS, "along": ALONG, "across": ACROSS, "rates": {}}
    numbers["rivals"] = once("rivals", rivals, seeds, small)
    for start, rates in TRIED.items():
        numbers["rates"][start] = {
            f"{rate:g}": once(f"{start} {rate:g}", rate_found, start, rate, small) for rate in rates
        }
    for start in TRIED:
        rows = [run[start] for run in runs]
        numbers[start] = {key: [row[key] for row in rows] for key in rows[0]}
        means = {
            key: fmean(v) for key, v in numbers[start].items() if isinstance(v[0], float | int)
        }
        pooled = ("under", "curvature", "curvature_other_norms")
        means |= {key: fmean(v for row in rows for v in row[key]) for key in pooled}
        numbers[start]["mean"] = means
    log.unlink()  # the next run measures again
    results.write(
        "loss_landscape_lab",
        numbers,
        command="python -m wode.book.labs snippets/labs/loss-landscape.py",
        seed=list(seeds),
        folder=folder,
    )
