"""What the page `streaming` includes: the lines of a file, one's own share, a shuffling buffer."""

import torch
from torch.utils.data import IterableDataset, get_worker_info


class Shared(IterableDataset):
    """Worker w of W takes the lines that begin in its own part of the file."""

    def __init__(self, path):
        self.path = path

    def __iter__(self):
        info = get_worker_info()  # None: no worker process
        w, workers = (info.id, info.num_workers) if info else (0, 1)
        with open(self.path, "rb") as file:
            size = file.seek(0, 2)  # to the end: how many bytes
            begin, end = size * w // workers, size * (w + 1) // workers
            file.seek(max(begin - 1, 0))
            if begin > 0:
                file.readline()  # the line that began before is not ours
            while file.tell() < end:
                yield file.readline().decode().rstrip("\n")


class Shuffled(IterableDataset):
    """The items of a stream; each takes the place of a random one of ``size``, which leaves."""

    def __init__(self, stream, size, generator=None):  # None: torch's own
        self.stream, self.size, self.generator = stream, size, generator

    def __iter__(self):
        buffer = []
        for item in self.stream:
            if len(buffer) < self.size:
                buffer.append(item)  # fill it first
                continue
            k = int(torch.randint(self.size, (), generator=self.generator))
            yield buffer[k]
            buffer[k] = item
        for k in torch.randperm(len(buffer), generator=self.generator).tolist():
            yield buffer[k]  # the stream has ended: empty it


def rank_correlation(order):
    """1: nothing has moved; 0: what a full shuffle has on average."""
    count = len(order)
    moved = sum((item - place) ** 2 for place, item in enumerate(order))
    return 1 - 6 * moved / (count * (count**2 - 1))
