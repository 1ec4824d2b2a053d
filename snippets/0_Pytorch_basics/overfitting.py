"""What the page `overfitting` shows: both losses after each epoch, pictures that move a little."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from wode.data import digits_tensors
from wode.training import train

# --8<-- [start:measures]
test_x, test_y = digits_tensors(train=False)
loss_fn = nn.CrossEntropyLoss()
# --8<-- [end:measures]


def learn(model, x, y, epochs=300, weight_decay=0.0):
    """Train, and measure both parts after each epoch: a row an epoch."""

    def measure(model):
        model.eval()
        found = {}
        for part, images, labels in (("train", x, y), ("test", test_x, test_y)):
            with torch.no_grad():
                scores = model(images)
            found[part] = loss_fn(scores, labels).item()
            found[f"{part} accuracy"] = (scores.argmax(1) == labels).float().mean().item()
        return found

    loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=weight_decay)
    return train(model, loader, optimizer, loss_fn, epochs, evaluate=measure, progress=False)


class Shift(nn.Module):
    """In training, each picture moves by up to a pixel; in evaluation it stays."""

    def forward(self, images):
        if not self.training:
            return images
        padded = nn.functional.pad(images, (1, 1, 1, 1))  # (B, 1, 10, 10)
        moves = torch.randint(3, (len(images), 2)).tolist()
        kept = [p[:, d : d + 8, r : r + 8] for p, (d, r) in zip(padded, moves, strict=True)]
        return torch.stack(kept)  # (B, 1, 8, 8)
