"""``wode.torchvision_cpu``: torchvision imports whatever build of torch stands beside it."""

import os
import subprocess
import sys

CHECK = """
import torch
{before}
from wode.torchvision_cpu import declare_missing_operators
declare_missing_operators()
for name in ("nms", "qnms"):
    operator = getattr(torch.ops.torchvision, name, None)
    print(name, operator and operator.default._schema)
{after}
"""


def run(program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def declared(tmp_path, version: str, before: str = "", after: str = "") -> str:
    """What is declared beside a torchvision of this version, no entry point being loaded."""
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "version.py").write_text(f"__version__ = {version!r}\n")
    program = CHECK.format(before=before, after=after)
    return run(program, PYTHONPATH=str(tmp_path), TORCH_DEVICE_BACKEND_AUTOLOAD="0")


CPU_TORCH = "torch.version.cuda = None"
CUDA_TORCH = "torch.version.cuda = '13.0'"
NOTHING = "nms None\nqnms None\n"


def test_torchvision_works_in_a_fresh_interpreter():
    program = """
import torchvision
from torchvision.transforms import v2
import torch
print(v2.Resize(4)(torch.zeros(1, 8, 8)).shape, torchvision.datasets.CIFAR10.__name__)
"""
    assert run(program) == "torch.Size([1, 4, 4]) CIFAR10\n"


def test_beside_a_cpu_build_of_torch_the_operators_are_declared(tmp_path):
    use = """
try:
    torch.ops.torchvision.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
except NotImplementedError as error:
    print(type(error).__name__)
"""
    printed = declared(tmp_path, "0.28.0+cu130", CPU_TORCH, use).splitlines()
    schema = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
    assert printed == [
        f"nms torchvision::nms{schema}",
        f"qnms torchvision::qnms{schema}",
        "NotImplementedError",
    ]


def test_where_the_builds_match_nothing_is_declared(tmp_path):
    assert declared(tmp_path, "0.28.0+cpu", CPU_TORCH) == NOTHING


def test_beside_a_cuda_build_of_torch_nothing_is_declared(tmp_path):
    assert declared(tmp_path, "0.28.0+cu130", CUDA_TORCH) == NOTHING


def test_without_torchvision_nothing_is_declared(tmp_path):
    before = f"{CPU_TORCH}; import sys; sys.modules['torchvision'] = None"
    assert declared(tmp_path, "0.28.0+cu130", before) == NOTHING
