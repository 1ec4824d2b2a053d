"""Several deep networks trained at once, as one: the experiment of `initialisation` needs many."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from initialisation import Deep
from wode.data import digits_tensors


def standardised(train: bool) -> tuple[Tensor, Tensor]:
    """Digits with the mean 0 and the standard deviation 1 of the training images."""
    reference = digits_tensors(train=True)[0]
    images, labels = digits_tensors(train=train)
    return (images - reference.mean()) / reference.std(), labels


class Many(nn.Module):
    """S networks `Deep`, their weights stacked: each computes and learns what it would alone."""

    def __init__(self, networks: list[Deep], branch: float = 1.0, head: float = 1.0) -> None:
        super().__init__()
        self.kind, self.count = networks[0].kind, len(networks)
        self.branch = branch  # a control: what a residual layer adds is multiplied by it
        self.head = head  # a control: what enters the last layer is

        def stacked(name: str) -> nn.Parameter:
            return nn.Parameter(torch.stack([n.get_parameter(name).detach() for n in networks]))

        names = [f"layers.{i}" for i in range(len(networks[0].layers))] + ["output"]
        self.weights = nn.ParameterList(stacked(f"{n}.weight") for n in names)  # (S, out, in)
        self.biases = nn.ParameterList(stacked(f"{n}.bias") for n in names)  # (S, out)
        width = self.weights[0].shape[1]
        normed = self.kind == "batch_norm"
        self.norms = nn.ModuleList(
            nn.BatchNorm1d(self.count * width) if normed else nn.Identity() for _ in names[1:]
        )

    def forward(self, images: Tensor) -> Tensor:
        """(S, B, 1, 8, 8), each network its own images → scores (S, B, 10)."""
        x = images.flatten(2).mT  # (S, in, B)
        *hidden, last = zip(self.weights, self.biases, strict=True)
        for (weight, bias), norm in zip(hidden, self.norms, strict=True):
            y = torch.baddbmm(bias[..., None], weight, x)  # (S, width, B)
            y = norm(y.reshape(1, -1, y.shape[-1])).view_as(y).relu()
            x = x + self.branch * y if self.kind == "residual" else y
        return torch.baddbmm(last[1][..., None], last[0], self.head * x).mT


def accuracies(
    name: str,
    kind: str,
    optimizer_name: str,
    lr: float,
    seeds: int,
    epochs: list[int],
    depth: int = 20,
    weight_rate: float = 1.0,
    branch: float = 1.0,
    head: float = 1.0,
) -> dict[str, list[float]]:
    """Test accuracy of ``seeds`` networks after each of ``epochs``; batches of 64.

    ``weight_rate`` multiplies the rate of the hidden weights alone.
    """
    images, labels = standardised(train=True)
    test_images, test_labels = standardised(train=False)
    networks, orders = [], []
    for seed in range(seeds):
        torch.manual_seed(seed)
        networks.append(Deep(name, kind, depth))
        orders.append(torch.Generator().manual_seed(seed))
    model = Many(networks, branch, head)
    hidden = list(model.weights)[:-1]
    rest = [p for p in model.parameters() if all(p is not weight for weight in hidden)]
    groups = [{"params": hidden, "lr": lr * weight_rate}, {"params": rest}]
    kind_of = {"AdamW": torch.optim.AdamW, "SGD": torch.optim.SGD}[optimizer_name]
    optimizer = kind_of(groups, lr=lr, fused=True)
    found = {}
    for epoch in range(1, max(epochs) + 1):
        model.train()
        order = torch.stack([torch.randperm(len(labels), generator=g) for g in orders])
        for index in order.split(64, dim=1):  # (S, B)
            scores = model(images[index])  # (S, B, 10)
            loss = F.cross_entropy(scores.flatten(0, 1), labels[index].flatten())
            optimizer.zero_grad()
            (loss * seeds).backward()  # the mean over each network's own batch
            optimizer.step()
        if epoch in epochs:
            model.eval()
            with torch.no_grad():
                guesses = model(test_images.expand(seeds, -1, -1, -1, -1)).argmax(dim=2)
            found[str(epoch)] = (guesses == test_labels).double().mean(dim=1).tolist()
    return found


@torch.no_grad()
def signal_by_depth(model: Deep, images: Tensor) -> dict[str, list[float]]:
    """After each layer: root mean square, and how much differs from image to image."""
    found: dict[str, list[float]] = {"size": [], "difference": []}

    def record(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        found["size"].append(inputs[0].square().mean().sqrt().item())
        found["difference"].append(inputs[0].var(dim=0).mean().sqrt().item())

    for layer in [*model.layers[1:], model.output]:  # what goes in is what came out before
        layer.register_forward_pre_hook(record)
    model.double()(images.double())  # squares of small signals are too small for float32
    return found
