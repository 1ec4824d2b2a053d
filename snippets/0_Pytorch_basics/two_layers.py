"""The network of the first hour, which `module` builds and the pages after it train."""

from torch import nn


class TwoLayers(nn.Module):
    """Scores for the ten digits of images (B, 1, 8, 8)."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(64, 32)
        self.output = nn.Linear(32, 10)

    def forward(self, images):
        x = images.flatten(1)  # (B, 64)
        x = self.hidden(x).relu()  # (B, 32)
        return self.output(x)  # (B, 10)
