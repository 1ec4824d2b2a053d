"""Contextual calibration: divide by what a prompt makes of a question that says nothing.

*Calibrate Before Use* (Zhao et al., arXiv:2102.09690). `wode.prompting.Reader.classify` uses it.
"""

import math

import torch
from torch import Tensor

from wode.checks import likeliest

CONTENT_FREE = ("N/A", "[MASK]", "")  # questions that say nothing


def contextual_calibration(logprobs: Tensor, content_free: Tensor) -> Tensor:
    """W p with W = diag(p_cf)⁻¹, p and p_cf normalised over the labels, p_cf a mean over C.

    In logarithms and in float64 all through: a label may be hundreds of nats below another, or
    −∞ in some of the C rows.

    Args:
        logprobs: (B, L), the labels' log-probabilities.
        content_free: (C, L), the same for C content-free questions.

    Returns:
        (B, L), rows that sum to 1; of whole numbers, in torch's default type.

    Raises:
        ValueError: not such shapes, or a label that is −∞ in every content-free row: there is
            nothing to divide by.
        FloatingPointError: a row with NaN or +∞, or −∞ throughout.
    """
    if logprobs.ndim != 2 or content_free.ndim != 2 or logprobs.shape[1] != content_free.shape[1]:
        shapes = f"{tuple(logprobs.shape)} and {tuple(content_free.shape)}"
        raise ValueError(f"expected logprobs (B, L) and content_free (C, L), got {shapes}")
    likeliest(logprobs), likeliest(content_free)  # raise
    impossible = (content_free == -math.inf).all(dim=0).nonzero()[:, 0].tolist()  # if C = 0: all
    if impossible:
        raise ValueError(
            f"expected a probability above 0 for each label after some of the {len(content_free)} "
            f"content-free questions, got 0 for the labels {impossible}: nothing to divide by"
        )
    log_p = logprobs.double().log_softmax(dim=1)  # (B, L)
    log_p_cf = content_free.double().log_softmax(dim=1).logsumexp(dim=0)  # (L,), plus log C
    return (log_p - log_p_cf).softmax(dim=1).to(torch.result_type(logprobs, 1.0))
