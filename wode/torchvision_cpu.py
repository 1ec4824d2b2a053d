"""Let torchvision's wheel from PyPI be imported beside a CPU build of torch.

On Linux that wheel is built against CUDA. Beside a CPU build of torch its compiled operators do not
load, and ``import torchvision`` then stops at "operator torchvision::nms does not exist", although
its data sets and transforms need none of them. torch calls this function when it is imported
(entry point ``torch.backends`` in ``pyproject.toml``); where the builds match it does nothing.
"""

from importlib.util import find_spec
from pathlib import Path

_SCHEMAS = {
    "torchvision::nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "torchvision::qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}


def declare_missing_operators() -> None:
    """Declare, without an implementation, the operators that torchvision registers fakes for."""
    import torch

    spec = find_spec("torchvision")
    if torch.version.cuda is not None or spec is None or spec.origin is None:
        return
    version = Path(spec.origin).with_name("version.py")
    if not version.is_file() or "+cu" not in version.read_text(encoding="utf-8"):
        return
    for name, schema in _SCHEMAS.items():
        torch.library.define(name, schema)
