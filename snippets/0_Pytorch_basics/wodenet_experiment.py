"""How well WodeNet learns scikit-learn's digits, without and with dropout before the classifier.

    python snippets/0_Pytorch_basics/wodenet_experiment.py

trains eight seeds of each and writes docs/assets/results/wodenet.json. A minute of one core.
"""

import statistics
import time

import torch
import torch.nn.functional as F

from wode.book import results
from wode.data import digits_tensors
from wode.vision import WodeNet


def learned(seed: int, dropout: float = 0.0, epochs: int = 10, lr: float = 1e-2) -> WodeNet:
    """A network that has learned the digits, by AdamW under OneCycleLR, batches of 64."""
    images, labels = digits_tensors(train=True)
    torch.manual_seed(seed)
    model = WodeNet()
    if dropout:
        model.classifier.register_forward_pre_hook(
            lambda module, inputs: F.dropout(inputs[0], dropout, module.training)
        )
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    steps = epochs * len(labels.split(64))
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=lr, total_steps=steps)
    for _ in range(epochs):
        for index in torch.randperm(len(labels)).split(64):
            optimizer.zero_grad()
            F.cross_entropy(model(images[index]), labels[index]).backward()
            optimizer.step()
            scheduler.step()
    return model.eval()


def accuracy(seed: int, dropout: float) -> float:
    """Its test accuracy."""
    test_images, test_labels = digits_tensors(train=False)
    model = learned(seed, dropout)
    with torch.no_grad():
        return (model(test_images).argmax(1) == test_labels).double().mean().item()


def main() -> None:
    torch.set_num_threads(1)
    seeds = range(8)
    start = time.process_time()
    by_kind = {"plain": [accuracy(seed, 0.0) for seed in seeds]}
    seconds = (time.process_time() - start) / len(seeds)
    by_kind["dropout"] = [accuracy(seed, 0.1) for seed in seeds]
    path = results.write(
        "wodenet",
        {
            "accuracy": by_kind,
            "mean": {kind: statistics.mean(values) for kind, values in by_kind.items()},
            "least": {kind: min(values) for kind, values in by_kind.items()},
            "cpu_seconds": seconds,
        },
        seed=list(seeds),
        command="python snippets/0_Pytorch_basics/wodenet_experiment.py",
        note_zh="WodeNet 在手写数字上训练 10 轮后的测试准确率，有无随机失活各 8 个种子。",
        note_en="Test accuracy of WodeNet on the digits after 10 epochs, without and with dropout, "
        "8 seeds each.",
    )
    print(path, by_kind)


if __name__ == "__main__":
    main()
