"""What the chapter `scaling-out` includes: its script, naive averages, a ring all-reduce."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.data import digits_tensors
from wode.training import distributed

DDP = """\
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from wode.data import digits_tensors

dist.init_process_group("gloo")  # torchrun has told this process who it is
rank, ranks = dist.get_rank(), dist.get_world_size()
torch.manual_seed(rank)  # other weights on each rank: DDP sends those of rank 0 to all
model = DistributedDataParallel(nn.Sequential(nn.Flatten(), nn.Linear(64, 10)))
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
images, labels = digits_tensors(train=True)

for step in range(4):
    x, y = images[32 * step :][:32], labels[32 * step :][:32]  # the global batch
    x, y = x[rank::ranks], y[rank::ranks]  # this rank's share of it
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()  # meanwhile DDP averages the gradients over the ranks
    optimizer.step()
    dist.all_reduce(loss.detach())  # for the print: the sum over the ranks
    if rank == 0:
        print(f"step {step + 1}  my share {len(x)}  loss {loss.item() / ranks:.4f}")
dist.destroy_process_group()
"""

JOB = """\
import os
import signal
import sys

import torch
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset

from wode.data import digits_tensors
from wode.training import distributed, seed_everything, train

name, dies_at = sys.argv[1], int(sys.argv[2])
generator = seed_everything(0)  # alike on all ranks
data = Subset(TensorDataset(*digits_tensors(train=True)), range(161))  # the last batch: 1
loader = DataLoader(data, batch_size=32, shuffle=True, generator=generator)  # of all ranks
model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 10))
calls = []


def die(*_):
    calls.append(1)
    if len(calls) == dies_at and distributed.world()[0] == 1:
        os.kill(os.getpid(), signal.SIGKILL)


model.register_forward_pre_hook(die)
with distributed.joined() as device:
    model.to(device)  # before the optimizer takes its parameters
    sgd = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    kept = {"checkpoint": f"{name}.pt", "every": 1, "progress": False}
    rows = train(model, loader, sgd, nn.CrossEntropyLoss(), epochs=2, **kept)
    if distributed.world()[0] == 0:
        print(*(f"{row['loss']:.4f}" for row in rows))
"""


def gradient_error(n: int, ranks: int, way: str, seed: int) -> float:
    """‖wrong − right‖ / ‖right‖ of the gradient of ``n`` digits; "padded" repeats some."""
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


def ring_all_reduce(parts: list[list[float]]) -> int:
    """Sum ``parts[rank][piece]`` in place; how many pieces each rank sent."""
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
