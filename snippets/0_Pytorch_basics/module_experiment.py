"""What four initialisations do to a deep network's signal and to its accuracy.

    python snippets/0_Pytorch_basics/module_experiment.py

writes docs/assets/results/module.json. A minute of one core.
"""

import statistics
import time

import torch

from module import accuracy_after_training, deep_network, signal_by_depth, standardised
from wode.book import results


def main() -> None:
    torch.set_num_threads(1)
    names, seeds, depth, epochs = ["small", "default", "xavier", "he"], range(5), 20, 10
    images, _ = standardised(train=True)
    signal = {}
    for name in names:
        sizes, differences = [], []
        for seed in seeds:
            torch.manual_seed(seed)
            of_seed = signal_by_depth(deep_network(depth, 256, name), images)
            sizes.append(of_seed[0])
            differences.append(of_seed[1])
        signal[name] = {
            "size": [statistics.geometric_mean(layer) for layer in zip(*sizes, strict=True)],
            "difference": [
                statistics.geometric_mean(layer) for layer in zip(*differences, strict=True)
            ],
        }
    accuracy: dict[str, dict[str, list[float]]] = {"plain": {}, "batch_norm": {}}
    for kind, by_name in accuracy.items():
        for name in names:
            by_name[name] = [
                accuracy_after_training(depth, name, kind == "batch_norm", seed, epochs)
                for seed in seeds
            ]
            print(kind, name, [f"{value:.3f}" for value in by_name[name]], flush=True)
    medians = {
        kind: {name: statistics.median(values) for name, values in by_name.items()}
        for kind, by_name in accuracy.items()
    }
    faster = [accuracy_after_training(depth, "he", True, seed, epochs, lr=5e-3) for seed in seeds]
    path = results.write(
        "module",
        {
            "depth": depth,
            "epochs": epochs,
            "signal": signal,
            "accuracy": accuracy,
            "median": medians,
            "he_batch_norm_faster": faster,
            "he_batch_norm_faster_median": statistics.median(faster),
            "cpu_seconds": round(time.process_time()),
        },
        seed=list(seeds),
        command="python snippets/0_Pytorch_basics/module_experiment.py",
        note_zh="20 层 ReLU 网络在四种初始化下的信号大小（宽 256）"
        "与测试准确率（宽 64），5 个种子。",
        note_en="Signal by depth (width 256) and test accuracy (width 64) of a ReLU network of 20 "
        "layers under four initialisations, 5 seeds.",
    )
    print(path)


if __name__ == "__main__":
    main()
