"""What the order of the examples changes, measured on the digits. Writes results/dataloader.json.

python snippets/0_Pytorch_basics/dataloader.py
"""

import statistics

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from wode.data import digits_tensors


def small_network(seed: int) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def accuracy_by_epoch(
    order: str, seed: int, epochs: int, learning_rate: float = 0.1
) -> list[float]:
    """Test accuracy after each epoch; order is "sorted", "once" (shuffled once) or "epoch"."""
    images, labels = digits_tensors(train=True)  # (N, 1, 8, 8), (N,)
    test_images, test_labels = digits_tensors(train=False)
    model = small_network(seed)
    generator = torch.Generator().manual_seed(seed)
    if order == "sorted":
        rows = torch.argsort(labels, stable=True)
    else:
        rows = torch.randperm(len(labels), generator=generator)
    dataset = TensorDataset(images[rows], labels[rows])
    loader = DataLoader(dataset, batch_size=32, shuffle=order == "epoch", generator=generator)
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    accuracies = []
    for _ in range(epochs):
        for batch, targets in loader:
            loss = F.cross_entropy(model(batch), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        correct = model(test_images).argmax(dim=1) == test_labels
        accuracies.append(correct.float().mean().item())
    return accuracies


def per_example_gradients(model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """The gradient of each example's own loss, flattened: (N, P)."""
    parameters = {name: value.detach() for name, value in model.named_parameters()}

    def loss(parameters: dict[str, Tensor], image: Tensor, label: Tensor) -> Tensor:
        logits = functional_call(model, parameters, (image.unsqueeze(0),))
        return F.cross_entropy(logits, label.unsqueeze(0))

    gradients = vmap(grad(loss), in_dims=(None, 0, 0))(parameters, images, labels)
    return torch.cat([gradient.flatten(1) for gradient in gradients.values()], dim=1)


def spread(gradients: Tensor, batch_size: int) -> float:
    """Mean squared distance between the gradient of a batch and the gradient of all examples.

    Batches are cut from ``gradients`` (N, P) in the order given; a last incomplete one is dropped.
    """
    batches = gradients[: len(gradients) // batch_size * batch_size]
    means = batches.reshape(-1, batch_size, gradients.shape[1]).mean(dim=1)  # (batches, P)
    return (means - gradients.mean(dim=0)).square().sum(dim=1).mean().item()


def main() -> None:
    from wode.book import results

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
        command="python snippets/0_Pytorch_basics/dataloader.py",
        note_zh="同一个小网络、同样的数字图片，只改变样本进入批次的次序。",
        note_en="One small network, the same digits; only the order of the examples changes.",
    )


if __name__ == "__main__":
    main()
