"""Where a transformer that writes digits backwards looks, and the numbers of one layer, by step.

    python snippets/2_transformer_basics/transformer_reversal_experiment.py

Writes docs/assets/results/transformer_reversal.json. About ten seconds of one core.
"""

import statistics

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from transformer_reversal import Reverser
from wode.book import results
from wode.checks import likeliest
from wode.transformer import Config, EncoderLayer

SEEDS = [0, 1, 2]


def learned(seed: int) -> Reverser:
    torch.manual_seed(seed)
    model = Reverser()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(400):
        source, reads, says = pairs(64)
        loss = F.cross_entropy(model(source, reads).flatten(0, 1), says.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def pairs(number: int) -> tuple[Tensor, Tensor, Tensor]:
    source = torch.randint(10, (number, 6))
    says = source.flip(1)
    return source, F.pad(says[:, :-1], (1, 0), value=10), says


def looks(model: Reverser, source: Tensor, reads: Tensor) -> Tensor:
    """The cross-attention's weights, mean of rows and heads: (T, S)."""
    caught: list[Tensor] = []

    def catch(attention: nn.MultiheadAttention, inputs: tuple[Tensor, ...]) -> None:
        if not caught:
            caught.append(torch.empty(0))  # the call below comes here too
            caught[0] = attention(*inputs[:3], need_weights=True)[1]

    attention = model.transformer.decoder.layers[0].multihead_attn
    handle = attention.register_forward_pre_hook(catch)
    with torch.no_grad():
        model(source, reads)
    handle.remove()
    return caught[0].mean(dim=0)


def hidden(model: Reverser, offset: int) -> float:
    """The share right if the digit ``offset`` places from the one due is hidden from it."""
    source, reads, says = pairs(500)
    future = torch.ones(6, 6).triu(1).bool()
    unseen = torch.eye(6).flip(0).roll(offset, 1).bool()  # (T, S)
    placed = model.placed(source), model.placed(reads)
    with torch.no_grad():
        y = model.scores(model.transformer(*placed, tgt_mask=future, memory_mask=unseen))
    return (likeliest(y, dim=2) == says).float().mean().item()


def steps() -> dict:
    """The first word's four numbers on their way through a new encoder layer."""
    torch.manual_seed(0)
    layer = EncoderLayer(Config(hidden_size=4, num_heads=1, num_layers=1, ffn_size=8, dropout=0.0))
    x = torch.randn(1, 2, 4)
    with torch.no_grad():
        attended = x + layer.self_attn(x)
        first = layer.norm1(attended)
        fed = first + layer.feed_forward(first)
        rows = [x, attended, first, fed, layer.norm2(fed)]
    return {"rows": [row[0, 0].tolist() for row in rows]}


def main() -> None:
    torch.set_num_threads(1)
    models, right = [learned(seed) for seed in SEEDS], []
    for model in models:
        source, reads, says = pairs(500)
        with torch.no_grad():
            right.append((likeliest(model(source, reads), dim=2) == says).float().mean().item())
    source, reads, _ = pairs(500)
    numbers = {
        "right": {"mean": statistics.mean(right), "each": right},
        "looks": looks(models[0], source, reads).tolist(),
        "steps": steps(),
    }
    own, others = (
        [hidden(m, 0) for m in models],
        [[hidden(m, k) for k in range(1, 6)] for m in models],
    )
    numbers["hidden"] = {
        "own": {"mean": statistics.mean(own), "each": own},
        "other": {"least": min(min(row) for row in others), "each": others},
    }
    numbers["diagonal"] = statistics.mean(numbers["looks"][t][5 - t] for t in range(6))
    path = results.write(
        "transformer_reversal",
        numbers,
        seed=SEEDS,
        command="python snippets/2_transformer_basics/transformer_reversal_experiment.py",
        note_zh="把六个数字倒过来写的 transformer：交叉注意力看哪里；一层里的数怎样变。",
        note_en="A transformer that writes six digits backwards: where its cross-attention looks; "
        "the numbers of one layer.",
    )
    print(path)


if __name__ == "__main__":
    main()
