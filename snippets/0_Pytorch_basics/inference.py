"""What the chapter `inference` includes: a digit drawn as text."""

import torch


def drawn(text):
    """Eight lines of eight characters -> (1, 1, 8, 8): . is 0, + is 0.5, # is 1."""
    rows = [[".+#".index(mark) / 2 for mark in line] for line in text.split()]
    return torch.tensor(rows).reshape(1, 1, 8, 8)
