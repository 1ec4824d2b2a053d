"""What the page `training` includes: the test loop, and an epoch that may forget to clear."""

import torch
from torch import nn


def test(model, loader, loss_fn, device):
    """Mean loss, and the share of images whose largest score is the label's."""
    loss, right = 0.0, 0
    model.eval()
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            scores = model(x)  # (B, 10)
            loss += loss_fn(scores, y).item() * len(y)
            right += (scores.argmax(dim=1) == y).sum().item()
    return loss / len(loader.dataset), right / len(loader.dataset)


def one_epoch(network, optimizer, loader, clear):
    """Steps 1 to 6; ``clear`` says when the gradients are cleared."""
    for x, y in loader:
        loss = nn.functional.cross_entropy(network(x), y)
        if clear == "cleared":
            optimizer.zero_grad()
        loss.backward()
        if clear == "too late":
            optimizer.zero_grad()
        optimizer.step()
