"""What three encoders see and what they cost.

    python snippets/2_transformer_basics/sequence_encoding_experiment.py

measures influence, counts and times the cost against the length, and how far padding leaks; writes
docs/assets/results/sequence_encoding.json. About two minutes of one core.
"""

import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from wode.attention import causal_mask
from wode.book import results
from wode.sequence import CNN, RNN, AttentionEncoder, attention, cnn, influence, rnn

# ---------------------------------------------------------------- who sees whom


def all_influences(length: int = 16, size: int = 16) -> dict[str, Tensor]:
    """The (T, T) influence matrix of each encoder, untrained, seed 0."""
    torch.manual_seed(0)
    x = torch.randn(length, size)
    left = causal_mask(length)
    one, both, attend = RNN(size, size), RNN(size, size, bidirectional=True), AttentionEncoder(size)
    with torch.no_grad():  # a recurrent matrix that neither grows nor shrinks before the tanh
        for name, parameter in (*one.named_parameters(), *both.named_parameters()):
            if "weight_hh" in name:
                nn.init.orthogonal_(parameter)
    return {
        "rnn": influence(lambda x: one(x)[0], x),
        "birnn": influence(lambda x: both(x)[0], x),
        "cnn1": influence(CNN(size, (1,)), x),
        "cnn3": influence(CNN(size, (1, 1, 1)), x),
        "dilated": influence(CNN(size, (1, 2, 4)), x),
        "causal_cnn": influence(CNN(size, (1, 1, 1), causal=True), x),
        "attention": influence(attend, x),
        "causal_attention": influence(lambda x: attend(x, mask=left), x),
    }


# ---------------------------------------------------------------- cost


def slope(lengths: list[int], values: list[float]) -> float:
    """The exponent e of values ≈ c · lengthᵉ: a straight line through the logarithms."""
    x, y = torch.tensor(lengths).log(), torch.tensor(values).log()
    x, y = x - x.mean(), y - y.mean()
    return ((x * y).sum() / (x * x).sum()).item()


