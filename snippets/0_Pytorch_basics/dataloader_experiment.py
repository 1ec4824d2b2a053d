"""What the order of the examples changes, measured on the digits.

    python snippets/0_Pytorch_basics/dataloader_experiment.py

trains in three orders at five learning rates with ten seeds, compares the gradients of batches with
the gradient of all, and writes docs/assets/results/dataloader.json. A minute and a half.
"""

import statistics

import torch

from dataloader import accuracy_by_epoch, per_example_gradients, small_network, spread
from wode.book import results
from wode.data import digits_tensors


def main() -> None:
    seeds, epochs = list(range(10)), 15
    orders = ("sorted", "once", "epoch")
    rates = (0.01, 0.03, 0.1, 0.3, 1.0)
    numbers: dict[str, object] = {"epochs": epochs, "seeds": len(seeds), "batch_size": 32}
    for order in orders:
        runs = [accuracy_by_epoch(order, seed, epochs) for seed in seeds]
        by_epoch = list(zip(*runs, strict=True))
        numbers[order] = {
            "mean": [round(statistics.fmean(values), 4) for values in by_epoch],
            "low": [round(min(values), 4) for values in by_epoch],
            "high": [round(max(values), 4) for values in by_epoch],
            "first": round(statistics.fmean(by_epoch[0]), 4),
            "last": round(statistics.fmean(by_epoch[-1]), 4),
        }
        by_rate = [[accuracy_by_epoch(order, s, epochs, r)[-1] for s in seeds] for r in rates]
        numbers[f"{order}_by_rate"] = {
            "rates": rates,
            "mean": [round(statistics.fmean(values), 4) for values in by_rate],
            "low": [round(min(values), 4) for values in by_rate],
            "high": [round(max(values), 4) for values in by_rate],
        }
        print(order, numbers[order], numbers[f"{order}_by_rate"])

    images, labels = digits_tensors(train=True)
    gradients = per_example_gradients(small_network(0), images, labels)  # (N, P)
    count = len(gradients)
    variance = (gradients - gradients.mean(dim=0)).square().sum(dim=1).mean().item()
    sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256]
    by_label = gradients[torch.argsort(labels, stable=True)]
    generator = torch.Generator().manual_seed(0)
    shuffles = [torch.randperm(count, generator=generator) for _ in range(100)]
    random = [statistics.fmean(spread(gradients[p], size) for p in shuffles) for size in sizes]
    by_size = [spread(by_label, size) for size in sizes]
    numbers["spread"] = {
        "batch_sizes": sizes,
        "formula": [variance / size * (count - size) / (count - 1) for size in sizes],
        "random": random,
        "sorted": by_size,
    }
    numbers["spread_ratio_32"] = by_size[sizes.index(32)] / random[sizes.index(32)]
    print(numbers["spread"], numbers["spread_ratio_32"])
    results.write(
        "dataloader",
        numbers,
        seed=seeds,
        command="python snippets/0_Pytorch_basics/dataloader_experiment.py",
        note_zh="同一个小网络、同样的数字图片，只改变样本进入批次的顺序。",
        note_en="One small network, the same digits; only the order of the examples changes.",
    )


if __name__ == "__main__":
    main()
