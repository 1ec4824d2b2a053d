"""What three encoders see, what they cost, what they remember.

    python snippets/2_transformer_basics/sequence_encoding_experiment.py

measures influence and vanishing gradients, counts and times the cost against the length, and trains
the three on recall and on order; writes docs/assets/results/sequence_encoding.json. About ten
minutes of one core.
"""

import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sequence_encoding import (
    TASKS,
    WIDTHS,
    Reader,
    learn,
    multiplications,
    scaled_orthogonal,
    step_jacobian,
    three_layers,
)
from wode.attention import causal_mask
from wode.book import results
from wode.sequence import CNN, RNN, AttentionEncoder, influence, rnn

SEEDS = [0, 1, 2, 3, 4]


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
                parameter.copy_(scaled_orthogonal(size, 1.0))
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


def vanishing(radius: float, length: int, size: int = 32, scale: float = 0.1) -> list[float]:
    """‖∂y_T/∂y_{T-k}‖₂ for k = 0 … length of a tanh RNN; inputs of standard deviation ``scale``."""
    weight_hh = scaled_orthogonal(size, radius)
    x = scale * torch.randn(1, length + 1, size)
    output, _ = rnn(x, torch.eye(size), weight_hh)  # (1, T, h)
    product, norms = torch.eye(size), [1.0]
    for t in range(length, 0, -1):
        product = product @ step_jacobian(output[0, t], weight_hh)
        norms.append(torch.linalg.matrix_norm(product, ord=2).item())
    return norms


def saturated(radii: list[float], length: int) -> dict[str, list]:
    """`vanishing` on inputs of standard deviation 1: what is left in the end, for every seed."""
    after: list[list[float]] = []
    for radius in radii:
        after.append([])
        for seed in SEEDS:
            torch.manual_seed(seed)
            after[-1].append(vanishing(radius, length, scale=1.0)[-1])
    return {"after": after, "largest": [max(each) for each in after]}


# ---------------------------------------------------------------- cost


def slope(lengths: list[int], values: list[float]) -> float:
    """The exponent e of values ≈ c · lengthᵉ: a straight line through the logarithms."""
    x, y = torch.tensor(lengths).log(), torch.tensor(values).log()
    x, y = x - x.mean(), y - y.mean()
    return ((x * y).sum() / (x * x).sum()).item()


def counted(lengths: list[int], d: int) -> dict[str, list[int]]:
    """Multiplications of the three layers by length."""
    table: dict[str, list[int]] = {"rnn": [], "cnn": [], "attention": []}
    for n in lengths:
        for name, run in three_layers(torch.randn(1, n, d)).items():
            table[name].append(multiplications(run))
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


# ---------------------------------------------------------------- recall, order, padding


def remember(distances: list[int], rates: list[float], steps: int) -> dict:
    """Accuracy by task, encoder and distance, the better of the learning rates, five seeds."""
    table: dict[str, dict] = {}
    for task in TASKS:
        kinds = list(WIDTHS) + (["attention_positions"] if task == "order" else [])
        table[task] = {name: {"each": [], "mean": [], "lr": []} for name in kinds}
        for name in kinds:
            kind = name.removesuffix("_positions")
            for distance in distances:
                if task == "order" and distance < 2:
                    continue
                positions = 0 if kind == name else max(distances) + 1
                runs = {
                    lr: [learn(kind, task, distance, s, steps, lr, positions) for s in SEEDS]
                    for lr in rates
                }
                best = max(rates, key=lambda lr, runs=runs: statistics.mean(runs[lr]))
                table[task][name]["each"].append(runs[best])
                table[task][name]["mean"].append(statistics.mean(runs[best]))
                table[task][name]["lr"].append(best)
                print(task, name, distance, best, runs[best], flush=True)
    return table


def padding_leak(size: int = 16, length: int = 12, sentences: int = 200) -> dict[str, float]:
    """How far padding moves the outputs at real tokens if nothing hides it: relative norm."""
    torch.manual_seed(0)
    lengths = torch.randint(length // 4, length + 1, (sentences,))
    mask = torch.arange(length) < lengths[:, None]  # (B, T)
    x = torch.randn(sentences, length, size) * mask[..., None]  # padding is the zero vector
    one, both = RNN(size, size), RNN(size, size, bidirectional=True)
    shallow, deep, attend = CNN(size, (1,)), CNN(size, (1, 1, 1)), AttentionEncoder(size)
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
    radii = [0.5, 0.9, 1.0, 1.2]
    norms = []
    for radius in radii:
        torch.manual_seed(0)
        norms.append(vanishing(radius, 60))
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
        "vanishing": {
            "radii": radii, "norms": norms, "length": 60, "unit": saturated(radii, 60),
        },
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
        "padding": padding_leak(),
    }  # fmt: skip
    for name in ("slope_short", "slope_long", "crossover"):
        print(name, numbers["cost"][name])
    print(numbers["padding"])
    distances, steps = [1, 2, 3, 4, 6, 8, 16, 32, 64], 500
    start = time.process_time()
    table = remember(distances, [1e-3, 3e-3], steps)
    longer = [learn("rnn", "recall", 16, s, 4 * steps, 1e-3) for s in SEEDS]
    numbers["memory"] = {
        "distances": distances,
        "steps": steps,
        "parameters": {k: sum(p.numel() for p in Reader(k).parameters()) for k in WIDTHS},
        "tasks": table,
        "longer": longer,
        "longer_mean": statistics.mean(longer),
        "cpu_seconds": time.process_time() - start,
    }
    print(longer)
    results.write(
        "sequence_encoding",
        numbers,
        seed=SEEDS,
        command="python snippets/2_transformer_basics/sequence_encoding_experiment.py",
        note_zh="循环、卷积、注意力：谁能看见谁、梯度随距离的衰减、代价、记忆与顺序，五个种子。",
        note_en="Recurrence, convolution, attention: who sees whom, gradients by distance, cost, "
        "recall and order; five seeds.",
    )


if __name__ == "__main__":
    main()
