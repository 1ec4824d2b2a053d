# %% [markdown] zh description
# x

# %% [markdown] en description
# x

# %%
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from wode.bert import Bert
from wode.collapse import diagnose
from wode.data import cache_root, data_root
from wode.finetune import MINILM, Data, Settings, load_data, measured, run, sweep
from wode.heads import SequenceClassifier
from wode.hub import ModelNotFoundError, find
from wode.pairs import collate
from wode.reviews import bag_of_words, reviews
from wode.training import pick_device, seed_everything, train
from wode.wordpiece import WordPiece

torch.set_num_threads(1)  # CPU seconds then mean the same on every machine


# %%
def review_data(train: int = 640, held_out: int = 240) -> Data:
    """Half for, half against, in random order; what is held out is made of other words."""
    return Data("reviews", reviews(train), reviews(held_out, held_out=True))


# %%
class Lean(nn.Module):
    """The same network, computed in bfloat16, with the embeddings of the pieces that occur."""

    def __init__(self, network: SequenceClassifier, pieces: Sequence[int]) -> None:
        super().__init__()
        words = network.bert.embeddings.word_embeddings
        place = torch.zeros(words.num_embeddings, dtype=torch.long)
        place[list(pieces)] = torch.arange(len(pieces))
        self.place = nn.Buffer(place, persistent=False)
        kept = words.weight.detach()[list(pieces)].clone()
        network.bert.embeddings.word_embeddings = nn.Embedding.from_pretrained(kept, freeze=False)
        self.network = network

    def forward(self, input_ids: Tensor, **others: Tensor) -> Tensor:  # (B, T) each
        with torch.autocast("cpu", torch.bfloat16):
            logits = self.network(self.place[input_ids], **others)  # (B, 2)
        return logits.float()


def lean(data: Data, layers: int, network: SequenceClassifier) -> Lean:
    """Keep the first ``layers`` layers and the pieces of ``data``."""
    encoder = network.bert.encoder
    encoder["layer"] = cast(nn.ModuleList, encoder["layer"])[:layers]
    tokenizer = WordPiece.from_pretrained(MINILM)
    both = [*data.train, *data.held_out]
    pieces = {piece for pair in both for piece in tokenizer.encode(pair.first).ids}
    return Lean(network, sorted({0, *pieces}))  # 0: padding


def moved_by(network: nn.Module) -> float:
    """How far the encoder's layers went from the pretrained ones, relative to their length."""
    before = dict(Bert.from_pretrained(MINILM).encoder.named_parameters())
    pairs = [
        (before[name.split("encoder.")[1]], now)
        for name, now in network.named_parameters()
        if "encoder.layer" in name
    ]
    way = sum((now - old).square().sum().item() for old, now in pairs)
    return (way / sum(old.square().sum().item() for old, _ in pairs)) ** 0.5


def fit(data: Data, settings: Settings, layers: int = 6) -> list[dict[str, Any]]:
    """One fine-tuning; a row for each epoch, the last one with the way that the weights went."""
    network, rows = run(data, settings, prepare=partial(lean, data, layers), progress=False)
    rows[-1]["moved"] = moved_by(network)
    return rows


# %%
def features(data: Data) -> list[TensorDataset]:
    """What the pretrained encoder, left as it is, says of each sentence: (vectors, labels)."""
    encoder, tokenizer = Bert.from_pretrained(MINILM), WordPiece.from_pretrained(MINILM)
    found = []
    for pairs in (data.train, data.held_out):
        with torch.no_grad():
            _, pooled = encoder(**tokenizer.batch([pair.first for pair in pairs]))  # (N, E)
        found.append(TensorDataset(pooled, torch.tensor([pair.label for pair in pairs])))
    return found


