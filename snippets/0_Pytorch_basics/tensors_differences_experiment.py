"""How wrong is a finite difference? Error against step size, in float32 and float64.

    python snippets/0_Pytorch_basics/tensors_differences_experiment.py

writes docs/assets/results/tensors_differences.json, which the page and its figure read. Seconds.
"""

import torch

from tensors_differences import STEP_SIZES, measure
from wode.book import results


def main() -> None:
    numbers = {
        "points": 10_000,
        "step_sizes": STEP_SIZES,
        "float32": measure(torch.float32, points=10_000),
        "float64": measure(torch.float64, points=10_000),
    }
    path = results.write(
        "tensors_differences",
        numbers=numbers,
        seed=0,
        command="python snippets/0_Pytorch_basics/tensors_differences_experiment.py",
        note_zh="exp(sin x) 的有限差分：10 000 个随机点上绝对误差的中位数。",
        note_en="Finite differences of exp(sin x): median absolute error at 10,000 points.",
    )
    print(path)


if __name__ == "__main__":
    main()
