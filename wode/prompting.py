"""Prompting: a task described in words, a few examples, and a language model that is not trained.

*Language Models are Few-Shot Learners* (Brown et al., arXiv:2005.14165), sections 2 and 2.4. A
prompt is a description, k examples and a question; k = 0 is zero-shot, k = 1 one-shot, more is
few-shot. All questions of a task share what comes before them: its keys and values are computed
once (`read`) and reused for every question.
"""

import copy
import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from wode.attention import KeyValueCache
from wode.calibration import CONTENT_FREE, contextual_calibration
from wode.checks import likeliest, several, whole
from wode.decoding import CausalModel as Model
from wode.decoding import device_of, evaluating, write
from wode.files.gguf import local_model
from wode.files.hub import SMOLLM2
from wode.llama import Llama

Example = tuple[str, str]


# ---------------------------------------------------------------- the text


@dataclass(frozen=True)
class Format:
    """How a question and its answer are written: ``{}`` is where the question goes."""

    question: str = "Q: {}\nA:"
    before_answer: str = " "
    between: str = "\n\n"  # before each question; begins with a space or newline

    def ask(self, question: str) -> str:
        """The question as the prompt's last words: the answer is to follow."""
        return self.between + self.question.format(question)

    def example(self, question: str, answer: str) -> str:
        return self.ask(question) + self.before_answer + answer


@dataclass(frozen=True)
class Prompt:
    """A description and examples; ``prefix`` is what all questions share."""

    description: str
    examples: Sequence[Example] = ()
    format: Format = field(default_factory=Format)

    @property
    def kind(self) -> str:
        return {0: "zero-shot", 1: "one-shot"}.get(len(self.examples), "few-shot")

    @property
    def prefix(self) -> str:
        return self.description + "".join(self.format.example(*pair) for pair in self.examples)

    def text(self, question: str) -> str:
        return self.prefix + self.format.ask(question)


def draw_examples(
    pool: Sequence[Example], k: int, seed: int = 0, order: Sequence[int] | None = None
) -> list[Example]:
    """k examples of ``pool``, drawn with ``seed``; a larger k adds to those of a smaller one.

    ``order``, a permutation of 0 … k - 1, says in which order they stand in the prompt.

    Raises:
        ValueError: the pool is too small, or ``order`` is no permutation.
    """
    if not whole("k", k) <= len(pool):
        raise ValueError(f"expected 0 <= k <= {len(pool)}, the size of the pool, got {k}")
    shuffled = random.Random(seed).sample(pool, len(pool))
    if order is None:
        return shuffled[:k]
    if sorted(order) != list(range(k)):
        raise ValueError(f"expected order to be a permutation of 0 … {k - 1}, got {list(order)}")
    return [shuffled[place] for place in order]


# ---------------------------------------------------------------- reading, with a cache


@dataclass(frozen=True)
class Context:
    """What B rows have read so far."""

    caches: list[KeyValueCache]  # a layer's keys and values: (B, h, S, d)
    mask: Tensor  # (B, S), true at real tokens
    logits: Tensor  # (B, kept, vocabulary), what the last tokens predict

    def __len__(self) -> int:
        return len(self.mask)

    def repeat(self, times: int) -> "Context":
        """Each row ``times`` times; a single row is only viewed, not copied."""
        if len(self) == 1:
            return self._each(lambda x: x.expand(times, *x.shape[1:]))
        return self._each(lambda x: x.repeat_interleave(times, dim=0))

    def select(self, rows: list[int] | slice) -> "Context":
        """Keep these rows."""
        return self._each(lambda x: x[rows])

    def _each(self, change: Callable[[Tensor], Tensor]) -> "Context":
        caches = [
            KeyValueCache(change(c.key), change(c.value))
            for c in self.caches
            if c.key is not None and c.value is not None
        ]
        return Context(caches, change(self.mask), change(self.logits))


