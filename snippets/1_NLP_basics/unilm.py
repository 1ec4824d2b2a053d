"""What the page `unilm` includes: texts for each mode, a UniLM that learns, and what it says."""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.bert import Config
from wode.checks import likeliest
from wode.tasks.cities import WORDS, brief, encode
from wode.unilm import MODES, UniLM, segments, visible

MASK = WORDS.index("[MASK]")
LAST = MODES[-1]
Ask = Callable[[UniLM, str, Tensor, Tensor], tuple[Tensor, Tensor]]


def texts_for(mode: str, sentences: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Ids and types, (B, 7) each, or (B, 12) with a source; the sentence and [SEP] come last."""
    if mode != LAST:
        ids = encode(*sentences)  # [CLS] sentence [SEP]
        return ids, torch.zeros_like(ids)
    ids = encode(*(f"{brief(text)} [SEP] {text}" for text in sentences))
    return ids, (torch.arange(12) > 5).long().expand_as(ids)


def cloze(
    model: UniLM, mode: str, ids: Tensor, types: Tensor, share: float = 0.15
) -> tuple[Tensor, Tensor]:
    """Hide some of the last six tokens: their scores (n, V) and what they are (n,)."""
    hidden = torch.rand(ids.shape) < share
    hidden[:, :-6] = False
    states = model.encode(ids.masked_fill(hidden, MASK), mode, types)  # (B, T, E)
    return model.cls(states[hidden]), ids[hidden]


def learn(
    modes: Sequence[str],
    sentences: Sequence[str],
    steps: int = 600,
    lr: float = 5e-3,
    seed: int = 0,
    marked: bool = True,
    ask: Ask = cloze,
) -> UniLM:
    """A small UniLM that has learned the modes in turn, 64 texts a step."""
    torch.manual_seed(seed)
    types = 6 if marked else 2  # segment ids: of each mode, or only of source and target
    model = UniLM(Config(len(WORDS), 32, 2, 2, 128, 0.0, 0.0, 12, types))
    for weight in model.parameters():
        if weight.ndim > 1:
            nn.init.normal_(weight, std=0.2)  # 0.02 is little for so small a model
    texts = {mode: texts_for(mode, sentences) for mode in modes}
    optimizer = torch.optim.AdamW(model.parameters(), lr, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, steps, pct_start=0.1)
    for step in range(steps):
        mode = modes[step % len(modes)]
        drawn = torch.randint(len(sentences), (64,))
        logits, answers = ask(model, mode, *(part[drawn] for part in texts[mode]))
        loss = F.cross_entropy(logits, answers)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    return model.eval()


@torch.no_grad()
def said(model: UniLM, mode: str, sentences: Sequence[str]) -> Tensor:
    """log p of each of the five words, hidden alone: (B, 5)."""
    ids, types = texts_for(mode, sentences)
    found = []
    for place in range(-6, -1):
        hidden = ids.clone()
        hidden[:, place] = MASK
        log_p = model(hidden, mode, types)[:, place].log_softmax(dim=1)  # (B, V)
        found.append(log_p.gather(1, ids[:, place, None]))
    return torch.cat(found, dim=1)


@torch.no_grad()
def without_mask(model: UniLM, source: Tensor, longest: int = 6) -> Tensor:
    """Read each next word off the last one, as one reads a GPT: (B, longest)."""
    ids, types = source, torch.zeros_like(source)
    for _ in range(longest):
        guess = likeliest(model(ids, LAST, types)[:, -1:])
        ids = torch.cat([ids, guess], dim=1)
        types = torch.cat([types, torch.ones_like(guess)], dim=1)
    return ids[:, source.shape[1] :]


@torch.no_grad()
def forgetful(model: UniLM, source: Tensor, in_mask: bool, in_segments: bool) -> Tensor:
    """Write six words with types 0 for what is written, in the mask or for the segment ids."""
    ids = source
    for _ in range(6):
        ids = F.pad(ids, (0, 1), value=MASK)
        types = (torch.arange(ids.shape[1]) >= source.shape[1]).long().expand_as(ids)
        sees = visible(LAST, types * (not in_mask))
        told = segments(LAST, types * (not in_segments))
        ids[:, -1] = likeliest(model.cls(model.bert.encode(ids, None, told, sees))[:, -1])
    return ids[:, source.shape[1] :]
