"""A word's company: counts of its neighbours, and short vectors made from them.

*You shall know a word by the company it keeps* (J. R. Firth, 1957). `cooccurrences` counts who
stands near whom, `ppmi` says how much more often than by chance (Church and Hanks, *Computational
Linguistics* 16, 1990), `factorized` makes each row a short vector, `nearest` asks whose is alike.
"""

from collections.abc import Iterable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from wode.checks import likeliest, several


def cooccurrences(
    sentences: Iterable[Sequence[str]], vocabulary: Sequence[str], window: int = 2
) -> Tensor:
    """How often word j stands at most ``window`` places from word i: (V, V), symmetric, float64.

    No pair crosses a sentence's end. A word outside the vocabulary keeps its place, uncounted.

    Raises:
        TypeError: a sentence that is one string.
        ValueError: a window below 1, a word twice in the vocabulary.
    """
    if window < 1:
        raise ValueError(f"expected window ≥ 1, got {window}")
    number = {word: i for i, word in enumerate(vocabulary)}
    V = len(number)
    if len(vocabulary) != V:
        raise ValueError(f"expected distinct words, got {len(vocabulary)} with {V} distinct")
    text = list[int]()
    for sentence in sentences:
        text += [number.get(word, -1) for word in several("a sentence's words", sentence)]
        text += [-1] * window  # so far apart that no pair crosses
    ids = torch.tensor(text, dtype=torch.long)
    counts = torch.zeros(V * V, dtype=torch.long)
    for distance in range(1, window + 1):
        left, right = ids[:-distance], ids[distance:]
        both = (left >= 0) & (right >= 0)
        counts += torch.bincount(left[both] * V + right[both], minlength=V * V)
    once = counts.view(V, V).double()  # [i, j]: j to the right of i
    return once + once.T


def ppmi(counts: Tensor, smoothing: float = 1.0) -> Tensor:
    """max(0, log P(w, c) / (P(w) P_α(c))), in nats; 0 where nothing was counted: (V, C) → (V, C).

    P_α(c) ∝ #(c)^α: α = ``smoothing`` = 0.75 makes rare contexts less surprising (Levy, Goldberg
    and Dagan, *TACL* 3, 2015, section 3.2); 1 leaves them as they are.

    Raises:
        ValueError: not a matrix, a negative count, no count at all.
    """
    if counts.ndim != 2 or not counts.any() or not (counts >= 0).all():
        raise ValueError(
            "expected a matrix of counts ≥ 0, not all of them 0, got "
            f"{tuple(counts.shape)} from {min(counts.flatten().tolist(), default=None)} up"
        )
    counts = counts.double()
    word = counts.sum(dim=1, keepdim=True) / counts.sum()  # P(w): (V, 1)
    context = counts.sum(dim=0) ** smoothing
    context = context / context.sum()  # P_α(c): (C,)
    ratio = counts / counts.sum() / (word * context)  # 0 / 0 where a word was never seen
    return ratio.where(counts > 0, 1.0).log().clamp(min=0)


def factorized(matrix: Tensor, dimensions: int, power: float = 0.5) -> Tensor:
    """A short vector for each row, U Σ^power of the largest singular values: (V, C) → (V, d).

    ``power`` 1 keeps the rows' inner products as well as d numbers can; 0.5 serves word vectors
    better (Levy, Goldberg and Dagan 2015, section 3.3). A singular vector's sign is anyone's
    choice: here the largest entry of each column is positive, the first of them if several are.

    Raises:
        ValueError: more dimensions than the smaller side, or none.
    """
    if matrix.ndim != 2 or not 1 <= dimensions <= min(matrix.shape):
        raise ValueError(
            f"expected a matrix and 1 ≤ dimensions ≤ its smaller side, got {tuple(matrix.shape)} "
            f"and {dimensions}"
        )
    U, S, _ = torch.linalg.svd(matrix.double(), full_matrices=False)
    U, S = U[:, :dimensions], S[:dimensions]
    size = U.abs()
    first = (size > 0.999 * size.amax(dim=0)).int().argmax(dim=0, keepdim=True)  # (1, d)
    return U * U.gather(0, first).sign() * S**power


def nearest(vectors: Tensor, i: int, k: int) -> tuple[Tensor, Tensor]:
    """The ``k`` other rows most alike to row ``i``: indices (k,) and cosines (k,), nearest first.

    Raises:
        ValueError: no row i, or not k other rows.
        FloatingPointError: a row with NaN.
    """
    rows = len(vectors)
    if not 0 <= i < rows or not 0 < k < rows:
        raise ValueError(f"expected 0 ≤ i < {rows} and 0 < k < {rows}, got {i} and {k}")
    cosine = F.cosine_similarity(vectors, vectors[i], dim=-1)  # (V,)
    likeliest(cosine)  # NaN would be sorted before all others
    cosine, order = cosine.sort(descending=True, stable=True)
    others = order != i
    return order[others][:k], cosine[others][:k]