@torch.no_grad()
def read(
    model: Model, rows: Sequence[Sequence[int]], before: Context | None = None, keep: int = 1
) -> Context:
    """Let ``model`` read each row of ids after ``before``, which has one row, or as many.

    Rows of unequal length are padded on their left, so padding stands between ``before`` and a
    row: it is masked, and positions skip it. ``before`` is not changed.

    Raises:
        ValueError: no row; an empty row and nothing before it; rows that do not fit ``before``;
            more tokens than the model has positions; padding in front of banded attention.
    """
    if not rows:
        raise ValueError("expected at least one row of ids, got none")
    if before is None and not all(rows):
        raise ValueError("an empty row and nothing before it: there is nothing to predict from")
    if before is not None and len(before) not in (1, len(rows)):
        raise ValueError(f"expected 1 or {len(rows)} rows before, got {len(before)}")
    lengths = {len(row) for row in rows}
    banded = getattr(getattr(model, "config", None), "window_size", None)
    if banded is not None and (len(lengths) > 1 or (before is not None and not before.mask.all())):
        raise ValueError("a band counts padding as tokens: give a banded model rows of one length")
    T = max(keep, *lengths)
    device, padding = device_of(model), torch.tensor([[T - len(row)] for row in rows])
    ids = torch.tensor([[0] * (T - len(row)) + list(row) for row in rows], device=device)  # (B, T)
    mask = (torch.arange(T) >= padding).to(device)  # (B, T)
    caches = model.caches()
    if before is not None:
        earlier = before.repeat(len(rows)) if len(before) == 1 else before.select(slice(None))
        mask, caches = torch.cat([earlier.mask, mask], dim=1), earlier.caches  # (B, S + T)
    config: Any = getattr(model, "config", None)
    limit = getattr(config, "max_position_embeddings", getattr(config, "n_positions", None))
    if limit is not None and mask.shape[1] > limit:
        raise ValueError(f"expected at most {limit} tokens, got {mask.shape[1]}: fewer examples")
    logits = model(ids, mask, caches, keep)  # (B, keep, V); extends the caches
    return Context(caches, mask, logits)


class ReaderSteps:
    """The steps of going on after a context."""

    def __init__(self, model: Model, context: Context) -> None:
        self.model, self.context = model, context

    def next_logits(self, tokens: Tensor) -> Tensor:
        """New tokens (N, t) → (N, V); all but the last are in the context."""
        if tokens.shape[1]:
            self.context = read(self.model, tokens[:, -1:].tolist(), self.context)
        return self.context.logits[:, -1].cpu()

    def select(self, rows: Tensor) -> None:
        self.context = self.context.select(rows.tolist())


