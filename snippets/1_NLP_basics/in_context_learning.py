"""What the page `in-context-learning` includes: a learner, its lessons, its rivals."""

import math
from types import FunctionType

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.data import digits_tensors
from wode.gpt import Config, GptModel


class Learner(nn.Module):
    """A GPT whose prompt is x₁, (x₁, y₁), x₂, (x₂, y₂), …: each question, then it with its answer.

    x and y are vectors; at each question it says what it takes the answer to be.
    """

    def __init__(self, question: int, answer: int, longest: int = 16) -> None:
        super().__init__()
        config = Config(
            vocab_size=1,  # vectors come in, no words
            n_positions=2 * longest,
            n_embd=64,
            n_layer=2,
            n_head=4,
            embd_pdrop=0,
            attn_pdrop=0,
            resid_pdrop=0,
        )
        self.gpt = GptModel(config)
        for parameter in self.gpt.parameters():
            if parameter.ndim == 2:
                nn.init.normal_(parameter, std=0.1)  # for 64 numbers; 0.02 is for 768 and more
        self.read_question = nn.Linear(question, config.n_embd)
        self.read_answer = nn.Linear(answer, config.n_embd)
        self.answer = nn.Linear(config.n_embd, answer)

    def forward(self, x: Tensor, y: Tensor, maps: list[Tensor] | None = None) -> Tensor:
        """x: (B, n, d), y: (B, n, a). Answers (B, n, a), each from what stands before it."""
        asked = self.read_question(x)  # (B, n, E)
        shown = asked + self.read_answer(y)
        prompt = torch.stack([asked, shown], dim=2).flatten(1, 2)[:, :-1]  # (B, 2n − 1, E)
        return self.answer(self.gpt.run(prompt, maps=maps)[:, ::2])


def new_classes(batch: int, n: int) -> tuple[Tensor, Tensor]:
    """Each prompt has four classes of its own: points x (B, n, 16), names y (B, n, 4), one-hot."""
    centre = 4 * F.normalize(torch.randn(batch, 4, 16), dim=2)
    name = torch.randint(4, (batch, n))
    x = centre.gather(1, name[..., None].expand(-1, -1, 16))  # (B, n, 16)
    return x + 0.7 * torch.randn_like(x), F.one_hot(name, 4).float()


def digits(batch: int, n: int) -> tuple[Tensor, Tensor]:
    """As `new_classes`, but the classes are four handwritten digits, 4 × 4 pixels, names drawn."""
    images, label = digits_tensors(train=False)
    images = F.avg_pool2d(images, 2).flatten(1)  # (N, 16)
    images = 4 * F.normalize(images - images.mean(dim=0), dim=1)
    classes = torch.rand(batch, 10).argsort(dim=1)[:, :4]  # (B, 4)
    name = torch.randint(4, (batch, n))
    wanted = F.one_hot(label).float().T[classes.gather(1, name)]  # (B, n, N): 1 where it fits
    return images[wanted.flatten(0, 1).multinomial(1)].view(batch, n, 16), F.one_hot(
        name, 4
    ).float()


def new_lines(batch: int, n: int, known: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """y = w·x, each prompt with a w of its own, or one of ``known``: (B, n, 3), (B, n, 1)."""
    x, w = torch.randn(batch, n, 3), torch.randn(batch, 3)
    if known is not None:
        w = known[torch.randint(len(known), (batch,))]
    return x, x @ w[:, :, None]


def teach(
    model: nn.Module, new: FunctionType, loss_fn: nn.Module, steps: int, lr: float, n: int = 13
) -> None:
    """Train on 64 prompts of n questions that ``new`` makes, others each step."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, betas=(0.9, 0.98), weight_decay=0)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = lr * min((step + 1) / 50, 1.05 - step / steps)
        x, y = new(64, n)
        loss = loss_fn(model(x, y).flatten(0, 1), y.flatten(0, 1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def nearest(x: Tensor, y: Tensor) -> Tensor:
    """The answer of the nearest example before each question: (B, n, d), (B, n, a) → (B, n, a)."""
    later = torch.ones(x.shape[1], x.shape[1]).triu().bool()  # itself and what comes after it
    closest = torch.cdist(x, x).masked_fill(later, math.inf).argmin(dim=2)  # (B, n)
    answer = y.gather(1, closest[..., None].expand_as(y))
    return torch.cat([torch.zeros_like(answer[:, :1]), answer[:, 1:]], dim=1)
