"""The digits with ten seeds, recipes compared by cross-validation, and forgetting ``zero_grad``.

    python snippets/0_Pytorch_basics/training_experiment.py

cross-validates on the training part alone; writes docs/assets/results/training.json. Five minutes.
"""

import statistics
import time

import torch
from torch import nn
from torch.utils.data import DataLoader, Subset

from training import jittered, prepare, test_data, train_data, without_zero_grad
from wode.book import results
from wode.training import accuracy, train

EPOCHS = 20
SEEDS = list(range(10))


def curves() -> dict:
    """Loss and test accuracy after each epoch, for each seed, with the chapter's recipe."""
    test_loader = DataLoader(test_data, batch_size=360)
    rows, seconds = [], []
    for seed in SEEDS:
        model, loader, optimizer, scheduler = prepare(seed, EPOCHS, train_data, jittered)
        start = time.process_time()
        rows.append(
            train(
                model,
                loader,
                optimizer,
                nn.CrossEntropyLoss(label_smoothing=0.1),
                EPOCHS,
                scheduler=scheduler,
                progress=False,
                evaluate=lambda model: {"accuracy": accuracy(model, test_loader)},
            )
        )
        seconds.append(time.process_time() - start)
        print(f"seed {seed}: {rows[-1][-1]['accuracy']:.4f} in {seconds[-1]:.1f} CPU s", flush=True)
    final = [run[-1]["accuracy"] for run in rows]
    return {
        "loss": [[row["loss"] for row in run] for run in rows],
        "accuracy": [[row["accuracy"] for row in run] for run in rows],
        "final": {
            "mean": statistics.mean(final),
            "min": min(final),
            "max": max(final),
            "each": final,
            "wrong_min": round(360 * (1 - max(final))),
            "wrong_max": round(360 * (1 - min(final))),
            "reached": sum(value >= 0.99 for value in final),
        },
        "epochs": EPOCHS,
        "seeds": len(SEEDS),
        "cpu_seconds": statistics.median(seconds),
    }


def cross_validation(folds: int = 4) -> dict:
    """Accuracy of three recipes on held-out quarters of the training part, no test image."""
    shuffled = torch.randperm(len(train_data), generator=torch.Generator().manual_seed(99))
    parts = shuffled.chunk(folds)
    recipes = {"plain": (None, 0.0), "smoothing": (None, 0.1), "both": (jittered, 0.1)}
    table = {}
    for name, (collate_fn, smoothing) in recipes.items():
        loss_fn = nn.CrossEntropyLoss(label_smoothing=smoothing)
        right = []
        for fold, held_out in enumerate(parts):
            kept = torch.cat([part for i, part in enumerate(parts) if i != fold]).tolist()
            model, loader, optimizer, scheduler = prepare(
                fold, EPOCHS, Subset(train_data, kept), collate_fn
            )
            train(model, loader, optimizer, loss_fn, EPOCHS, scheduler=scheduler, progress=False)
            held_out_data = Subset(train_data, held_out.tolist())
            right.append(accuracy(model, DataLoader(held_out_data, batch_size=400)))
        table[name] = {"mean": statistics.mean(right), "min": min(right), "each": right}
        print(name, f"{table[name]['mean']:.4f}", flush=True)
    return table


def forgotten() -> dict:
    """Accuracy with and without ``zero_grad``: two optimizers, several rates, five seeds."""
    rates = {
        "SGD": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0],
        "AdamW": [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03],
    }
    table: dict[str, dict] = {}
    for name, values in rates.items():
        table[name] = {"rates": values}
        for key, clear in (("cleared", True), ("forgotten", False)):
            runs = [[without_zero_grad(name, lr, clear, s) for s in range(5)] for lr in values]
            mean = [statistics.mean(run) for run in runs]
            table[name][key] = {"each": runs, "mean": mean, "best": max(mean)}
            print(name, key, [f"{value:.3f}" for value in mean], flush=True)
    return table


def main() -> None:
    numbers = curves()
    numbers["forgotten"] = forgotten()
    numbers["validation"] = cross_validation()
    results.write(
        "training",
        numbers,
        seed=SEEDS,
        command="python snippets/0_Pytorch_basics/training_experiment.py",
        note_zh="WodeNet 在 360 张测试数字上的准确率，十个种子；忘记 zero_grad 的对照；"
        "只用训练部分做的交叉验证。",
        note_en="Accuracy of WodeNet on the 360 test digits over ten seeds; what forgetting "
        "zero_grad does; a cross-validation on the training part alone.",
    )


if __name__ == "__main__":
    main()
