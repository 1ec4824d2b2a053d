"""What the chapter `dataloader` includes: the order of examples, and gradients one by one."""

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
