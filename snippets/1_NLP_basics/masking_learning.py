"""How the models of the page `masking` hide and learn: seven ways, one loop."""

import torch
import torch.nn.functional as F
from torch import Tensor

from wode.masking import IGNORE_INDEX, Words, corrupt
from wode.pretraining import BertForPreTraining
from wode.spans import SpanBoundary, choose_spans, choose_units, runs


def hide(
    way: str,
    ids: Tensor,
    leaders: dict[str, Tensor],
    words: Words,
    progress: float,
    share: float = 0.15,
    chance: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """What is chosen, and what meets one fate: (B, T) each; ``progress`` goes from 0 to 1."""
    if way == "spans":
        chosen = choose_spans(ids, words, leaders["words"], share, generator=chance)
        return chosen, runs(chosen)
    stages = ("characters", "phrases", "names")  # ERNIE 1.0, section 3.2
    if way == "ernie":
        way = stages[min(2, int(3 * progress))]
    if way == "mixed":  # the rival: the same three, in no order
        way = stages[int(torch.randint(3, (), generator=chance))]
    return choose_units(ids, words, leaders[way], share, chance), leaders[way]


def learn(
    model: BertForPreTraining,
    way: str,
    ids: Tensor,
    leaders: dict[str, Tensor],
    words: Words,
    steps: int,
    batch: int = 48,
    lr: float = 6e-3,
    share: float = 0.15,
    seed: int = 0,
    boundary: SpanBoundary | None = None,
    once: bool = False,
) -> BertForPreTraining:
    """Masked language modelling of ids (N, T), 0 at padding, and SpanBERT's second loss if asked.

    Hidden anew each time a text comes, or (``once``) before the first step and never again.
    """
    chance = torch.Generator().manual_seed(seed)
    learned = {*model.parameters(), *(boundary.parameters() if boundary else ())}
    optimizer = torch.optim.AdamW([*learned], lr=lr, weight_decay=0.01, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    still = None
    if once:
        chosen, unit = hide(way, ids, leaders, words, 0, share, chance)
        still = corrupt(ids, chosen, words, chance, leaders=unit)
    model.train()
    for step in range(steps):
        rows = torch.randint(len(ids), (batch,), generator=chance)
        units = {name: leader[rows] for name, leader in leaders.items()}
        if still is None:
            chosen, unit = hide(way, ids[rows], units, words, step / steps, share, chance)
            read, labels = corrupt(ids[rows], chosen, words, chance, leaders=unit)
        else:
            read, labels = (part[rows] for part in still)
            chosen = labels != IGNORE_INDEX
        hidden = model.bert.encode(read, read != 0)  # (B, T, E)
        answers = labels[chosen]  # (M,)
        loss = F.cross_entropy(model.cls.predictions(hidden[chosen]), answers)
        if boundary is not None:
            loss = loss + F.cross_entropy(boundary(hidden, chosen), answers)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    return model.eval()
