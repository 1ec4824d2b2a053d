"""What the page `bert-pretraining` includes: the seven steps, and a test that stays the same."""

from collections.abc import Sequence

import torch
from torch import Tensor

from wode.masking import IGNORE_INDEX, Words, choose_tokens, corrupt, mask_tokens
from wode.pretraining import BertForPreTraining
from wode.wordpiece import WordPiece, pad


def pretrain(
    model: BertForPreTraining,
    tokenizer: WordPiece,
    texts: Sequence[str],
    steps: int,
    batch: int = 64,
    lr: float = 8e-3,
    masked: float = 0.8,
    other: float = 0.1,
    seed: int = 0,
) -> BertForPreTraining:
    """The cloze test in seven steps; new gaps each time a sentence comes."""
    chance = torch.Generator().manual_seed(seed)
    words, encoded = Words.of(tokenizer.vocabulary), [tokenizer.encode(text) for text in texts]
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    model.train()
    for _ in range(steps):
        rows = torch.randint(len(texts), (batch,), generator=chance).tolist()
        inputs = pad([encoded[n] for n in rows])  # 1 take data and make labels
        chosen = choose_tokens(inputs["input_ids"], words, generator=chance)
        ids, labels = corrupt(inputs["input_ids"], chosen, words, chance, masked, other)
        loss = model.loss(ids, inputs["attention_mask"], None, labels)  # 2 forward, 3 loss
        optimizer.zero_grad()  # 4 zero_grad
        loss.backward()  # 5 backward
        optimizer.step()  # 6 step
        scheduler.step()
    return model.eval()  # 7 save: the caller's


def cloze(
    tokenizer: WordPiece, texts: Sequence[str], seed: int = 0
) -> tuple[Tensor, Tensor, Tensor]:
    """The same gaps for the same seed: ids, attention mask, labels, all (B, T)."""
    inputs, words = tokenizer.batch(list(texts)), Words.of(tokenizer.vocabulary)
    chance = torch.Generator().manual_seed(seed)
    ids, labels = mask_tokens(inputs["input_ids"], words, generator=chance)
    return ids, inputs["attention_mask"], labels


def unigram(tokenizer: WordPiece, texts: Sequence[str], labels: Tensor) -> float:
    """The loss of one who knows how frequent each word is in ``texts``, and nothing else."""
    ids = torch.tensor([i for text in texts for i in tokenizer.encode(text).ids])
    counts = 1.0 + torch.bincount(ids, minlength=len(tokenizer.vocabulary))  # 1: none is impossible
    counts[list(Words.of(tokenizer.vocabulary).special)] = 0
    return -(counts / counts.sum()).log()[labels[labels != IGNORE_INDEX]].mean().item()
