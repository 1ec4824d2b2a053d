"""Several processes as one: what `wode.training.train` needs to run under ``torchrun``.

Data parallelism [Li et al. 2020, arXiv 2006.15704]: every process (a *rank*) holds the model, works
on its share of the global batch, and the gradients are summed before the step. `joined` starts it,
`sharded` deals out the batches, `groups` says how much each batch weighs in the global mean.

In one process each function here does nothing, so that a script is the same with and without it.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim import Optimizer
from torch.utils.data import DataLoader, IterableDataset, RandomSampler, Sampler
from torch.utils.data.distributed import DistributedSampler

from wode.training.weighing import Divisor, label_count

# A DDP module that outlives `joined` would end the group with itself, and hold the GIL on which
# gloo's thread may wait (torch 2.13): now and then a rank never ended. So a group lives to the end.
_kept: list[Any] = []
TORCHRUN = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


# ---------------------------------------------------------------- who am I


@contextmanager
def joined(timeout: float = 600) -> Iterator[torch.device]:
    """Join the processes that ``torchrun`` started; give this rank's device.

    Uses nccl where there is CUDA, else gloo on the CPU. Without torchrun it is one process.

    Args:
        timeout: seconds that a rank waits for another one before it ends with an error.

    Raises:
        RuntimeError: torchrun's environment is there in part only, or there are too few GPUs.
    """
    cuda = torch.cuda.is_available()
    missing = [name for name in TORCHRUN if name not in os.environ]
    if "RANK" not in os.environ and "WORLD_SIZE" not in os.environ:
        yield torch.device("cuda" if cuda else "cpu")
        return
    if missing:
        raise RuntimeError(
            f"expected the environment of torchrun, {', '.join(missing)} missing: start with "
            "`torchrun --standalone --nproc-per-node 2 script.py`, or with plain python alone"
        )
    device = torch.device("cpu")
    if cuda:
        local, gpus = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if local >= gpus:
            raise RuntimeError(
                f"local rank {local} has no GPU, this machine has {gpus}: start fewer processes, "
                "or hide the GPUs with CUDA_VISIBLE_DEVICES= to run on the CPU"
            )
        device = torch.device("cuda", local)
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if cuda else "gloo", timeout=timedelta(seconds=timeout))
    _kept.append(dist.group.WORLD)
    yield device
    dist.destroy_process_group()  # not after an error: the others may be gone


def world() -> tuple[int, int]:
    """``(rank, number of processes)``; (0, 1) alone.

    Raises:
        RuntimeError: torchrun started several processes, but `joined` was not entered. Each would
            train for itself, and all would write the same checkpoint.
    """
    if dist.is_available() and dist.is_initialized():
        return dist.get_rank(), dist.get_world_size()
    if (size := int(os.environ.get("WORLD_SIZE", 1))) > 1:
        raise RuntimeError(
            f"WORLD_SIZE is {size}, but this process has not joined the others: put the training "
            "into `with wode.training.distributed.joined() as device:`"
        )
    return 0, 1


def barrier() -> None:
    """Wait until every rank is here."""
    if world()[1] > 1:
        dist.barrier()


def from_all(value: Any) -> list[Any]:
    """Each rank's ``value``, in the order of the ranks; the list is the same on all of them."""
    values = [value] * world()[1]
    if len(values) > 1:
        dist.all_gather_object(values, value)
    return values


def total(value: float) -> float:
    """The sum of ``value`` over the ranks, added in their order: the same bits everywhere."""
    return sum(from_all(value)) if world()[1] > 1 else value


# ---------------------------------------------------------------- which samples are mine


def share_of(batch: list[int], rank: int, ranks: int) -> list[int]:
    """Rank ``rank``'s slice of a global batch: slices differ by one at most, the first are larger.

    Joined in the order of the ranks they are the batch: nothing is repeated, nothing left out.
    """
    size, rest = divmod(len(batch), ranks)
    begin = rank * size + min(rank, rest)
    return batch[begin : begin + size + (rank < rest)]


class ShardedBatches(Sampler[list[int]]):
    """This rank's share of each batch of ``batches``, which must be the same on all ranks.

    The last batch may be too small for all; a rank without a share has one batch fewer.

    Raises:
        ValueError: (while iterating) a batch before the last is too small.
    """

    def __init__(self, batches: Iterable[list[int]], rank: int, ranks: int) -> None:
        self.batches, self.rank, self.ranks = batches, rank, ranks

    def __len__(self) -> int:
        return len(self.batches)  # ty: ignore[invalid-argument-type]

    def __iter__(self) -> Iterator[list[int]]:
        too_small = None
        for batch in self.batches:
            if too_small is not None:
                raise ValueError(
                    f"expected global batches of at least {self.ranks} samples (one a process), "
                    f"got {too_small} before the last batch: raise batch_size"
                )
            if share := share_of(batch, self.rank, self.ranks):
                yield share
            if len(batch) < self.ranks:
                too_small = len(batch)


