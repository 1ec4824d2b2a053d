"""What the page `bert-pretraining` includes: the seven steps, and a test that stays the same."""

from collections.abc import Sequence

import torch
from torch import Tensor

from wode.masking import Words, choose_tokens, corrupt, mask_tokens
from wode.pretraining import BertForPreTraining
from wode.wordpiece import WordPiece, pad


def pretrain(
    model: BertForPreTraining,
    tokenizer: WordPiece,
    texts: Sequence[str],
    steps: int,
    lr: float = 8e-3,
    masked: float = 0.8,
    other: float = 0.1,
) -> None:
    """The cloze test in seven steps; new gaps each time a sentence comes."""
    words, encoded = Words.of(tokenizer.vocabulary), [tokenizer.encode(text) for text in texts]
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps, pct_start=0.1)
    for _ in range(steps):
        rows = torch.randint(len(texts), (128,)).tolist()
        inputs = pad([encoded[n] for n in rows])  # 1 take data and make labels
        chosen = choose_tokens(inputs["input_ids"], words)
        ids, labels = corrupt(inputs["input_ids"], chosen, words, None, masked, other)
        loss = model.loss(ids, inputs["attention_mask"], None, labels)  # 2 forward, 3 loss
        optimizer.zero_grad()  # 4 zero_grad
        loss.backward()  # 5 backward
        optimizer.step()  # 6 step
        schedule.step()


def cloze(
    tokenizer: WordPiece, texts: Sequence[str], seed: int = 0
) -> tuple[Tensor, Tensor, Tensor]:
    """The same gaps for the same seed: ids, attention mask, labels, all (B, T)."""
    inputs, words = tokenizer.batch(list(texts)), Words.of(tokenizer.vocabulary)
    chance = torch.Generator().manual_seed(seed)
    ids, labels = mask_tokens(inputs["input_ids"], words, generator=chance)
    return ids, inputs["attention_mask"], labels
