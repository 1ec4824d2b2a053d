"""What the page `contextual-embeddings` shows: a word in its sentence, its company, its sense."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from wode.checks import likeliest
from wode.elmo import Config, ELMo, numbered
from wode.patterns import WordEncoder
from wode.tasks.senses import Sentence
from wode.translation import Vocabulary


def renamed(texts: Sequence[Sequence[str]], words: Sequence[str]) -> list[list[str]]:
    """Every second time one of ``words`` occurs, it gets a made-up name: "card" → "card*"."""
    seen = dict.fromkeys(words, 0)
    found = []
    for text in texts:
        new = []
        for word in text:
            if word in seen:
                seen[word] += 1
                word = word if seen[word] % 2 else f"{word}*"
            new.append(word)
        found.append(new)
    return found


def nearest_centroid(learned: Tensor, senses: Sequence[str], asked: Tensor) -> list[str]:
    """Each asked vector's sense: (N, E), N senses, (M, E) → M senses.

    The learned vectors' mean is taken off first; then the most alike mean of a sense wins.
    """
    names = sorted(set(senses))
    mean = learned.mean(dim=0)
    sense = torch.tensor([names.index(one) for one in senses])
    centroids = torch.stack([learned[sense == n].mean(dim=0) - mean for n in range(len(names))])
    cosine = F.normalize(asked - mean, dim=1) @ F.normalize(centroids, dim=1).T  # (M, senses)
    return [names[n] for n in likeliest(cosine)]


def two_language_models(
    texts: Sequence[Sequence[str]], vocabulary: Vocabulary, size: int, steps: int, rate: float
) -> ELMo:
    """An ELMo that has learned ``texts`` from both sides, 64 of about the same length a step."""
    ordered = sorted((texts[n] for n in torch.randperm(len(texts)).tolist()), key=len)
    model = ELMo(Config(len(vocabulary), size, size))
    optimizer = torch.optim.AdamW(model.parameters(), rate, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps, pct_start=0.1)
    for _ in range(steps):
        first = int(torch.randint(len(texts) - 63, ()))
        forward, backward = model.losses(*numbered(ordered[first : first + 64], vocabulary))
        optimizer.zero_grad()
        (forward + backward).backward()
        optimizer.step()
        scheduler.step()
    return model.eval()


@torch.no_grad()
def in_context(model: ELMo, vocabulary: Vocabulary, some: Sequence[Sentence]) -> Tensor:
    """The word of each sentence at all layers: (L + 1, N, 2E)."""
    layers = model(*numbered([one.tokens for one in some], vocabulary))  # (L + 1, N, T, 2E)
    places = torch.tensor([one.place + 1 for one in some])  # BEGIN is at 0
    return layers[:, torch.arange(len(some)), places]


def of_word(encoder: WordEncoder, some: Sequence[Sentence]) -> Tensor:
    """The vector of each sentence's word: (N, E)."""
    hidden, _ = encoder([one.tokens for one in some])  # (N, T, E)
    return hidden[torch.arange(len(some)), torch.tensor([one.place for one in some])]
