"""What the page `bert-pretraining` includes: the seven steps, and a test that stays the same."""

from collections.abc import Callable, Iterable, Sequence

import torch

from wode.decoding import evaluating
from wode.masking import Words, mask_tokens
from wode.pretraining import BertForPreTraining
from wode.wordpiece import WordPiece, pad


def pretrain(
    model: BertForPreTraining,
    tokenizer: WordPiece,
    texts: Sequence[str],
    steps: int,
    batch: int = 48,
    lr: float = 5e-3,
    seed: int = 0,
    every: int = 100,
    report: Callable[[int, float], None] = lambda step, loss: None,
) -> BertForPreTraining:
    """Masked language modelling in seven steps; new gaps each time a sentence comes."""
    chance = torch.Generator().manual_seed(seed)
    words, encoded = Words.of(tokenizer.vocabulary), [tokenizer.encode(text) for text in texts]
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    model.train()
    for step in range(1, steps + 1):
        chosen = torch.randint(len(texts), (batch,), generator=chance).tolist()
        inputs = pad([encoded[n] for n in chosen])  # 1 take data and labels
        ids, labels = mask_tokens(inputs["input_ids"], words, generator=chance)
        loss = model.loss(ids, inputs["attention_mask"], None, labels)  # 2 forward, 3 loss
        optimizer.zero_grad()  # 4 zero_grad
        loss.backward()  # 5 backward
        optimizer.step()  # 6 step
        scheduler.step()
        if step % every == 0:
            report(step, loss.item())
    return model.eval()  # 7 save: the caller's


class Cloze:
    """The same gaps in the same sentences each time: what a model is measured by."""

    def __init__(self, tokenizer: WordPiece, texts: Sequence[str], seed: int = 0) -> None:
        inputs = tokenizer.batch(list(texts))
        self.mask, self.words = inputs["attention_mask"], Words.of(tokenizer.vocabulary)
        chance = torch.Generator().manual_seed(seed)
        self.ids, self.labels = mask_tokens(inputs["input_ids"], self.words, generator=chance)
        self.answers = self.labels[self.labels != -100]  # (M,)

    def loss(self, model: BertForPreTraining) -> float:
        """Nats a hidden token."""
        with evaluating(model):
            return model.loss(self.ids, self.mask, None, self.labels).item()

    def unigram(self, ids: Iterable[int]) -> float:
        """The loss of one who knows how frequent each token is in ``ids``, and nothing else."""
        counts = torch.ones(self.words.size)  # 1: a token never seen is not impossible
        counts += torch.bincount(torch.tensor(list(ids)), minlength=self.words.size)
        counts[list(self.words.special)] = 0
        return -(counts / counts.sum()).log()[self.answers].mean().item()
