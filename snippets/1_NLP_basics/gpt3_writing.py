"""What the page `gpt3` includes: a small GPT, and learning one long text in seconds."""

import torch
from torch import Tensor

from wode.gpt import Config, Gpt


def small_gpt(vocab_size: int, length: int, size: int = 64, layers: int = 2) -> Gpt:
    """A GPT for seconds: no dropout, initial weights fit for its few numbers."""
    config = Config(vocab_size, length, size, layers, 4, embd_pdrop=0, attn_pdrop=0, resid_pdrop=0)
    model = Gpt(config)
    for parameter in model.parameters():
        if parameter.ndim == 2:
            torch.nn.init.normal_(parameter, std=0.08)
    return model


def train_on(model: Gpt, ids: Tensor, steps: int, batch: int = 32, lr: float = 5e-3) -> list[float]:
    """Train on random pieces of one long row of ``ids`` (N,); return the loss of each step."""
    length = model.config.n_positions
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, betas=(0.9, 0.98))
    losses = []
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = lr * min((step + 1) / 50, 1.05 - step / steps)
        begin = torch.randint(len(ids) - length, (batch, 1))
        loss = model.loss(ids[begin + torch.arange(length)])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