def fit_head(vectors: list[TensorDataset], lr: float, seed: int) -> list[dict[str, Any]]:
    """Train a linear layer on the frozen encoder's vectors, for as many steps."""
    generator = seed_everything(seed)
    loader = DataLoader(vectors[0], Settings.batch_size, shuffle=True, generator=generator)
    held_out = DataLoader(vectors[1], 64)
    head = nn.Linear(vectors[0].tensors[0].shape[1], 2)
    return train(
        head,
        loader,
        torch.optim.AdamW(head.parameters(), lr=lr),
        F.cross_entropy,
        epochs=3,
        progress=False,
        evaluate=lambda model: measured(model, held_out),
    )


# %%
RATES = {"1e-5": 1e-5, "5e-5": 5e-5, "2e-4": 2e-4, "5e-4": 5e-4, "1e-3": 1e-3, "3e-3": 3e-3}
HEAD_RATES = {"1e-5": 1e-5, "2e-4": 2e-4, "3e-3": 3e-3, "1e-2": 1e-2, "1e-1": 1e-1, "1e0": 1.0}
REMEDIES = {"clip": {"clip": 1.0}, "schedule": {"warmup": 0.1, "decay": True}}  # at 1e-3
SEEDS = 3
Rows = list[dict[str, Any]]


class Memory:
    """What was measured already, a line a run, so that a killed experiment goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.found: dict[str, Rows] = dict(json.loads(line) for line in lines)

    def __call__(self, name: str, measure: Callable[[], Rows]) -> Rows:
        if name not in self.found:
            self.found[name] = measure()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([name, self.found[name]]) + "\n")
            row = self.found[name][-1]
            print(f"{name}: {row['accuracy']:.3f}", flush=True)
        return self.found[name]


def summary(runs: Sequence[Rows]) -> dict[str, Any]:
    """Several seeds' rows, epoch by epoch: mean, lowest, highest, and how many collapsed."""
    found: dict[str, Any] = {}
    for number, rows in enumerate(zip(*runs, strict=True), start=1):
        values = [row["accuracy"] for row in rows]
        found[f"epoch_{number}"] = {
            "accuracy": round(fmean(values), 4),
            "low": round(min(values), 4),
            "high": round(max(values), 4),
            "train_loss": round(fmean(row["loss"] for row in rows), 4),
            "held_out_loss": round(fmean(row["held_out_loss"] for row in rows), 4),
            "collapsed": sum(row["answered_same"] in (0.0, 1.0) for row in rows),
        }
    if "moved" in runs[0][-1]:
        found["moved"] = round(fmean(rows[-1]["moved"] for rows in runs), 5)
    return found


def page(lr: float, sentences: int, asked: int) -> Rows:
    """The run on the chapter's page: one epoch, in float32, and its diagnosis."""
    data = review_data(sentences, asked)
    network, _ = run(data, Settings(lr=lr, epochs=1), progress=False)
    together = collate(WordPiece.from_pretrained(MINILM))
    held_out = DataLoader(list(data.held_out), 50, collate_fn=together)  # ty: ignore[invalid-argument-type]
    found = diagnose(network, held_out)
    return [found._asdict()]


def best(found: dict[str, Any], epoch: int) -> str:
    """The rate with the highest mean accuracy after ``epoch``."""
    return max(found, key=lambda lr: found[lr][f"epoch_{epoch}"]["accuracy"])


