"""What the experiment of the chapter `finetuning` uses: predictions, cosines, the Trainer."""

from collections.abc import Sequence

from torch import Tensor, nn
from transformers import (
    DataCollatorWithPadding,
    PrinterCallback,
    Trainer,
    TrainingArguments,
)

from wode.bert import Bert
from wode.data.pairs import Pair
from wode.decoding import evaluating
from wode.tasks.baselines import sentence_vectors
from wode.wordpiece import WordPiece


def predict(model: nn.Module, tokenizer: WordPiece, pairs: Sequence[tuple[str, str]]) -> Tensor:
    """The probability that each pair means the same: (N,)."""
    with evaluating(model):
        logits = model(**tokenizer.batch(pairs, max_length=128))  # (N, 2)
    return logits.softmax(dim=1)[:, 1]


def cosines(bert: Bert, tokenizer: WordPiece, pairs: Sequence[Pair]) -> Tensor:
    """The cosine of the two sentence vectors of each pair: (N,)."""
    first = sentence_vectors(bert, tokenizer, [pair.first for pair in pairs])
    second = sentence_vectors(bert, tokenizer, [str(pair.second) for pair in pairs])
    return (first * second).sum(dim=1)


def by_trainer(model, tokenizer, pairs, **settings) -> None:  # noqa: ANN001, ANN003
    """Fine-tune a model of transformers on pairs, in place."""
    rows = [{**tokenizer(pair.first, pair.second), "label": pair.label} for pair in pairs]
    arguments = TrainingArguments(
        per_device_train_batch_size=16,
        weight_decay=0.01,
        lr_scheduler_type="constant",  # its default falls to 0
        max_grad_norm=0.0,  # its default clips at 1
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        **settings,
    )
    trainer = Trainer(
        model,
        arguments,
        train_dataset=rows,  # ty: ignore[invalid-argument-type]
        data_collator=DataCollatorWithPadding(tokenizer),
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
