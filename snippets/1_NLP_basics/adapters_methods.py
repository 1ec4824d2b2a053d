"""For `adapters_experiment`: the ways to adapt MiniLM, the sentences, and one training."""

import random
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from wode.adapters import Bottleneck, LoRA, add_lora, freeze, put
from wode.bert import Bert
from wode.data.formats import read_tsv
from wode.data.pairs import Pair, collate
from wode.decoding import evaluating
from wode.files.download import data_root
from wode.files.hub import MINILM
from wode.heads import SequenceClassifier
from wode.training.evaluation import measured
from wode.training.finetuning import Data, Settings, run
from wode.wordpiece import WordPiece

LEARNED, LONGEST = 512, 16  # training sentences, and their pieces
Method = Callable[[Any], nn.Module]


# ---------------------------------------------------------------- methods


def houlsby(model: SequenceClassifier, size: int) -> nn.Module:
    """A bottleneck after each of a layer's halves; layer norms and the head learn too."""
    width = model.bert.config.hidden_size
    return put(
        model,
        ["output.dropout"],
        lambda part: Bottleneck(part, width, size),
        ["LayerNorm", "classifier"],
    )


def lora(model: SequenceClassifier, rank: int, alpha: float = 16.0) -> nn.Module:
    return add_lora(model, ["query", "value"], rank, alpha, learned=["classifier"])


def started(model: SequenceClassifier, kind: str) -> nn.Module:
    """LoRA of rank 8 that begins otherwise than the paper's does.

    torch.nn.Linear draws from ±1/√in: B, with 8 numbers coming in, begins seven times as large as
    A, with 384. So the reverse beginning comes in both sizes.
    """
    for part in lora(model, 8).modules():
        if isinstance(part, LoRA):
            part.lora_B.reset_parameters()  # ±1/√8
            if kind == "zero_a_small":
                bound = part.lora_A.in_features**-0.5  # ±1/√384, as A begins
                nn.init.uniform_(part.lora_B.weight, -bound, bound)
            if kind.startswith("zero_a"):
                nn.init.zeros_(part.lora_A.weight)
    return model


class OfMean(nn.Module):
    """A classifier on the mean of the hidden states in place of [CLS] and the pooler."""

    def __init__(self, model: SequenceClassifier) -> None:
        super().__init__()
        self.bert, self.dropout, self.classifier = model.bert, model.dropout, model.classifier

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        hidden = self.bert.encode(input_ids, attention_mask, token_type_ids)  # (B, T, E)
        mask = attention_mask[:, :, None]  # (B, T, 1)
        return self.classifier(self.dropout((hidden * mask).sum(dim=1) / mask.sum(dim=1)))


def lora_of_mean(model: SequenceClassifier) -> nn.Module:
    return OfMean(lora(model, 8))  # ty: ignore[invalid-argument-type]


LOW, HIGH = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2], [3e-4, 1e-3, 3e-3, 1e-2, 3e-2]  # rates to begin with
METHODS: dict[str, tuple[Method, list[float]]] = {
    "full": (lambda model: model, [3e-5, 1e-4, 3e-4, 1e-3, 3e-3]),
    **{f"houlsby{size}": (partial(houlsby, size=size), LOW) for size in (4, 16, 64)},
    **{f"lora{rank}": (partial(lora, rank=rank), LOW) for rank in (1, 8, 32)},
    "bias": (partial(freeze, but=["bias", "classifier"]), HIGH),
    "pooler": (partial(freeze, but=["pooler", "classifier"]), HIGH),
    "head": (partial(freeze, but=["classifier"]), HIGH),
}
OTHERS: dict[str, Method] = {
    "lora8_mean": lora_of_mean,
    "zero_a": partial(started, kind="zero_a"),
    "random_both": partial(started, kind="random_both"),
    "zero_a_small": partial(started, kind="zero_a_small"),
    "lora1_undivided": partial(lora, rank=1, alpha=2.0),  # α/r is 2, as with rank 8
    "lora32_undivided": partial(lora, rank=32, alpha=64.0),
    "no_head": lambda model: add_lora(model, ["query", "value"], 8),
}


class Reduced(nn.Module):
    """The network in bfloat16, its weights in float32: two thirds of the time."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, **inputs: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            logits = self.network(**inputs)
        return logits.float()


# ---------------------------------------------------------------- data


@cache
def tokens() -> WordPiece:
    return WordPiece.from_pretrained(MINILM)


@cache
def part(name: str) -> list[Pair]:
    texts = read_tsv(data_root() / "sst2" / f"{name}.tsv")
    return [Pair(text, None, label) for text, label in texts]


@cache
def short() -> list[Pair]:
    return [pair for pair in part("train") if len(tokens().encode(pair.first).ids) <= LONGEST]


def learned_from(seed: int) -> list[Pair]:
    return random.Random(seed).sample(short(), LEARNED)


def developed() -> list[Pair]:
    """Every fourth sentence of the development set, of any length."""
    return part("dev")[::4]


def tested() -> list[Pair]:
    """Every second sentence of the test set, of any length."""
    return part("test")[::2]


def asked(model: nn.Module, pairs: Sequence[Pair]) -> float:
    loader = DataLoader(list(pairs), 64, collate_fn=collate(tokens()))  # ty: ignore[invalid-argument-type]
    return measured(model, loader)["accuracy"]


def features(bert: Bert, pairs: Sequence[Pair]) -> dict[str, Tensor]:
    """What a linear layer could stand on: (N, E) each."""
    found: dict[str, list[Tensor]] = {"mean": [], "cls": [], "pooled": []}
    for begin in range(0, len(pairs), 64):
        inputs = tokens().batch([pair.first for pair in pairs[begin : begin + 64]])
        with evaluating(bert), torch.autocast("cpu", torch.bfloat16):
            hidden, pooled = (tensor.float() for tensor in bert(**inputs))
        mask = inputs["attention_mask"][:, :, None]
        mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
        for name, tensor in zip(found, (mean, hidden[:, 0], pooled), strict=True):
            found[name].append(tensor)
    return {name: torch.cat(tensors) for name, tensors in found.items()}


# ---------------------------------------------------------------- one training


def settings(lr: float, seed: int, epochs: int = 2) -> Settings:
    return Settings(lr=lr, seed=seed, epochs=epochs, warmup=0.1, decay=True)


def trained(name: str, lr: float, seed: int, epochs: int = 2) -> tuple[Any, Any]:
    """A model that learned SST-2, and its log."""
    method = METHODS[name][0] if name in METHODS else OTHERS[name]
    return run(
        Data("sst2", learned_from(seed), developed()[:8]),
        settings(lr, seed, epochs),
        progress=False,
        prepare=lambda model: Reduced(method(model)),
    )
