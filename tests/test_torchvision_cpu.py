"""``wode.torchvision_cpu``: torchvision imports whatever build of torch stands beside it."""

import os
import subprocess
import sys

CHECK = """
import os, sys
import torch
for folder, before in zip(sys.argv[1::2], sys.argv[2::2]):
    if os.fork() == 0:
        sys.path.insert(0, folder)
        exec(before)
        from wode.torchvision_cpu import declare_missing_operators
        declare_missing_operators()
        for name in ("nms", "qnms"):
            operator = getattr(torch.ops.torchvision, name, None)
            print(name, operator and operator.default._schema)
        try:
            torch.ops.torchvision.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
        except Exception as error:
            print(type(error).__name__, flush=True)
        os._exit(0)
    assert os.wait()[1] == 0
    print("end", flush=True)
"""


def run(program: str, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


CPU_TORCH = "torch.version.cuda = None"
CUDA_TORCH = "torch.version.cuda = '13.0'"
ABSENT = "sys.modules['torchvision'] = None"


def test_only_beside_a_cpu_build_of_torch_the_operators_are_declared(tmp_path):
    """Each case in a fork of a process that has imported torch, no entry point being loaded."""
    schema = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
    declared = (
        f"nms torchvision::nms{schema}\nqnms torchvision::qnms{schema}\nNotImplementedError\n"
    )
    nothing = "nms None\nqnms None\nAttributeError\n"
    cases = [
        ("0.28.0+cu130", CPU_TORCH, declared),
        ("0.28.0+cpu", CPU_TORCH, nothing),
        ("0.28.0+cu130", CUDA_TORCH, nothing),
        ("0.28.0+cu130", f"{CPU_TORCH}; {ABSENT}", nothing),
    ]
    arguments = []
    for number, (version, before, _) in enumerate(cases):
        package = tmp_path / str(number) / "torchvision"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "version.py").write_text(f"__version__ = {version!r}\n")
        arguments += [str(package.parent), before]
    printed = run(CHECK, *arguments, TORCH_DEVICE_BACKEND_AUTOLOAD="0").split("end\n")
    assert printed == [*(expected for _, _, expected in cases), ""]


def test_torchvision_works_in_a_fresh_interpreter():
    program = """
import torchvision
from torchvision.transforms import v2
import torch
print(v2.Resize(4)(torch.zeros(1, 8, 8)).shape, torchvision.datasets.CIFAR10.__name__)
"""
    assert run(program) == "torch.Size([1, 4, 4]) CIFAR10\n"
