"""What the chapter `module` includes: `nn.Module` from scratch, and deep networks' start."""

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.data import digits_tensors


class Module:
    """The heart of nn.Module: what is assigned to ``self`` is registered."""

    _parameters: dict[str, nn.Parameter]
    _modules: dict[str, "Module"]
    forward: Callable[..., Tensor]

    def __init__(self) -> None:
        self.__dict__.update(_parameters={}, _modules={})

    def __setattr__(self, name: str, value: object) -> None:
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, Module):
            self._modules[name] = value
        super().__setattr__(name, value)

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, nn.Parameter]]:
        for name, parameter in self._parameters.items():
            yield prefix + name, parameter
        for name, module in self._modules.items():
            yield from module.named_parameters(prefix + name + ".")

    def state_dict(self) -> dict[str, Tensor]:
        return {name: value.detach() for name, value in self.named_parameters()}

    def __call__(self, *inputs: Tensor) -> Tensor:
        return self.forward(*inputs)


class Linear(Module):
    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        bound = in_features**-0.5
        weight = torch.empty(out_features, in_features).uniform_(-bound, bound)
        bias = torch.empty(out_features).uniform_(-bound, bound)
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(bias)

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight.T + self.bias


class TwoLayers(Module):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = Linear(4, 8)
        self.output = Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.hidden(x).relu())


def initialise(linear: nn.Linear, name: str) -> None:
    """Fill weights by ``name``, biases with 0; "default" changes nothing."""
    if name == "default":
        return
    nn.init.zeros_(linear.bias)
    if name == "small":
        nn.init.normal_(linear.weight, std=0.01)
    elif name == "xavier":
        nn.init.xavier_normal_(linear.weight)
    elif name == "he":
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
    else:
        raise ValueError(f"expected default, small, xavier or he, got {name!r}")


def deep_network(
    depth: int,
    width: int,
    name: str,
    batch_norm: bool = False,
) -> nn.Sequential:
    """``depth`` hidden layers with ReLU on flattened digits, then ten logits."""
    layers: list[nn.Module] = [nn.Flatten()]
    for in_features in [64] + [width] * (depth - 1):
        linear = nn.Linear(in_features, width)
        initialise(linear, name)
        norm = [nn.BatchNorm1d(width)] if batch_norm else []
        layers += [linear, *norm, nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(width, 10))


def standardised(train: bool) -> tuple[Tensor, Tensor]:
    """Digits with the mean 0 and the standard deviation 1 of the training images."""
    reference = digits_tensors(train=True)[0]
    images, labels = digits_tensors(train=train)
    return (images - reference.mean()) / reference.std(), labels


@torch.no_grad()
def signal_by_depth(
    network: nn.Sequential,
    images: Tensor,
) -> tuple[list[float], list[float]]:
    """After each ReLU: root mean square, and how much differs from image to image."""
    sizes, differences = [], []

    def record(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        sizes.append(output.square().mean().sqrt().item())
        differences.append(output.var(dim=0).mean().sqrt().item())

    relus = [module for module in network if isinstance(module, nn.ReLU)]
    handles = [relu.register_forward_hook(record) for relu in relus]
    network(images)
    for handle in handles:
        handle.remove()
    return sizes, differences


def accuracy_after_training(
    depth: int, name: str, batch_norm: bool, seed: int, epochs: int, lr: float = 1e-3
) -> float:
    """Test accuracy of a deep network of width 64 after AdamW, batches of 64."""
    images, labels = standardised(train=True)
    test_images, test_labels = standardised(train=False)
    torch.manual_seed(seed)
    network = deep_network(depth, 64, name, batch_norm)
    optimizer = torch.optim.AdamW(network.parameters(), lr=lr)
    for _ in range(epochs):
        network.train()
        for index in torch.randperm(len(labels)).split(64):
            optimizer.zero_grad()
            F.cross_entropy(network(images[index]), labels[index]).backward()
            optimizer.step()
    network.eval()
    with torch.no_grad():
        return (network(test_images).argmax(1) == test_labels).double().mean().item()
