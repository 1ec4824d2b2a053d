"""How far back gradients reach, and how far back a network learns.

    python snippets/2_transformer_basics/vanishing_gradients_experiment.py

measures the product of Jacobians and the gradients at each distance, then trains the encoders on
recall and on order; writes docs/assets/results/vanishing_gradients.json. About ten minutes of one
core; a run that was stopped goes on.
"""

import statistics

import torch
import torch.nn.functional as F

from vanishing_gradients import ENCODERS, TASKS, Reader, learn
from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.sequence import rnn

SEEDS = [0, 1, 2, 3, 4]
ORDER_DISTANCES = [8]
RADII = [0.5, 0.9, 1.0, 1.2]
#: (encoder, standard deviation of the embedding, distances)
RECALL = [("RNN", 0.1, [16, 32]), ("CNN", 1.0, [4]), ("attention", 1.0, [16, 32])]
ORDER = [
    ("RNN, orthogonal", 0.1), ("attention", 1.0), ("attention, positions", 1.0),
    ("attention, left only", 1.0), ("two layers", 1.0), ("two layers, left only", 1.0),
]  # fmt: skip
HELD = [  # and how many seeds
    ("RNN, orthogonal, held", 1.0, 3), ("RNN, orthogonal, shrunk", 1.0, 5),
    ("RNN, orthogonal, shrunk", 0.1, 5), ("LSTM, held", 1.0, 3),
]  # fmt: skip
CAUSES = ["RNN", "RNN, orthogonal", "LSTM", "LSTM, bias 2", "GRU"]


def key(name: str, scale: float) -> str:
    """By what name the results file has an encoder: ``small`` is an embedding times 0.1."""
    return name.lower().replace(",", "").replace(" ", "_") + ("" if scale == 1.0 else "_small")


def products(radius: float, seed: int, scale: float, length: int = 60, size: int = 32) -> list:
    """‖∂y_T/∂y_{T-k}‖₂ for k = 0 … length of a tanh RNN; inputs of standard deviation ``scale``."""
    torch.manual_seed(seed)
    weight_hh = radius * torch.linalg.qr(torch.randn(size, size)).Q
    x = scale * torch.randn(1, length + 1, size)
    output, _ = rnn(x, torch.eye(size), weight_hh)  # (1, T, h)
    product, norms = torch.eye(size), [1.0]
    for t in range(length, 0, -1):
        product = product @ ((1 - output[0, t] ** 2)[:, None] * weight_hh)
        norms.append(torch.linalg.matrix_norm(product, ord=2).item())
    return norms


def gradients(name: str, scale: float, distance: int, seed: int) -> list[float]:
    """‖∂loss/∂x‖ at distances 0 … ``distance`` from the end, before any training, on recall."""
    torch.manual_seed(seed)
    model = Reader(name, scale)
    tokens, labels = TASKS["recall"](32, distance, torch.Generator().manual_seed(seed))
    kept = []
    model.embedding.register_forward_hook(lambda *a: (a[2].retain_grad(), kept.append(a[2]))[1])
    F.cross_entropy(model(tokens), labels).backward()
    return kept[0].grad.norm(dim=(0, 2)).flip(0).tolist()


def tried(
    keep: Kept, name: str, task: str, distance: int, scale: float, seeds: int = 3, rates: int = 1
) -> dict:
    """Right at a rate of 3e-3, each seed; with two rates, at 1e-3 too unless all are right."""
    runs = {}
    for lr in (3e-3, 1e-3)[:rates]:
        runs[lr] = [keep("learn", learn, name, task, distance, s, lr, scale) for s in range(seeds)]
        if min(runs[lr]) > 0.99:
            break
    rate = max(runs, key=lambda lr: statistics.mean(runs[lr]))
    each = runs[rate]
    mean = statistics.mean(each)
    return {"each": each, "mean": mean, "min": min(each), "max": max(each), "lr": rate}


def farther(keep: Kept, name: str, task: str, distances: list[int], scale: float) -> list[dict]:
    """`tried` at one distance after the other, until no seed learns it."""
    found: list[dict] = []
    for distance in distances:
        found.append(tried(keep, name, task, distance, scale))
        if found[-1]["max"] < 0.9:
            break
    return found


def main() -> None:
    torch.set_num_threads(1)
    keep = Kept(ROOT / "build" / "vanishing_gradients.jsonl")
    numbers: dict = {
        "products": {
            "radii": RADII,
            "length": 60,
            "small": [products(r, 0, 0.1) for r in RADII],
            "unit": [products(r, 0, 1.0) for r in RADII],
            "unit_end": [[products(r, s, 1.0)[-1] for s in SEEDS] for r in RADII],
        },
        "parameters": {
            key(n, 1.0): sum(p.numel() for p in Reader(n).parameters()) for n in ENCODERS
        },
    }
    numbers["products"]["unit_largest"] = [max(e) for e in numbers["products"]["unit_end"]]
    numbers["gradients"] = {}
    for name, scale in (*((n, s) for n in CAUSES for s in (1.0, 0.1)), ("attention", 1.0)):
        each = [gradients(name, scale, 64, s) for s in SEEDS]
        ratio = []
        for s in SEEDS:
            found = gradients(name, scale, 16, s)
            ratio.append(found[16] / found[0])
        numbers["gradients"][key(name, scale)] = {
            "each": each,
            "mean": [statistics.mean(e) for e in zip(*each, strict=True)],
            "ratio": ratio,
            "ratio_mean": statistics.mean(ratio),
            "ratio_min": min(ratio),
            "ratio_max": max(ratio),
        }
        print(name, scale, ratio, flush=True)
    numbers["causes"] = {
        key(name, scale): tried(keep, name, "recall", 16, scale, 5, rates=2)
        for name in CAUSES
        for scale in (1.0, 0.1)
    }
    numbers["held"] = {
        key(name, scale): tried(keep, name, "recall", 16, scale, seeds)
        for name, scale, seeds in HELD
    }
    numbers["order"] = {
        key(name, scale): farther(keep, name, "order", ORDER_DISTANCES, scale)
        for name, scale in ORDER
    }
    numbers["order_distances"] = ORDER_DISTANCES
    numbers["recall"] = {
        key(name, scale): farther(keep, name, "recall", distances, scale)
        for name, scale, distances in RECALL
    }
    numbers["longer"] = {  # four times the steps
        key(name, scale): [
            keep("learn", learn, name, "recall", 16, s, 1e-3, scale, 2000) for s in range(2)
        ]
        for name, scale in (("LSTM", 1.0),)
    }
    numbers["minutes"] = keep.minutes
    results.write(
        "vanishing_gradients",
        numbers,
        seed=SEEDS,
        command="python snippets/2_transformer_basics/vanishing_gradients_experiment.py",
        note_zh="梯度随距离的衰减；RNN、LSTM、GRU、CNN、注意力隔多远学得会，五个种子。",
        note_en="How gradients shrink with distance; how far back RNN, LSTM, GRU, CNN and "
        "attention learn; three to five seeds.",
    )
    keep.finish()


if __name__ == "__main__":
    main()
