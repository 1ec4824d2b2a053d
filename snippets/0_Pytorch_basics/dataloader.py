"""What the chapter `dataloader` includes: sentences made equally long, and a network by order."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from wode.data import digits_tensors
from wode.training import accuracy, train


def pad(batch):
    """A list of (numbers, label) -> ids (B, T), mask (B, T), labels (B,)."""
    longest = max(len(numbers) for numbers, _ in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask = torch.zeros(len(batch), longest, dtype=torch.bool)
    for row, (numbers, _) in enumerate(batch):
        ids[row, : len(numbers)] = torch.tensor(numbers)
        mask[row, : len(numbers)] = True
    return ids, mask, torch.tensor([label for _, label in batch])


def trained(rows, shuffle=False, seed=0, epochs=15, lr=0.1):
    """Accuracy on the test digits after training on these rows, in their order or shuffled."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    x, y = digits_tensors(train=True)
    loader = DataLoader(TensorDataset(x[rows], y[rows]), batch_size=32, shuffle=shuffle)
    sgd = torch.optim.SGD(model.parameters(), lr=lr)
    train(model, loader, sgd, F.cross_entropy, epochs=epochs, progress=False)
    test = TensorDataset(*digits_tensors(train=False))
    return accuracy(model, DataLoader(test, batch_size=360))
