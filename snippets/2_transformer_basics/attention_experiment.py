"""What √d does to the softmax and to training, what fusing saves, what MiniLM's heads look at.

    python snippets/2_transformer_basics/attention_experiment.py

writes attention.json and attention_maps.json in docs/assets/results. Five minutes of one core.
"""

import math
import statistics
import time

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import BertTokenizer

from attention import attention_maps, head_patterns, zen
from wode.attention import MultiHeadAttention, fused_attention, scaled_dot_product
from wode.book import results
from wode.checks import likeliest
from wode.files.hub import MINILM, find, load_state

EXAMPLE = "The animal didn't cross the street because it was too tired."


# ---------------------------------------------------------------- a task: recall


class Recall(nn.Module):
    """One attention and no more: which value stood beside this key?

    Keys and values are tokens with embeddings of their own; the answer is read from the output.
    """

    def __init__(self, num_keys: int, num_values: int, head_size: int, scaled: bool) -> None:
        super().__init__()
        self.keys = nn.Embedding(num_keys, head_size)
        self.values = nn.Embedding(num_values, head_size)
        self.attention = MultiHeadAttention(head_size, num_heads=1)
        self.output = nn.Linear(head_size, num_values)
        self.factor = 1.0 if scaled else math.sqrt(head_size)  # undoes the division by √d

    def forward(self, keys: Tensor, values: Tensor, asked: Tensor) -> Tensor:
        """keys, values: (B, S), asked: (B,). Logits (B, num_values)."""
        key = self.keys(keys)  # (B, S, d)
        query = self.keys(asked)[:, None]  # (B, 1, d)
        attention = self.attention
        q, k = self.factor * attention.q_proj(query), attention.k_proj(key)
        heads = fused_attention(q, k, attention.v_proj(self.values(values)))  # (B, 1, d)
        return self.output(attention.out_proj(heads)).squeeze(1)

    def spread(self, keys: Tensor, asked: Tensor) -> float:
        """How far a question's scores, as the softmax gets them, lie apart: the mean deviation."""
        q = self.factor * self.attention.q_proj(self.keys(asked)[:, None])  # (B, 1, d)
        k = self.attention.k_proj(self.keys(keys))  # (B, S, d)
        scores = (q * k).sum(dim=-1) / math.sqrt(q.shape[-1])  # (B, S)
        return scores.std(dim=1).mean().item()


