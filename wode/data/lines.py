"""The lines of a file that need not fit in memory, shared out among workers and processes."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from torch.utils.data import IterableDataset, get_worker_info

from wode.data.images import apply
from wode.files.text import BOM, decoded


class LineStream(IterableDataset):
    """The lines of a UTF-8 text file that need not fit in memory, each line once.

    With several workers, worker w of W takes the lines that *begin* in bytes [w·S/W, (w+1)·S/W) of
    the file's S bytes, so each worker reads its own part of the disk and no line comes twice.
    Under torchrun the workers of all ranks count: worker v of V on rank r is w = r·V + v.
    A line ends at ``\\n`` (or ``\\r\\n``), which is not part of it; nor is a BOM before the first.

    Args:
        path: the file.
        transform: applied to each line, in the worker.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: (while iterating) a line is not UTF-8; names the byte where it begins.
    """

    def __init__(
        self, path: str | os.PathLike[str], transform: Callable[[str], Any] | None = None
    ) -> None:
        self.path = Path(path)
        self.transform = transform
        self.path.stat()  # a missing file is an error here, not later in a worker

    def __iter__(self) -> Iterator[Any]:
        for position, line in self.raw():
            text = decoded(line, f"{self.path}, the line at byte {position}")
            yield apply(self.transform, text.removesuffix("\n").removesuffix("\r"))

    def raw(self) -> Iterator[tuple[int, bytes]]:
        """This worker's lines as bytes, each with the byte where it begins."""
        info = get_worker_info()
        worker, workers = (0, 1) if info is None else (info.id, info.num_workers)
        worker += int(os.environ.get("RANK", 0)) * workers
        workers *= int(os.environ.get("WORLD_SIZE", 1))
        size = self.path.stat().st_size
        begin, end = size * worker // workers, size * (worker + 1) // workers
        with self.path.open("rb") as file:
            if begin > 0:  # the line that holds byte begin - 1 is the previous worker's
                file.seek(begin - 1)
                file.readline()
            while (position := file.tell()) < end:
                line = file.readline().removeprefix(b"" if position else BOM)
                if line:  # a file of a BOM alone has none
                    yield position, line
