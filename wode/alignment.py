"""Two clouds of word vectors laid over each other without a dictionary.

Two languages are V and W words, vectors of E dimensions each, learned from texts that have nothing
to do with each other; the most frequent words come first. A rotation takes the one to the other:

- `procrustes` finds it when pairs of words are known (Schönemann, Psychometrika 31, 1966);
- `initial_dictionary` guesses first pairs from the shape of the clouds, `self_learning` takes turns
  between rotation and dictionary (Artetxe, Labaka and Agirre, arXiv:1805.06297);
- `adversarial_start` guesses a first rotation in a game against a discriminator (Conneau et al.,
  arXiv:1710.04087).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.checks import likeliest


def normalise(vectors: Tensor) -> Tensor:
    """Unit length, then each dimension's mean removed, then unit length again: (V, E) → (V, E).

    Section 3.1 of arXiv:1805.06297. A vector of zeros stays a vector of finite numbers.
    """
    if vectors.ndim != 2:
        raise ValueError(f"expected vectors (V, E), got {tuple(vectors.shape)}")
    vectors = F.normalize(vectors, dim=1)
    return F.normalize(vectors - vectors.mean(dim=0), dim=1)


def procrustes(x: Tensor, y: Tensor) -> Tensor:
    """The orthogonal W (E, E) for which ‖xW − y‖ is smallest.

    x, y: (N, E), row i of the one and of the other being a pair. With xᵀy = USVᵀ, W = UVᵀ.
    """
    if x.ndim != 2 or x.shape != y.shape:
        raise ValueError(f"expected vectors of pairs (N, E), got {[*x.shape]} and {[*y.shape]}")
    U, _, Vt = torch.linalg.svd(x.T @ y)
    return U @ Vt  # (E, E)


def csls(similarity: Tensor, k: int = 10) -> Tensor:
    """Cross-domain similarity local scaling: 2 cos(x, y) − r(x) − r(y), section 2.3.

    r is a word's mean similarity to its k nearest of the other language: a hub, near to everything,
    is near to nothing. arXiv:1710.04087.

    Args:
        similarity: (V, W), the cosines.
        k: where a language has fewer words, all of them.
    """
    if similarity.ndim != 2 or k < 1:
        raise ValueError(f"expected similarity (V, W), k ≥ 1, got {[*similarity.shape]}, k = {k}")
    V, W = similarity.shape
    r_x = similarity.topk(min(k, W), dim=1).values.mean(dim=1, keepdim=True)  # (V, 1)
    r_y = similarity.topk(min(k, V), dim=0).values.mean(dim=0, keepdim=True)  # (1, W)
    return 2 * similarity - r_x - r_y


def translations(x: Tensor, y: Tensor, k: int = 10) -> Tensor:
    """The row of y (W, E) that translates each row of x (V, E): (V,).

    x is already rotated, both are of unit length. By CSLS; with k = 0 by cosine alone.
    """
    similarity = x @ y.T  # (V, W)
    return likeliest(csls(similarity, k) if k else similarity, dim=1)


# ---------------------------------------------------------------- first pairs, without any pair


def distribution_similarity(x: Tensor, y: Tensor) -> Tensor:
    """How alike two words' similarities to their own language are: (V, E), (V, E) → (V, V).

    Section 3.2: row i of √(xxᵀ) says how similar word i is to each word of its language. Sorted, it
    no longer says to which, and two languages' rows can be compared. With x = USVᵀ, √(xxᵀ) = USUᵀ.
    """
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
        raise ValueError(f"expected as many words of x as of y, got {len(x)} and {len(y)}")
    distributions = []
    for vectors in (x, y):
        U, S, _ = torch.linalg.svd(vectors, full_matrices=False)
        distributions.append(normalise((U * S @ U.T).sort(dim=1).values))  # (V, V)
    return distributions[0] @ distributions[1].T


def dictionary(
    scores: Tensor, keep: float = 1.0, generator: torch.Generator | None = None
) -> Tensor:
    """Each source's best target and each target's best source: scores (V, W) → pairs (V + W, 2).

    ``keep`` < 1: only so large a part of the scores, drawn anew, may be chosen (section 3.3). The
    paper sets the others to 0, which would win wherever what is left is negative; here to −∞. A
    word of which nothing is left has no pair.

    Raises:
        FloatingPointError: scores of which none can be the largest, such as NaN.
    """
    if not 0 < keep <= 1:
        raise ValueError(f"expected 0 < keep <= 1, got {keep}")
    if keep < 1:
        drawn = torch.rand(scores.shape, generator=generator).to(scores.device)
        scores = scores.masked_fill(drawn >= keep, -torch.inf)
    sources, targets = ((scores != -torch.inf).any(dim=d).nonzero()[:, 0] for d in (1, 0))
    forward = torch.stack([sources, likeliest(scores[sources], dim=1)], dim=1)  # (V, 2)
    backward = torch.stack([likeliest(scores[:, targets], dim=0), targets], dim=1)  # (W, 2)
    return torch.cat([forward, backward]).cpu()


def initial_dictionary(x: Tensor, y: Tensor, cutoff: int = 4000, k: int = 10) -> Tensor:
    """First pairs (2n, 2) of the n most frequent words by how they stand in their own language."""
    n = min(len(x), len(y), cutoff)
    return dictionary(csls(distribution_similarity(x[:n], y[:n]), k))


# ---------------------------------------------------------------- dictionary and rotation, in turns


@dataclass(frozen=True)
class Alignment:
    """What `self_learning` ended with.

    Attributes:
        weight: (E, E), the rotation: x @ weight lies over y.
        pairs: (N, 2), the dictionary that it was computed from.
        objective: of each step, the mean similarity of the words to their nearest of the other
            language; it needs no dictionary, so the best of several runs can be chosen by it.
    """

    weight: Tensor
    pairs: Tensor
    objective: list[float]


def self_learning(
    x: Tensor,
    y: Tensor,
    pairs: Tensor,
    cutoff: int = 20_000,
    k: int = 10,
    keep: float = 0.1,
    patience: int = 50,
    generator: torch.Generator | None = None,
) -> Alignment:
    """Rotation from pairs, pairs from the rotation, until nothing improves (section 3.3).

    Args:
        x: (V, E), normalised, the most frequent words first.
        y: (W, E), likewise.
        pairs: (N, 2), the first pairs; they may be mostly wrong.
        cutoff: only so many words of each take part.
        keep: the part of the scores that may be chosen from at first; it doubles after ``patience``
            steps without a better objective (by 1e-6), and at 1 this is the end.
    """
    if patience < 1:
        raise ValueError(f"expected patience ≥ 1, got {patience}")
    x, y = x[:cutoff], y[:cutoff]
    best, waited, objective = -torch.inf, 0, list[float]()
    while True:
        weight = procrustes(x[pairs[:, 0]], y[pairs[:, 1]])  # (E, E)
        similarity = x @ weight @ y.T  # (V, W)
        nearest = similarity.amax(dim=1).mean() + similarity.amax(dim=0).mean()
        objective.append(nearest.item() / 2)
        waited = 0 if objective[-1] >= best + 1e-6 else waited + 1
        best = max(best, objective[-1])
        if waited > patience:
            if keep >= 1:
                return Alignment(weight, pairs, objective)
            keep, waited = min(1.0, 2 * keep), 0
        pairs = dictionary(csls(similarity, k), keep, generator)


def align(
    x: Tensor,
    y: Tensor,
    cutoff: int = 4000,
    k: int = 10,
    keep: float = 0.1,
    patience: int = 50,
    restarts: int = 1,
    generator: torch.Generator | None = None,
) -> Alignment:
    """Two clouds, no pair: `initial_dictionary`, then `self_learning` with the same words.

    ``restarts``: learn so often, each time with other draws, and keep what has the best objective.
    """
    if restarts < 1:
        raise ValueError(f"expected restarts ≥ 1, got {restarts}")
    pairs = initial_dictionary(x, y, cutoff, k)
    runs = [
        self_learning(x, y, pairs, cutoff, k, keep, patience, generator) for _ in range(restarts)
    ]
    return max(runs, key=lambda run: run.objective[-1])


# ---------------------------------------------------------------- the adversarial start


def orthogonalise(weight: Tensor, beta: float = 0.01) -> Tensor:
    """(1 + β)W − β(WWᵀ)W: a step back towards the orthogonal matrices, equation 7."""
    return (1 + beta) * weight - beta * (weight @ weight.T) @ weight


def discriminator(size: int, hidden: int, dropout: float = 0.1) -> nn.Sequential:
    """Vectors (B, E) → logits (B, 1) that they are mapped ones; section 3.1."""
    layers = [nn.Dropout(dropout), nn.Linear(size, hidden), nn.LeakyReLU(0.2)]
    return nn.Sequential(
        *layers, nn.Linear(hidden, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, 1)
    )


def adversarial_start(
    x: Tensor,
    y: Tensor,
    steps: int = 2000,
    batch: int = 32,
    hidden: int = 128,
    rate: float = 0.1,
    smoothing: float = 0.1,
    generator: torch.Generator | None = None,
) -> Tensor:
    """W (E, E) such that a discriminator cannot tell x @ W from y; equations 3 and 4.

    Five steps of the discriminator for one of W, by SGD, as the authors' code takes them; labels
    are smoothed. The discriminator's first weights and dropout are torch's own draws.
    """
    weight = torch.eye(x.shape[1]).to(x).requires_grad_()
    judge = discriminator(x.shape[1], hidden).to(x)
    of_weight = torch.optim.SGD([weight], rate)
    of_judge = torch.optim.SGD(judge.parameters(), rate)
    labels = torch.tensor([[1 - smoothing], [smoothing]]).to(x).repeat_interleave(batch, 0)
    for step in range(6 * steps):
        rows = [torch.randint(len(one), (batch,), generator=generator) for one in (x, y)]
        mapped, real = x[rows[0]] @ weight, y[rows[1]]  # (B, E) each
        if step % 6 < 5:  # mapped or real?
            logits = judge(torch.cat([mapped.detach(), real]))  # (2B, 1)
            loss, optimizer = F.binary_cross_entropy_with_logits(logits, labels), of_judge
        else:  # the other way about: W makes it say the opposite
            logits = judge(torch.cat([mapped, real]))
            loss, optimizer = F.binary_cross_entropy_with_logits(logits, 1 - labels), of_weight
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if optimizer is of_weight:
            with torch.no_grad():
                weight.copy_(orthogonalise(weight))
    return weight.detach()
