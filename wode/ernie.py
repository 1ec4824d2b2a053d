"""ERNIE's encoder: a BERT that is also told which pre-training task a text is for.

*ERNIE 2.0* (Sun et al., arXiv:1907.12412, section 4.1) learns several tasks one after the other and
gives each an embedding of its own. ERNIE 1.0 (arXiv:1904.09223) is a BERT whose gaps are phrases
and names, `wode.spans`. The names in the state dict are those of ``transformers``.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from wode import bert
from wode.bert import Bert, initialise


@dataclass(frozen=True)
class Config(bert.Config):
    """A BERT's sizes, and how many tasks there are."""

    task_type_vocab_size: int = 3


READS = replace(
    bert.READS,
    model_type="ernie",
    config=Config,
    only=bert.READS.only | {"use_task_id": (True,)},
    absent={"use_task_id": False},
)


class Embeddings(bert.Embeddings):
    """Word, position, sentence and task, added; then layer norm and dropout."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.task_type_embeddings = nn.Embedding(config.task_type_vocab_size, config.hidden_size)

    def forward(self, ids: Tensor, positions: Tensor, types: Tensor) -> Tensor:
        """Each (N,) → (N, E); ``types`` holds both numbers, see `Ernie.encode`."""
        sentences = self.token_type_embeddings.num_embeddings
        x = self.word_embeddings(ids) + self.position_embeddings(positions)
        x = x + self.token_type_embeddings(types % sentences)
        x = x + self.task_type_embeddings(types // sentences)
        return self.dropout(self.LayerNorm(x))


class Ernie(Bert):
    """The encoder and the pooler; ``transformers.ErnieModel`` with ``use_task_id``."""

    reads = READS

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.embeddings = Embeddings(config).apply(initialise)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        task_type_ids: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """All (B, T). Returns hidden (B, T, E) and pooled (B, E), as `Bert.forward`."""
        sentence = torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids
        task = torch.zeros_like(input_ids) if task_type_ids is None else task_type_ids
        both = sentence + self.config.type_vocab_size * task  # Bert hands on one number a token
        hidden = self.encode(input_ids, attention_mask, both)
        return hidden, self.pooler(hidden[:, 0])