def recall_run(
    head_size: int, scaled: bool, seed: int, steps: int, learning_rate: float = 1e-3
) -> dict[str, float]:
    """Train `Recall` on 16 pairs of 64 keys and 16 values.

    Returns:
        accuracy: on 2000 fresh questions.
        before, after: the spread of the scores on 2000 questions, before and after training.
    """
    torch.manual_seed(seed)
    model = Recall(64, 16, head_size, scaled)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)

    def batch(size: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        keys = torch.rand(size, 64).argsort(dim=1)[:, :16]  # (B, 16), each key at most once
        values, place = torch.randint(16, (size, 16)), torch.randint(16, (size, 1))
        return keys, values, keys.gather(1, place).squeeze(1), values.gather(1, place).squeeze(1)

    with torch.no_grad():
        keys, _, asked, _ = batch(2000)
        before = model.spread(keys, asked)
    for _ in range(steps):
        keys, values, asked, answer = batch(64)
        loss = F.cross_entropy(model(keys, values, asked), answer)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        keys, values, asked, answer = batch(2000)
        right = (likeliest(model(keys, values, asked), dim=1) == answer).double().mean().item()
        return {"accuracy": right, "before": before, "after": model.spread(keys, asked)}


def recall_by_size(sizes: list[int], steps: list[int], seeds: list[int]) -> dict:
    """Accuracy and spread of the scores with and without √d; each size has its number of steps."""
    table: dict = {"sizes": sizes, "steps": steps, "learning_rate": 1e-3, "each": {}, "spread": {}}
    for name, scaled in (("scaled", True), ("plain", False)):
        runs = [
            [recall_run(d, scaled, seed, n, table["learning_rate"]) for seed in seeds]
            for d, n in zip(sizes, steps, strict=True)
        ]
        table["each"][name] = [[run["accuracy"] for run in row] for row in runs]  # (sizes, seeds)
        table[name] = [statistics.mean(row) for row in table["each"][name]]
        table["spread"][name] = {
            when: [statistics.mean(run[when] for run in row) for row in runs]
            for when in ("before", "after")
        }
    return table


# ---------------------------------------------------------------- softmax, fused kernel, heads


def softmax_by_size(sizes: list[int], keys: int = 64, trials: int = 2000) -> dict:
    """Variance of scores, largest weight and gradient of the softmax, with and without √d."""
    torch.manual_seed(0)
    table: dict = {"sizes": sizes, "keys": keys, "trials": trials}
    for name in ("variance", "largest_plain", "largest_scaled", "slope_plain", "slope_scaled"):
        table[name] = []
    for d in sizes:
        q, k = torch.randn(trials, 1, d), torch.randn(trials, keys, d)
        scores = (q * k).sum(dim=-1)  # (trials, keys)
        table["variance"].append(scores.var().item())
        for name, factor in (("plain", 1.0), ("scaled", d**-0.5)):
            p = (factor * scores).softmax(dim=-1)
            jacobian = torch.diag_embed(p) - p[:, :, None] * p[:, None, :]  # (trials, keys, keys)
            table[f"largest_{name}"].append(p.amax(dim=1).mean().item())
            table[f"slope_{name}"].append(jacobian.flatten(1).norm(dim=1).mean().item())
    return table


def fused_and_written_out(lengths: list[int]) -> dict:
    """CPU seconds of forward and backward, and bytes kept between them: written out ÷ fused."""
    table: dict = {"lengths": lengths, "time_ratio": [], "kept_plain": [], "kept_fused": []}
    for length in lengths:
        q, k, v = torch.randn(3, 1, 4, length, 64).requires_grad_()
        times: dict[str, list[float]] = {"plain": [], "fused": []}
        for repeat in range(7):
            for name in times:  # in turn, so that a busy machine hits both alike
                kept: dict[int, int] = {}

                def pack(tensor: Tensor, kept: dict[int, int] = kept) -> Tensor:
                    kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
                    return tensor

                began = time.process_time()
                with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
                    if name == "plain":
                        output = scaled_dot_product(q, k, v)[0]
                    else:
                        output = fused_attention(q, k, v)
                output.sum().backward()
                times[name].append(time.process_time() - began)
                if repeat == 0:
                    table[f"kept_{name}"].append(sum(kept.values()))
        plain, fused = (statistics.median(times[name]) for name in ("plain", "fused"))
        table["time_ratio"].append(plain / fused)
    return table


def minilm_heads() -> dict:
    """What MiniLM's 72 heads look at in the sentences of the Zen of Python."""
    tokenizer = BertTokenizer.from_pretrained(find(MINILM).path)
    state = load_state(find(MINILM, "model.safetensors").path)
    batch = tokenizer(zen(), padding=True, return_tensors="pt")
    _, maps = attention_maps(state, batch["input_ids"], batch["attention_mask"])
    patterns = head_patterns(maps, batch["attention_mask"])
    lengths = batch["attention_mask"].sum(dim=1)
    chance = ((lengths - 2) / lengths).sum() / (lengths - 2).sum()  # a weight of 1/T everywhere
    numbers: dict = {"sentences": len(lengths), "words": int((lengths - 2).sum())}
    numbers |= {"chance": chance.item(), "strongest": {}}
    numbers["maps"] = {name: grid.tolist() for name, grid in patterns.items()}
    for name, grid in patterns.items():
        layer, head = divmod(int(grid.argmax()), grid.shape[1])
        strongest = {"layer": layer + 1, "head": head + 1, "weight": grid.max().item()}
        strongest |= {"over_half": int((grid > 0.5).sum()), "mean": grid.mean().item()}
        numbers["strongest"][name.strip("[]").lower()] = strongest
    return numbers


def example_maps() -> None:
    """Write what all heads look at in one sentence, in whole percent, for the figure."""
    folder = find(MINILM).path
    tokenizer = BertTokenizer.from_pretrained(folder)
    batch = tokenizer([EXAMPLE], return_tensors="pt")
    state = load_state(folder / "model.safetensors")
    _, maps = attention_maps(state, batch["input_ids"], batch["attention_mask"])
    percent = (100 * maps[0]).round().long().tolist()  # (layers, heads, T, T)
    results.write(
        "attention_maps",
        {
            "tokens": tokenizer.convert_ids_to_tokens(batch["input_ids"][0].tolist()),
            "maps": [
                [[" ".join(map(str, row)) for row in head] for head in layer] for layer in percent
            ],
        },
        command="python snippets/2_transformer_basics/attention_experiment.py",
        note_zh="MiniLM 的 72 个头在一句话上的注意力，百分之几。",
        note_en="The attention of MiniLM's 72 heads on one sentence, in percent.",
    )


def main() -> None:
    torch.set_num_threads(1)
    example_maps()
    seeds = [0, 1, 2, 3, 4]
    numbers = {
        "softmax": softmax_by_size([2**k for k in range(11)]),
        "recall": recall_by_size([8, 64, 512], [1000, 300, 300], seeds),
        "fused": fused_and_written_out([128, 256, 512, 1024, 2048]),
        "heads": minilm_heads(),
    }
    print(numbers["softmax"], numbers["recall"], numbers["fused"], numbers["heads"]["strongest"])
    results.write(
        "attention",
        numbers,
        seed=seeds,
        command="python snippets/2_transformer_basics/attention_experiment.py",
        note_zh="缩放对 softmax 和训练的影响，融合算子省下的内存与时间，MiniLM 的各个头看向哪里。",
        note_en="What scaling does to the softmax and to training, what the fused kernel saves, "
        "what MiniLM's 72 heads look at.",
    )


if __name__ == "__main__":
    main()
