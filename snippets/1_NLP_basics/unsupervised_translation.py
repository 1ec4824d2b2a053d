"""What the page `unsupervised-translation` and its experiments stand on."""

import random
from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from wode.alignment import Alignment, align, normalise
from wode.cooccurrence import cooccurrences, factorized, ppmi
from wode.transformer import Config
from wode.translation import PAD, Vocabulary
from wode.unsupervised import Translator, generate, set_embedding, unsupervised_step

Corpus = list[list[str]]


def cloud(corpus: Corpus, size: int = 16) -> tuple[list[str], Tensor]:
    """The corpus's words, the most frequent first, and a vector (V, size) of each."""
    words = [word for word, _ in Counter(word for line in corpus for word in line).most_common()]
    counts = cooccurrences(corpus, words, window=12)  # (V, V), the whole sentence
    return words, normalise(factorized(ppmi(counts), size, power=1.0))


def lay_over(x: Tensor, y: Tensor, seed: int = 0) -> Alignment:
    """Two clouds, no pair of words: the best of five starts by its own objective."""
    n = min(len(x), len(y))
    rng = torch.Generator().manual_seed(seed)
    return align(x[:n], y[:n], keep=0.5, patience=10, restarts=5, generator=rng)


def beginner(
    vocabulary: Vocabulary, corpora: Sequence[Corpus], pairs: dict[str, str] | None = None
) -> Translator:
    """A small translator; the words of the first language start as their translations do."""
    marks, V = vocabulary.encode(["<a>", "<b>"]), len(vocabulary)
    may_write = torch.zeros(2, V, dtype=torch.bool)
    for language, corpus in enumerate(corpora):
        may_write[language, vocabulary.encode({word for line in corpus for word in line})] = True
    config = Config(
        hidden_size=64, num_heads=4, num_layers=1, ffn_size=128, dropout=0.0, norm_first=True
    )
    model = Translator(V, config, marks, may_write)
    if pairs:
        meaning = model.embedding.weight[vocabulary.encode(pairs.values())].detach()  # (N, E)
        set_embedding(model, torch.tensor(vocabulary.encode(pairs)), meaning)
    return model


def ids_of(vocabulary: Vocabulary, lines: Sequence[list[str]]) -> Tensor:
    """(B, T), padded on the right."""
    rows = [torch.tensor(vocabulary.encode(line)) for line in lines]
    return pad_sequence(rows, batch_first=True, padding_value=PAD)


def learn(
    model: Translator, vocabulary: Vocabulary, corpora: Sequence[Corpus], steps: int, seed: int = 0
) -> None:
    """Denoising and back-translation; each batch is drawn from each corpus by itself."""
    rng = random.Random(seed)
    optimizer = torch.optim.Adam(model.parameters(), 5e-3, betas=(0.9, 0.98))
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, steps, pct_start=0.1)
    for _ in range(steps):
        batches = [ids_of(vocabulary, rng.sample(corpus, 32)) for corpus in corpora]
        unsupervised_step(model, optimizer, batches)
        scheduler.step()


def translated(
    model: Translator, vocabulary: Vocabulary, lines: Sequence[list[str]], source: int, target: int
) -> Corpus:
    """Each line in the other language."""
    ids = generate(model, ids_of(vocabulary, lines), source, target)
    return [vocabulary.decode(n for n in row if n != PAD) for row in ids.tolist()]
