"""For `long_context_experiment`: small models of one size that read a long text each in its way."""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor, nn

from long_context import ASK, CLS, NAMES, WORDS, Answer
from wode import bert, longformer, reformer, transformer_xl

LENGTH, SIZE, HEADS, LAYERS = 64, 48, 4, 2
VOCABULARY = WORDS.stop
SIDE, CHUNK, SEGMENT = 8, 16, 16


@dataclass(frozen=True)
class Way:
    """``everywhere``: the token that is global; ``memory``: of how many tokens, ``through``: with
    the gradient that Transformer-XL leaves out."""

    kind: str
    everywhere: int | None = None
    rounds: int = 0
    memory: int = 0
    through: bool = False


WAYS = {
    "full": Way("full"),
    "window": Way("window"),
    "global_ask": Way("window", ASK),
    "global_cls": Way("window", CLS),
    "xl16": Way("xl", memory=16),
    "xl48": Way("xl", memory=48),
    "reformer1": Way("reformer", rounds=1),
    "reformer4": Way("reformer", rounds=4),
}


def drawn(model: nn.Module) -> None:
    """Matrices from a normal distribution of 0.15, as suits 48 numbers: 0.02 is meant for 768.

    Positions stay near zero: where the name stands is of no use here.
    """
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1 and "position" not in name:
            nn.init.normal_(parameter, std=0.15)


def built(way: Way, layers: int = LAYERS) -> tuple[nn.Module, Answer]:
    """A new model, and the names' scores at the last token: products with their embeddings."""
    sizes: dict[str, Any] = {
        "vocab_size": VOCABULARY,
        "hidden_size": SIZE,
        "num_hidden_layers": layers,
        "num_attention_heads": HEADS,
        "intermediate_size": 2 * SIZE,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "max_position_embeddings": LENGTH + 1,
        "pad_token_id": 0,
    }
    names = slice(NAMES.start, NAMES.stop)
    if way.kind == "full":
        full = bert.Bert(bert.Config(**sizes))
        table = full.embeddings.word_embeddings.weight
        model, answer = full, lambda ids: full.encode(ids)[:, -1] @ table[names].T
    elif way.kind == "window":
        config = longformer.Config(**sizes, attention_window=2 * SIDE)
        windowed = longformer.Longformer(config)
        words = windowed.embeddings.word_embeddings.weight

        def answer(ids: Tensor) -> Tensor:
            hidden, _ = windowed(ids, None, ids == (way.everywhere or -1))
            return hidden[:, -1] @ words[names].T

        model = windowed
    elif way.kind == "reformer":
        model, answer = with_rounds(None, way.rounds)
    else:
        xl = transformer_xl.TransformerXL(
            transformer_xl.Config(
                VOCABULARY, SIZE, layers, HEADS, 2 * SIZE, 0.0, mem_len=way.memory
            )
        )

        def answer(ids: Tensor) -> Tensor:
            with patch.object(Tensor, "detach", kept) if way.through else nullcontext():
                logits, memory = xl(ids[:, :SEGMENT])
                for part in ids[:, SEGMENT:].split(SEGMENT, dim=1):
                    logits, memory = xl(part, memory)
            return logits[:, -1, names]

        model = xl
    drawn(model)
    return model, answer


def kept(x: Tensor) -> Tensor:
    """In place of ``detach``: the gradient goes on into the memory."""
    return x


def with_rounds(trained: nn.Module | None, rounds: int) -> tuple[nn.Module, Answer]:
    """A Reformer that hashes so often, with the weights of a ``trained`` one."""
    model = reformer.Reformer(
        reformer.Config(
            vocab_size=VOCABULARY,
            hidden_size=SIZE,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            attention_head_size=SIZE // HEADS,
            feed_forward_size=2 * SIZE,
            num_buckets=2 * LENGTH // CHUNK,
            num_hashes=rounds,
            lsh_attn_chunk_length=CHUNK,
            max_position_embeddings=LENGTH,
            hidden_dropout_prob=0.0,
            is_decoder=False,
        )
    )
    if trained is not None:
        model.load_state_dict(trained.state_dict())
    table = model.embeddings.word_embeddings.weight

    def answer(ids: Tensor) -> Tensor:
        streams = model(ids, reversible=False)[:, -1].unflatten(-1, (2, SIZE))
        return streams.sum(dim=1) @ table[NAMES.start : NAMES.stop].T

    return model, answer


@torch.no_grad()
def reach(way: Way, layers: int = LAYERS) -> int:
    """How far before the end a changed word still changes the answer."""
    torch.manual_seed(0)
    model, answer = built(way, layers)
    model.double()
    ids = torch.full((LENGTH, LENGTH), NAMES.start)
    ids[:, 0], ids[:, -1] = CLS, ASK
    ids[torch.arange(1, LENGTH - 1), LENGTH - 1 - torch.arange(1, LENGTH - 1)] += 1
    scores = answer(ids)  # row d: changed at distance d; row 0: as it was
    changed = (scores != scores[0]).any(dim=1).nonzero()
    return int(changed.max()) if len(changed) else 0