def sharded(loader: DataLoader) -> DataLoader:
    """A loader of this rank's shares of ``loader``'s batches; alone, ``loader`` itself.

    ``batch_size`` is the global one. An iterable data set must shard itself, as
    `wode.data.LineStream` does; there ``batch_size`` is that of each rank.

    Raises:
        ValueError: the ranks would not draw the same batches; the message says why.
    """
    rank, ranks = world()
    if ranks == 1 or isinstance(loader.dataset, IterableDataset):
        return loader
    if isinstance(loader.sampler, DistributedSampler) or loader.batch_sampler is None:
        raise ValueError("expected a loader of global batches, as for one process: train deals out")
    state = None if loader.generator is None else loader.generator.get_state().tolist()
    if state is None and isinstance(loader.sampler, RandomSampler):
        raise ValueError("shuffle=True needs DataLoader(generator=...), seeded alike on all ranks")
    if any(other != state for other in from_all(state)):
        raise ValueError("the loader's generator differs between ranks: seed it alike on all")
    return DataLoader(
        loader.dataset,
        batch_sampler=ShardedBatches(loader.batch_sampler, rank, ranks),
        num_workers=loader.num_workers,
        collate_fn=loader.collate_fn,
        pin_memory=loader.pin_memory,
        worker_init_fn=loader.worker_init_fn,
        multiprocessing_context=loader.multiprocessing_context,
        generator=loader.generator,
        prefetch_factor=loader.prefetch_factor,
        persistent_workers=loader.persistent_workers,
    )


# ---------------------------------------------------------------- how much each batch weighs


Batch = tuple[Any, Any]  # inputs, a tensor or tensors by name; labels
Group = list[tuple[float, Batch]]  # the batches of an optimizer step, with their shares


def groups(
    batches: Iterator[Batch],
    accumulate: int,
    last: Batch | None = None,
    divisor: Divisor | None = label_count,
) -> Iterator[Group]:
    """For each optimizer step, its micro-batches and their shares n_i/n of all n labels.

    n counts the labels of up to ``accumulate`` micro-batches on every rank, by ``divisor``; without
    one the loss adds up, and each share is 1. All ranks get groups of the same length: a rank that
    has run out takes part with its ``last`` batch, whose share is 0.
    """
    rank, ranks = world()
    while True:
        group = []
        while len(group) < accumulate and (batch := next(batches, None)) is not None:
            group.append(batch)
        counts = [1 if divisor is None else divisor(labels) for _, labels in group]
        of_ranks = from_all(counts)
        length = max(map(len, of_ranks))
        if length == 0:
            return
        last = group[-1] if group else last
        if last is None:
            raise ValueError(f"rank {rank} of {ranks} has no sample at all: use fewer ranks")
        group += [last] * (length - len(group))
        counts += [0] * (length - len(counts))
        everything = 1 if divisor is None else sum(map(sum, of_ranks))
        if everything == 0:  # every label is left out: the loss is NaN, as it is of one batch
            counts, everything = [1] * length, length * ranks
        yield [(n / everything, batch) for n, batch in zip(counts, group, strict=True)]


# ---------------------------------------------------------------- one model on all ranks


def replicated(model: nn.Module) -> nn.Module:
    """``model`` wrapped in DDP, which copies rank 0's weights to all; alone or under FSDP, itself.

    Raises:
        ValueError: the model is wrapped already.
    """
    if isinstance(model, DistributedDataParallel):
        raise ValueError("expected the bare model: train wraps it in DistributedDataParallel")
    if world()[1] == 1 or is_fsdp(model):
        return model
    return DistributedDataParallel(model)


def exchange(network: nn.Module, on: bool) -> None:
    """Whether the next backward pass averages gradients over the ranks (what no_sync does)."""
    if is_fsdp(network):
        cast(Any, network).set_requires_gradient_sync(on)
    elif isinstance(network, DistributedDataParallel):
        network.require_backward_grad_sync = on


def is_fsdp(model: nn.Module) -> bool:
    """Whether `fully_shard` has spread it; asked without importing FSDP, which takes a second."""
    return hasattr(model, "set_requires_gradient_sync")


def spread_chance() -> None:
    """Let each rank draw its own dropout masks: rank r's torch seed grows by r."""
    rank, _ = world()
    if rank > 0:
        torch.manual_seed((torch.initial_seed() + rank) % 2**64)


def gathered(state: Any) -> Any:
    """``state`` with the tensors that FSDP has spread over the ranks made whole; all must call."""
    if hasattr(state, "full_tensor"):  # a DTensor
        return state.full_tensor().cpu()
    if isinstance(state, Mapping):
        return {key: gathered(value) for key, value in state.items()}
    return [gathered(value) for value in state] if isinstance(state, list) else state


def spread_weights(model: nn.Module, state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Whole weights as the ``model`` holds them: for FSDP, this rank's part of each."""
    own = model.state_dict()
    return {key: _like(value, own.get(key)) for key, value in state_dict.items()}


def spread_moments(optimizer: Optimizer, state_dict: Mapping[str, Any]) -> dict[str, Any]:
    """The same for what an optimizer keeps of each parameter."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    state = {
        number: {name: _like(value, parameters[number]) for name, value in kept.items()}
        for number, kept in state_dict["state"].items()
    }
    return {**state_dict, "state": state}


def _like(value: Any, model: Any) -> Any:
    if not hasattr(model, "full_tensor") or getattr(value, "shape", None) != model.shape:
        return value
    from torch.distributed.tensor import distribute_tensor  # as long as importing FSDP

    return distribute_tensor(value.to(model.device), model.device_mesh, model.placements)
