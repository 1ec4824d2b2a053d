"""BERT with the two heads it is pretrained with: masked words, and whether B follows A.

*BERT: Pre-training of Deep Bidirectional Transformers* (Devlin et al., arXiv:1810.04805, section
3.1). The names in the state dict are those of ``transformers``; `wode.masking` and
`wode.objectives` make the inputs and labels.
"""

from collections import OrderedDict

import torch.nn.functional as F
from torch import Tensor, nn

from wode.bert import Bert, Config, initialise, load
from wode.masking import IGNORE_INDEX


class Predictions(nn.Module):
    """The head of masked language modelling: a hidden state → a score for each word."""

    def __init__(self, config: Config, words: nn.Embedding) -> None:
        super().__init__()
        size = config.hidden_size
        dense, norm = nn.Linear(size, size), nn.LayerNorm(size, config.layer_norm_eps)
        self.transform = nn.Sequential(OrderedDict(dense=dense, act=nn.GELU(), LayerNorm=norm))
        self.decoder = nn.Linear(size, config.vocab_size)
        self.apply(initialise)
        self.decoder.weight = words.weight  # the embedding matrix, transposed
        self.bias = self.decoder.bias

    def forward(self, hidden: Tensor) -> Tensor:
        """(..., E) → (..., vocabulary)."""
        return self.decoder(self.transform(hidden))


class Heads(nn.Module):
    """The two heads of pre-training: for each token a word, for [CLS] whether B follows A."""

    def __init__(self, config: Config, words: nn.Embedding) -> None:
        super().__init__()
        self.predictions = Predictions(config, words)
        self.seq_relationship = nn.Linear(config.hidden_size, 2).apply(initialise)


class BertForPreTraining(nn.Module):
    """BERT with its two heads of pre-training; ``transformers.BertForPreTraining``."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.bert = Bert(config)
        self.cls = Heads(config, self.bert.embeddings.word_embeddings)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """All (B, T). Returns MLM logits (B, T, vocabulary), NSP logits (B, 2): is next, is not."""
        hidden, pooled = self.bert(input_ids, attention_mask, token_type_ids)
        return self.cls.predictions(hidden), self.cls.seq_relationship(pooled)

    def loss(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None,
        token_type_ids: Tensor | None,
        labels: Tensor,
        is_not_next: Tensor | None = None,
    ) -> Tensor:
        """The mean MLM loss over ``labels`` (B, T) that are not -100, plus NSP's if asked for.

        Scores over the vocabulary are computed where there is a label, and nowhere else.

        Raises:
            ValueError: no label at all; the mean over nothing would be NaN.
        """
        hidden, pooled = self.bert(input_ids, attention_mask, token_type_ids)
        asked = labels != IGNORE_INDEX
        if not asked.any():
            raise ValueError(f"no label in {tuple(labels.shape)}: all are {IGNORE_INDEX}")
        loss = F.cross_entropy(self.cls.predictions(hidden[asked]), labels[asked])
        if is_not_next is not None:
            loss = loss + F.cross_entropy(self.cls.seq_relationship(pooled), is_not_next)
        return loss

    @classmethod
    def from_pretrained(cls, model_id: str) -> "BertForPreTraining":
        """A real model that has these heads, such as ``google-bert/bert-base-chinese``."""
        return load(cls, model_id)