def counted(lengths: list[int], d: int) -> dict[str, list[int]]:
    """Multiplications of the three layers by length, attention without its projections."""
    table: dict[str, list[int]] = {"rnn": [], "cnn": [], "attention": []}
    weights, kernel = torch.randn(2, d, d) / d, torch.randn(d, d, 3) / d
    for n in lengths:
        x = torch.randn(1, n, d)
        runs: dict[str, Callable[[], object]] = {
            "rnn": lambda x=x: rnn(x, *weights),
            "cnn": lambda x=x: cnn(x, kernel),
            "attention": lambda x=x: attention(x, x, x),
        }
        for name, run in runs.items():
            with FlopCounterMode(display=False) as counter:
                run()
            table[name].append(counter.get_total_flops() // 2)
    return table


def timed(lengths: list[int], d: int, repeats: int = 31) -> dict:
    """CPU seconds of torch's own three layers by length, forward only: every repeat is kept."""
    recurrent = nn.RNN(d, d, batch_first=True)
    convolution = nn.Conv1d(d, d, 3, padding=1)
    seconds: dict[str, list[list[float]]] = {"rnn": [], "cnn": [], "attention": []}
    for n in lengths:
        x = torch.randn(1, n, d)
        channels = x.transpose(1, 2).contiguous()  # (1, d, n)
        runs: dict[str, Callable[[], object]] = {
            "rnn": lambda x=x: recurrent(x),
            "cnn": lambda x=channels: convolution(x),
            "attention": lambda x=x: F.scaled_dot_product_attention(x, x, x),
        }
        inner = max(1, 2048 // n)  # short ones often, so that the clock can tell them apart
        kept: dict[str, list[float]] = {name: [] for name in runs}
        with torch.inference_mode():
            for repeat in range(repeats + 2):
                for name, run in runs.items():  # in turn, so that a busy machine hits all alike
                    start = time.process_time()
                    for _ in range(inner):
                        run()
                    if repeat >= 2:
                        kept[name].append((time.process_time() - start) / inner)
        for name in runs:
            seconds[name].append(kept[name])
    return seconds


def narrow(lengths: list[int], d: int, narrower: int) -> dict[str, list[float]]:
    """CPU time at dimension ``narrower`` as a share of that at ``d``, by length: medians."""
    wide, thin = timed(lengths, d), timed(lengths, narrower)
    median = statistics.median
    return {
        name: [median(b) / median(a) for a, b in zip(wide[name], thin[name], strict=True)]
        for name in wide
    }


# ---------------------------------------------------------------- padding


def padding_leak(
    bias: bool = True, size: int = 16, length: int = 12, sentences: int = 200
) -> dict[str, float]:
    """How far padding moves the outputs at real tokens if nothing hides it: relative norm."""
    torch.manual_seed(0)
    lengths = torch.randint(length // 4, length + 1, (sentences,))
    mask = torch.arange(length) < lengths[:, None]  # (B, T)
    x = torch.randn(sentences, length, size) * mask[..., None]  # padding is the zero vector
    one, both = RNN(size, size), RNN(size, size, bidirectional=True)
    shallow, deep, attend = CNN(size, (1,)), CNN(size, (1, 1, 1)), AttentionEncoder(size)
    with torch.no_grad():
        for module in (one, both, shallow, deep, attend):
            for name, parameter in module.named_parameters():
                if "bias" in name and not bias:
                    parameter.zero_()
    pairs = {
        "rnn": (one(x)[0], one(x, attention_mask=mask)[0]),
        "birnn": (both(x)[0], both(x, attention_mask=mask)[0]),
        "cnn1": (shallow(x), shallow(x, mask)),
        "cnn3": (deep(x), deep(x, mask)),
        "attention": (attend(x), attend(x, mask=mask[:, None])),
    }
    leak = {"padded": 1 - mask.double().mean().item()}
    for name, (careless, right) in pairs.items():
        leak[name] = ((careless - right)[mask].norm() / right[mask].norm()).item()
    return leak


def main() -> None:
    torch.set_num_threads(1)
    seen = {name: grid.tolist() for name, grid in all_influences().items()}
    d = 64
    lengths = [2**k for k in range(4, 13)]
    few = lengths[:6]
    flops = counted(few, d)
    seconds = timed(lengths, d)
    median = {n: [statistics.median(r) for r in runs] for n, runs in seconds.items()}
    spread = {n: [[min(r), max(r)] for r in runs] for n, runs in seconds.items()}
    unit = median["rnn"][0]  # times are shown as multiples of the RNN's at the shortest length
    numbers: dict = {
        "influence": seen,
        "cost": {
            "d": d,
            "few": few,
            "multiplications": flops,
            "lengths": lengths,
            "median": {n: [t / unit for t in v] for n, v in median.items()},
            "spread": {n: [[a / unit, b / unit] for a, b in v] for n, v in spread.items()},
            "repeats": 31,
            "slope_all": {n: slope(lengths, v) for n, v in median.items()},
            "slope_short": {n: slope(lengths[:4], v[:4]) for n, v in median.items()},
            "slope_long": {n: slope(lengths[-4:], v[-4:]) for n, v in median.items()},
            "slope_multiplications": {n: slope(few, list(map(float, v))) for n, v in flops.items()},
            "crossover": next(
                (n for n, a, r in zip(lengths, median["attention"], median["rnn"], strict=True)
                 if a > r), 0,
            ),
        },
        "narrow": {"d": 8, "lengths": [16, 1024], "share": narrow([16, 1024], d, 8)},
        "padding": padding_leak() | {"no_bias": padding_leak(bias=False)},
    }  # fmt: skip
    for name in ("slope_short", "slope_long", "crossover"):
        print(name, numbers["cost"][name])
    print(numbers["padding"])
    results.write(
        "sequence_encoding",
        numbers,
        seed=0,
        command="python snippets/2_transformer_basics/sequence_encoding_experiment.py",
        note_zh="循环、卷积、注意力：谁能看见谁，各要多少计算，填充漏进多少；一个种子。",
        note_en="Recurrence, convolution, attention: who sees whom, at what cost, how far padding "
        "leaks; one seed.",
    )


if __name__ == "__main__":
    main()