def experiment(small: bool, folder: Path) -> None:
    """Every rate, the orders, the remedies, the head alone; then the author's own table."""
    from wode.book import results

    data = review_data(32, 20) if small else review_data()
    by_label = Data("sorted", sorted(data.train, key=lambda pair: pair.label), data.held_out)
    seeds = list(range(1 if small else SEEDS))
    memory = Memory((folder if small else cache_root() / "labs") / "learning-rate.jsonl")

    groups: dict[tuple[str, str], tuple[Data, dict[str, Any]]] = {
        ("sweep", name): (data, {"lr": lr}) for name, lr in RATES.items()
    }
    for name in ("1e-5", "5e-5"):
        in_order = {"lr": RATES[name], "shuffle": False}
        groups |= {("sorted", name): (by_label, in_order), ("fixed", name): (data, in_order)}
    for name, settings in REMEDIES.items():
        groups["remedies", name] = (data, {"lr": RATES["1e-3"], **settings})
    runs: dict[tuple[str, str], list[Rows]] = {key: [] for key in groups}
    for seed in seeds:  # seed by seed: a run that is cut short has whole seeds
        for key, (given, settings) in groups.items():
            chosen = Settings(seed=seed, **settings)
            once = partial(fit, given, chosen, layers=1 if small else 6)
            runs[key].append(memory(f"{key} seed {seed}", once))

    words = bag_of_words(list(data.train), list(data.held_out))
    numbers: dict[str, Any] = {
        "train": len(data.train),
        "held_out": len(data.held_out),
        "steps": len(data.train) // Settings.batch_size,
        "seeds": len(seeds),
        "bag_of_words": {"train": round(words[0], 4), "held_out": round(words[1], 4)},
        "page": {},
    }
    for name in ("1e-5", "2e-4", "3e-3"):
        once = partial(page, RATES[name], *((16, 10) if small else (320, 100)))
        (numbers["page"][name],) = memory(f"page {name}", once)
    for (kind, name), found in runs.items():
        numbers.setdefault(kind, {})[name] = summary(found)
    vectors = features(data)
    numbers["frozen"] = {
        name: summary([fit_head(vectors, lr, seed) for seed in seeds])
        for name, lr in HEAD_RATES.items()
    }
    numbers["best"] = {
        kind: {f"epoch_{epoch}": best(numbers[kind], epoch) for epoch in (1, 2, 3)}
        for kind in ("sweep", "frozen")
    }
    results.write(
        "learning_rate_lab",
        numbers,
        seed=seeds,
        command="python -m wode.book.labs snippets/labs/learning-rate.py",
        note_zh="MiniLM 在短评上微调三轮：六个学习率，样本的次序，补救办法，只训练头部。",
        note_en="MiniLM fine-tuned on short reviews for three epochs: six rates, the order of the "
        "examples, remedies, the head alone.",
        folder=folder,
    )
    memory.path.unlink()
    if not small:
        original(folder)


# %%
BERT_CHINESE = "google-bert/bert-base-chinese"
AFQMC = "https://storage.googleapis.com/cluebenchmark/tasks/afqmc_public.zip"


def missing(folder: Path) -> list[str]:
    """What the author's own runs need and this machine has not; each with how to get it."""
    found = [
        f"{folder / name}: it is in {AFQMC}"
        for name in ("train.json", "dev.json")
        if not (folder / name).is_file()
    ]
    try:
        find(BERT_CHINESE, "config.json")
    except ModelNotFoundError:
        found.append(f"the model: hf download {BERT_CHINESE}")
    return found


def original(folder: Path) -> None:
    """The author's table: bert-base-chinese on AFQMC, three runs of three epochs, resumable."""
    from wode.book import results

    afqmc = data_root() / "afqmc"
    if lacking := missing(afqmc):
        print("The author's table on AFQMC was not run; there is no")
        print("".join(f"  {what}\n" for what in lacking), end="", flush=True)
        return
    wanted = [(1e-5, False), (5e-5, False), (1e-5, True)]
    found = sweep(
        load_data([str(afqmc)]),
        [Settings(lr=lr, shuffle=shuffle) for lr, shuffle in wanted],
        cache_root() / "labs" / "afqmc",
        BERT_CHINESE,
        device=pick_device(),
    )
    results.write(
        "learning_rate_afqmc",
        {"majority": found["data"]["majority"], "runs": found["runs"]},
        seed=0,
        command="python -m wode.book.labs snippets/labs/learning-rate.py",
        note_zh="bert-base-chinese 在 AFQMC 上微调：作者的三组设置。",
        note_en="bert-base-chinese fine-tuned on AFQMC: the author's three settings.",
        folder=folder,
    )
