"""What the page `electra` includes: the seven steps for the two models together."""

from collections.abc import Sequence

import torch

from wode.electra import Pair
from wode.masking import Words, choose_exactly, corrupt
from wode.wordpiece import WordPiece, pad


def pretrain(
    pair: Pair,
    tokenizer: WordPiece,
    texts: Sequence[str],
    steps: int,
    batch: int = 64,
    lr: float = 2e-3,
    seed: int = 0,
) -> Pair:
    """Train generator and discriminator together; new gaps each time a sentence comes."""
    chance = torch.Generator().manual_seed(seed)
    words, encoded = Words.of(tokenizer.vocabulary), [tokenizer.encode(text) for text in texts]
    optimizer = torch.optim.AdamW(pair.parameters(), lr=lr, weight_decay=0.01, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    pair.train()
    for _ in range(steps):
        drawn = torch.randint(len(texts), (batch,), generator=chance).tolist()
        inputs = pad([encoded[n] for n in drawn])  # 1 take data; 15 % of it becomes [MASK]
        chosen = choose_exactly(inputs["input_ids"], words, generator=chance)
        ids, labels = corrupt(inputs["input_ids"], chosen, words, chance, 1.0, 0.0)
        losses = pair.losses(ids, labels, inputs["attention_mask"], chance)  # 2 forward, 3 loss
        optimizer.zero_grad()  # 4 zero_grad
        (losses.generator + 50 * losses.discriminator).backward()  # 5 backward
        optimizer.step()  # 6 step
        scheduler.step()
    return pair.eval()  # 7 save: the caller's