class Reader:
    """A model and its tokenizer that have read a prompt's prefix, once."""

    def __init__(self, model: Model, tokenizer: Any, prompt: Prompt, batch_size: int = 64) -> None:
        self.model, self.tokenizer, self.prompt = model, tokenizer, prompt
        self.batch_size = whole("batch_size", batch_size, 1)
        ids = self.encode(prompt.prefix)
        with evaluating(model):
            self.context = read(model, [ids]) if ids else None

    def encode(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False)["input_ids"] if text else []

    def _contexts(self, questions: Sequence[str]) -> Iterator[Context]:
        """After the questions, a batch at a time."""
        asked = map(self.prompt.format.ask, several("questions", questions))
        rows = list(map(self.encode, asked))
        for start in range(0, len(rows), self.batch_size):
            yield read(self.model, rows[start : start + self.batch_size], self.context)

    # ------------------------------------------------------------ free answers

    def answers(
        self, questions: Sequence[str], max_tokens: int = 12, stop: str = "\n"
    ) -> list[str]:
        """Greedy answers: the likeliest token each time, up to ``stop`` or the end token."""

        def text_of(row: list[int]) -> str:
            return self.tokenizer.decode(row).lstrip()

        def enough(row: list[int]) -> bool:
            return bool(stop) and stop in text_of(row)

        texts, end = list[str](), self.tokenizer.eos_token_id
        most = whole("max_tokens", max_tokens)
        with evaluating(self.model):
            for context in self._contexts(questions):
                steps = ReaderSteps(self.model, context)
                nothing = torch.empty(len(context), 0, dtype=torch.long)
                texts += map(text_of, write(steps, nothing, most, end, enough=enough))
        return [(text.split(stop)[0] if stop else text).strip() for text in texts]

    # ------------------------------------------------------------ classification

    def label_logprobs(
        self, questions: Sequence[str], labels: Sequence[str], per_token: bool = False
    ) -> Tensor:
        """log P(label | prompt, question), summed over the label's tokens: (questions, labels).

        ``per_token`` divides by their number, as the GPT-3 paper does for most tasks
        (section 2.4): a label of many tokens is not punished for its length.

        Raises:
            TypeError: questions or labels that are one string.
            ValueError: no label, one without a token, or what `read` refuses.
        """
        before = self.prompt.format.before_answer
        tokens = [self.encode(before + label) for label in several("labels", labels)]
        if not tokens or not all(tokens):
            raise ValueError(f"expected labels of at least one token each, got {list(labels)}")
        with evaluating(self.model):
            some = [self._score(c, tokens).cpu() for c in self._contexts(questions)]
        scores = torch.cat(some) if some else torch.empty(0, len(tokens))  # no question, no row
        lengths = torch.tensor([len(label) for label in tokens])
        return scores / lengths if per_token else scores

    def _score(self, context: Context, labels: list[list[int]]) -> Tensor:
        """The labels' log-probabilities after each row: (B, L)."""
        logprobs = context.logits[:, -1].log_softmax(dim=-1)  # (B, V)
        scores = logprobs[:, [label[0] for label in labels]]  # (B, L)
        longer = [number for number, label in enumerate(labels) if len(label) > 1]
        if not longer:
            return scores
        B, keep = len(scores), max(map(len, labels)) - 1
        rows = [labels[number][:-1] for _ in range(B) for number in longer]
        after = read(self.model, rows, context.repeat(len(longer)), keep)
        rest = after.logits.log_softmax(dim=-1).unflatten(0, (B, len(longer)))  # (B, l, keep, V)
        for place, number in enumerate(longer):
            following = labels[number][1:]
            steps = range(keep - len(following), keep)
            for step, token in zip(steps, following, strict=True):
                scores[:, number] += rest[:, place, step, token]
        return scores

    def classify(
        self,
        questions: Sequence[str],
        labels: Sequence[str],
        calibrate: bool = False,
        per_token: bool = False,
    ) -> list[str]:
        """The likeliest label of each question, calibrated with `CONTENT_FREE` if asked for.

        Raises:
            FloatingPointError: scores of which none can be the largest, such as NaN.
        """
        scores = self.label_logprobs(questions, labels, per_token)
        if calibrate:
            free = self.label_logprobs(CONTENT_FREE, labels, per_token)
            scores = contextual_calibration(scores, free)
        return [labels[best] for best in likeliest(scores, dim=1).tolist()]


# ---------------------------------------------------------------- the model


def from_pretrained(model_id: str = SMOLLM2) -> tuple[Llama, Any]:
    """A real Llama, float32, and its tokenizer; see `wode.files.gguf.local_model`."""
    from transformers import AutoTokenizer

    folder = str(local_model(model_id))
    return Llama.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)


class Bfloat16:
    """A Llama whose matrix products are in bfloat16, its weights and last layer in float32.

    Two to three times as fast on a CPU with instructions for it. The last layer stays as it is:
    in bfloat16 the scores of two labels would often tie.
    """

    def __init__(self, model: Llama) -> None:
        self.body, self.config, self.head = copy.copy(model), model.config, model.lm_head
        self.body._modules = {**model._modules, "lm_head": torch.nn.Identity()}

    def caches(self) -> list[KeyValueCache]:
        return self.body.caches()

    def __call__(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        caches: list[KeyValueCache] | None = None,
        logits_to_keep: int = 0,
    ) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            hidden = self.body(input_ids, attention_mask, caches, logits_to_keep)  # (B, T, E)
        return self.head(hidden.float())  # (B, T, V)


def fingerprint(model: torch.nn.Module) -> str:
    """SHA-256 of all parameters' names and bytes: equal before and after, nothing was learned."""
    digest = hashlib.sha256()
    for name, parameter in model.named_parameters():
        digest.update(name.encode())
        digest.update(parameter.detach().contiguous().view(torch.uint8).numpy().data)
    return digest.hexdigest()
