"""What the chapter `scaling-out` includes: its script, naive averages, a ring all-reduce."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.data import digits_tensors
from wode.training import distributed

SCRIPT = """\
import json
import os
import signal
import sys

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.distributed.elastic.multiprocessing.errors import record
from torch.distributed.fsdp import fully_shard
from torch.utils.data import DataLoader, Subset, TensorDataset

from wode.training import distributed
from wode.data import digits_tensors
from wode.training import MetricsLog, averaged_over, label_count, seed_everything, train


@record  # so that torchrun's report quotes a rank's error
def main(
    name: str,
    batch_size: int = 32,
    accumulate: int = 1,
    epochs: int = 2,
    dropout: float = 0.0,
    fsdp: bool = False,
    die: tuple[int, int] | None = None,  # (rank, its n-th loss): be killed
) -> None:
    torch.set_num_threads(1)
    generator = seed_everything(0)  # alike on all ranks
    data = Subset(TensorDataset(*digits_tensors(train=True)), range(161))  # the last batch: 1
    loader = DataLoader(data, batch_size, shuffle=True, generator=generator)
    layers = nn.Linear(64, 32), nn.Tanh(), nn.Dropout(dropout), nn.Linear(32, 10)
    model = nn.Sequential(nn.Flatten(), *layers)
    with distributed.joined(timeout=60) as device:
        model.to(device)  # before the optimizer takes its parameters
        if fsdp:
            for part in (*layers[::3], model):
                fully_shard(part)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        log = MetricsLog(f"{name}.jsonl")
        seen = []  # how many samples each loss of this rank is about
        options = {"log": log, "checkpoint": f"{name}.pt", "every": 1, "progress": False}

        @averaged_over(label_count)  # what our own mean divides by; off torch's losses it is read
        def loss_fn(logits: Tensor, labels: Tensor) -> Tensor:
            seen.append(len(labels))
            if die is not None and (distributed.world()[0], len(seen)) == tuple(die):
                os.kill(os.getpid(), signal.SIGKILL)
            return F.cross_entropy(logits, labels)

        rows = train(model, loader, optimizer, loss_fn, epochs, accumulate=accumulate, **options)
        local = [p.to_local() if fsdp else p for p in model.parameters()]
        facts = {
            "losses": [row["loss"] for row in rows],
            "seen": distributed.from_all(sum(seen)),
            "held": distributed.from_all(sum(p.numel() for p in local)),
        }
        if distributed.world()[0] == 0:
            print(json.dumps(facts))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
"""


def gradient_error(n: int, ranks: int, way: str, seed: int) -> float:
    """‖wrong − right‖ / ‖right‖ of the gradient of ``n`` digits spread over ``ranks`` processes.

    Ways: "weighted" n_r/n, "means" (the mean of the ranks' means), "padded" (samples repeated until
    all ranks have as many, as DistributedSampler does).
    """
    torch.manual_seed(seed)
    images, labels = digits_tensors(train=True)
    chosen = torch.randperm(len(labels))[:n].tolist()
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 10)).double()

    def gradient(batch: list[int]) -> Tensor:
        loss = F.cross_entropy(model(images[batch].double()), labels[batch])
        grads = torch.autograd.grad(loss, list(model.parameters()))
        return torch.cat([g.flatten() for g in grads])

    padded = chosen + chosen[: -n % ranks] if way == "padded" else chosen
    shares = [distributed.share_of(padded, rank, ranks) for rank in range(ranks)]
    weights = [len(s) / n if way == "weighted" else 1 / ranks for s in shares]
    wrong = torch.stack([w * gradient(s) for w, s in zip(weights, shares, strict=True)]).sum(dim=0)
    right = gradient(chosen)
    return ((wrong - right).norm() / right.norm()).item()


def ring_bytes(parameters: int, ranks: int) -> float:
    """Bytes that each rank sends in one ring all-reduce of float32 gradients."""
    return 2 * (ranks - 1) / ranks * parameters * 4


def ring_all_reduce(parts: list[list[float]]) -> int:
    """Sum ``parts[rank][piece]`` in place, as many pieces as ranks; how many pieces each rank sent.

    R − 1 rounds add a piece to the right neighbour's, R − 1 more pass the finished pieces on.
    """
    ranks, sent = len(parts), 0
    for turn in range(2 * (ranks - 1)):
        pieces = [(rank - turn) % ranks for rank in range(ranks)]
        outgoing = [parts[rank][pieces[rank]] for rank in range(ranks)]  # all send at once
        for rank in range(ranks):
            right, piece = (rank + 1) % ranks, pieces[rank]
            finished = turn >= ranks - 1
            parts[right][piece] = outgoing[rank] + (0 if finished else parts[right][piece])
        sent += 1
    return sent
