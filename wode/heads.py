"""Four heads for BERT: a class, a class a token, a span of the text, a text written word by word.

*BERT: Pre-training of Deep Bidirectional Transformers* (Devlin et al., arXiv:1810.04805, section 4
and figure 4) has the first three; their state dicts have the names of ``transformers``. The fourth
writes after [SEP] with the mask of UniLM (Dong et al., arXiv:1905.03197, section 2.2).

Each takes what `wode.wordpiece.pad` gives and returns logits with the classes in dimension 1, as
`torch.nn.functional.cross_entropy` and `wode.training.train` want them.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn

from wode.bert import Bert, initialise
from wode.checks import several, whole
from wode.decoding import device_of, evaluating, write
from wode.extraction import best_span as best_span
from wode.extraction import context_of as context_of
from wode.extraction import text_of as text_of
from wode.extraction import tokens_of as tokens_of
from wode.padding import real_tokens
from wode.pretraining import Predictions
from wode.wordpiece import SEP, Encoding, WordPiece, pad


def without_pooler(bert: Bert) -> Bert:
    """The same encoder, weights shared, without the pooler.

    A parameter that no output depends on has no gradient, and DistributedDataParallel waits for it.
    """
    with torch.device("meta"):  # nothing to allocate or to draw: the parts are replaced
        bare = Bert(bert.config)
    bare.embeddings, bare.encoder = bert.embeddings, bert.encoder
    del bare.pooler
    return bare.train(bert.training)


class Head(nn.Module):
    """What stands on a `Bert`."""

    @classmethod
    def from_pretrained(cls, model_id: str, *args: Any, **kwargs: Any) -> Self:
        """A real encoder with a new head, whose weights are drawn by chance; in evaluation mode.

        What is more goes to the head: ``labels``, the number of classes, where it has classes.
        """
        return cls(Bert.from_pretrained(model_id), *args, **kwargs).eval()


class SequenceClassifier(Head):
    """One class for the whole input, from [CLS]; ``transformers.BertForSequenceClassification``."""

    def __init__(self, bert: Bert, labels: int) -> None:
        super().__init__()
        self.bert = bert
        self.dropout = nn.Dropout(bert.config.hidden_dropout_prob)
        self.classifier = nn.Linear(bert.config.hidden_size, labels).apply(initialise)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
    ) -> Tensor:
        """(B, T) each → logits (B, labels); ValueError where a row begins with padding."""
        check_beginning(input_ids, attention_mask)
        _, pooled = self.bert(input_ids, attention_mask, token_type_ids)  # (B, E)
        return self.classifier(self.dropout(pooled))


class TokenClassifier(Head):
    """A class for each token; ``transformers.BertForTokenClassification``."""

    def __init__(self, bert: Bert, labels: int) -> None:
        super().__init__()
        self.bert = without_pooler(bert)
        self.dropout = nn.Dropout(bert.config.hidden_dropout_prob)
        self.classifier = nn.Linear(bert.config.hidden_size, labels).apply(initialise)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
    ) -> Tensor:
        """(B, T) each → logits (B, labels, T); labels (B, T) are -100 where none is wanted."""
        hidden = self.bert.encode(input_ids, attention_mask, token_type_ids)  # (B, T, E)
        return self.classifier(self.dropout(hidden)).transpose(1, 2)


class SpanReader(Head):
    """Where an answer begins and ends in the input; ``transformers.BertForQuestionAnswering``."""

    def __init__(self, bert: Bert) -> None:
        super().__init__()
        self.bert = without_pooler(bert)
        self.qa_outputs = nn.Linear(bert.config.hidden_size, 2).apply(initialise)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
    ) -> Tensor:
        """(B, T) each → logits (B, T, 2), -inf at padding; labels (B, 2), places from 0 to T - 1.

        ValueError: a row of padding alone.
        """
        hidden = self.bert.encode(input_ids, attention_mask, token_type_ids)  # (B, T, E)
        logits = self.qa_outputs(hidden)  # (B, T, 2): start, end
        if attention_mask is None:
            return logits
        real = real_tokens(attention_mask, input_ids, each_row=True)
        return logits.masked_fill(~real[:, :, None], -torch.inf)


class SequenceWriter(Head):
    """[CLS] input [SEP], and from there on each word written is read for the next one.

    Tokens of type 0 see each other, those of type 1 also what stands before them. Its weights have
    the names of ``transformers.BertForMaskedLM``, and its results with that mask.
    """

    def __init__(self, bert: Bert) -> None:
        super().__init__()
        self.bert = without_pooler(bert)
        predictions = Predictions(bert.config, self.bert.embeddings.word_embeddings)
        # A new head begins by naming the words nearest to a state.
        nn.init.eye_(predictions.get_parameter("transform.dense.weight"))
        self.cls = nn.Sequential(OrderedDict(predictions=predictions))

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
    ) -> Tensor:
        """(B, T) each → logits (M, vocabulary), for the M tokens of type 1 in reading order.

        Each is predicted from the token before it; the labels (M,) are ``input_ids[written(…)]``.
        """
        if token_type_ids is None:
            raise ValueError("expected token_type_ids, 1 where the model is to write")
        hidden = self.encode(input_ids, attention_mask, token_type_ids)  # (B, T, E)
        before = written(token_type_ids, attention_mask).roll(-1, dims=1)  # (B, T)
        return self.cls(hidden[before])

    def encode(
        self, input_ids: Tensor, attention_mask: Tensor | None, token_type_ids: Tensor
    ) -> Tensor:
        """The hidden states (B, T, E) under the prefix mask."""
        visible = prefix_visible(token_type_ids)
        return self.bert.encode(input_ids, attention_mask, token_type_ids, visible)

    def write(self, tokenizer: WordPiece, texts: Sequence[str], longest: int = 20) -> list[str]:
        """The most probable next piece, again and again, until [SEP] or ``longest`` pieces."""
        sources = [tokenizer.encode(text).ids for text in several("texts", texts)]
        steps = WriterSteps(self, sources)
        nothing, end = torch.empty(len(texts), 0, dtype=torch.long), tokenizer.vocabulary[SEP]
        with evaluating(self):
            rows = write(steps, nothing, whole("longest", longest), end)
        return [tokenizer.decode(row) for row in rows]


class WriterSteps:
    """The steps of writing after each of the sources, [CLS] input [SEP]."""

    def __init__(self, model: SequenceWriter, sources: list[list[int]]) -> None:
        self.model, self.sources, self.device = model, sources, device_of(model)

    def next_logits(self, tokens: Tensor) -> Tensor:
        """Pieces written so far (N, t) → (N, vocabulary)."""
        rows = [
            Encoding(source + row, [0] * len(source) + [1] * len(row), [], [])
            for source, row in zip(self.sources, tokens.tolist(), strict=True)
        ]
        inputs = {name: part.to(self.device) for name, part in pad(rows).items()}  # (N, T) each
        last = inputs["attention_mask"].sum(dim=1) - 1  # (N,)
        hidden = self.model.encode(**inputs)  # (N, T, E)
        return self.model.cls(hidden[torch.arange(len(last)), last]).cpu()

    def select(self, rows: Tensor) -> None:
        self.sources = [self.sources[row] for row in rows.tolist()]


def prefix_visible(token_type_ids: Tensor) -> Tensor:
    """Who sees whom in [CLS] input [SEP] (type 0) target (type 1): (B, T) → (B, T, T)."""
    length = token_type_ids.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=token_type_ids.device).tril()
    return causal | (token_type_ids == 0)[:, None, :]


def written(token_type_ids: Tensor, attention_mask: Tensor | None = None) -> Tensor:
    """Which tokens a `SequenceWriter` is to predict: those of type 1, padding left out; (B, T)."""
    target = token_type_ids == 1
    return target if attention_mask is None else target & real_tokens(attention_mask, target)


def check_beginning(input_ids: Tensor, attention_mask: Tensor | None) -> None:
    """[CLS] speaks for its text: where padding stands first, every text would get one answer."""
    if attention_mask is None:
        return
    padded = ~real_tokens(attention_mask, input_ids)[:, :1]  # (B, 1)
    if padded.any():
        rows = padded.nonzero()[:, 0].tolist()
        raise ValueError(f"expected padding on the right, after [CLS], got it first in rows {rows}")


# ---------------------------------------------------------------- words


def first_pieces(encoding: Encoding, words: Sequence[str]) -> list[int | None]:
    """The token with which each word of the encoded ``" ".join(words)`` begins.

    A word has its label there (section 5.3 of the paper). None: the word was cut off, or none of
    its characters is left after cleaning.
    """
    first, begin, token = list[int | None](), 0, 0
    for word in words:
        end = begin + len(word)
        while token < len(encoding.ids) and (
            encoding.sequence[token] is None or encoding.offsets[token][0] < begin
        ):
            token += 1
        inside = token < len(encoding.ids) and encoding.offsets[token][0] < end
        first.append(token if inside else None)
        begin = end + 1
    return first
