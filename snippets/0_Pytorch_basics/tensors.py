"""What the chapter `tensors` includes: broadcasting."""

from collections.abc import Sequence


def broadcast_shape(*shapes: Sequence[int]) -> tuple[int, ...]:
    """The common shape of tensors of the given shapes: align right, stretch sizes of 1.

    Raises:
        ValueError: in some dimension two sizes differ and neither is 1.
    """
    ndim = max(map(len, shapes), default=0)
    padded = [(1,) * (ndim - len(shape)) + tuple(shape) for shape in shapes]
    result = []
    for sizes in zip(*padded, strict=True):
        wanted = {size for size in sizes if size != 1}
        if len(wanted) > 1:
            raise ValueError(f"shapes {shapes} do not broadcast: sizes {sizes} in one dimension")
        result.append(wanted.pop() if wanted else 1)
    return tuple(result)
