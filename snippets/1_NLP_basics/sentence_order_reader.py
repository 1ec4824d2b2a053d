"""For the experiment of the page `sentence-order`: a BERT that reads both sentences."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.bert import Bert
from wode.objectives import SentencePair
from wode.wordpiece import WordPiece


class PairReader(nn.Module):
    """BERT's judge of a pair: [CLS] A [SEP] B [SEP] → two scores, from [CLS]."""

    def __init__(self, bert: Bert) -> None:
        super().__init__()
        self.bert = bert
        self.seq_relationship = nn.Linear(bert.config.hidden_size, 2)
        for lower in (bert.embeddings, *bert.encoder.layer[:3]):
            lower.requires_grad_(False)  # the lower half stays as it is: half the time

    def forward(self, **inputs: Tensor) -> Tensor:
        _, pooled = self.bert(**inputs)  # every place (B, T, E), [CLS] (B, E)
        return self.seq_relationship(pooled)  # (B, 2)


def fine_tune(
    model: PairReader,
    tokenizer: WordPiece,
    pairs: Sequence[SentencePair[str]],
    epochs: int,
    lr: float,
) -> PairReader:
    """The seven steps."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    for _ in range(epochs):
        for chosen in torch.randperm(len(pairs)).split(16):
            first, second, labels = zip(*[pairs[n] for n in chosen], strict=True)
            inputs = tokenizer.batch(list(zip(first, second, strict=True)), 128)
            loss = F.cross_entropy(model(**inputs), torch.tensor(labels))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()


def right(model: PairReader, tokenizer: WordPiece, pairs: Sequence[SentencePair[str]]) -> Tensor:
    """Which of the pairs it judges right: bool (N,)."""
    inputs = tokenizer.batch([(first, second) for first, second, _ in pairs], 128)
    with torch.no_grad():
        answers = model(**inputs).max(dim=1).indices
    return answers == torch.tensor([pair.label for pair in pairs])
