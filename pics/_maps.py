"""Heat maps as paths: on a page in the dark they turn over with the rest of their figure.

A figure with an image in it (``imshow``) is taken for a photograph, which stays as it is, on white.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patches import PathPatch
from matplotlib.path import Path

LEVELS = 40
WHITE = 0.96  # a colour all of whose parts are above it is the ground's: nothing is drawn


def heat(
    axes: Axes,
    values: np.ndarray,
    *,
    cmap: str = "Blues",
    vmin: float = 0,
    vmax: float = 1,
    aspect: str = "equal",
    frame: bool = True,
) -> ScalarMappable:
    """Draw values (rows, columns) as ``imshow`` does, cell (r, c) around (c, r); for a colour bar.

    Cells of one colour are one path: few bytes. A thin edge of that colour closes the seams.
    """
    scale = ScalarMappable(Normalize(vmin, vmax), colormaps[cmap].resampled(LEVELS))
    rows, columns = values.shape
    colours = scale.to_rgba(values)
    along, down = list(_runs(colours)), list(_runs(colours.swapaxes(0, 1)))
    boxes: dict[tuple[float, ...], list[np.ndarray]] = {}
    for row, start, end in min(along, down, key=len):
        box = np.array([(start, row), (end, row), (end, row + 1), (start, row + 1), (start, row)])
        cell = (row, start)
        if len(down) < len(along):
            box, cell = box[:, ::-1], (start, row)
        boxes.setdefault(tuple(map(float, colours[cell])), []).append(box - 0.5)
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    for colour, ones in sorted(boxes.items()):
        if min(colour) < WHITE:
            path = Path(np.concatenate(ones), codes * len(ones))
            axes.add_patch(PathPatch(path, color=colour, linewidth=0.4))
    axes.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), aspect=aspect)
    if frame:
        axes.spines[:].set(visible=True, color="0.6", linewidth=0.8)
    return scale


def _runs(colours: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """Row, start and end of cells beside each other that have the same colour."""
    for row, line in enumerate(colours):
        changes = np.flatnonzero((line[1:] != line[:-1]).any(axis=1)) + 1
        ends = [0, *changes.tolist(), len(line)]
        yield from ((row, start, end) for start, end in pairwise(ends))
