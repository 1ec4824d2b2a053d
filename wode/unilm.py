"""UniLM: one encoder that is BERT, GPT or an encoder–decoder, as a mask says.

*Unified Language Model Pre-training* (Dong et al., arXiv:1905.03197). The layers and all weights
are the same; who sees whom (`visible`) makes the architecture. In every mode tokens are hidden and
guessed at their own place, as BERT does it. The names in the state dict are those of
``transformers.BertForMaskedLM``.
"""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from wode.bert import Bert, Config
from wode.checks import likeliest, whole
from wode.pretraining import Predictions

MODES = ("bidirectional", "left-to-right", "right-to-left", "sequence-to-sequence")
SHARES = (1 / 3, 1 / 6, 1 / 6, 1 / 3)  # of the time each mode is trained (section 2.3)


def visible(mode: str, token_type_ids: Tensor) -> Tensor:
    """Who sees whom, figure 1: token_type_ids (B, T) → (B, T, T), true where row sees column.

    Type 0 is the source and type 1 the target, which only the last mode asks about.

    Raises:
        ValueError: a mode that there is not.
    """
    T = token_type_ids.shape[1]
    all_see_all = token_type_ids.new_ones(T, T, dtype=torch.bool).expand(len(token_type_ids), T, T)
    match mode:
        case "bidirectional":
            return all_see_all
        case "left-to-right":
            return all_see_all.tril()
        case "right-to-left":
            return all_see_all.triu()
        case "sequence-to-sequence":
            return all_see_all.tril() | (token_type_ids == 0)[:, None, :]
    raise unknown(mode)


def draw_modes(rows: int, generator: torch.Generator | None = None) -> list[str]:
    """A mode for each of ``rows`` texts, as often as `SHARES` says."""
    drawn = torch.multinomial(torch.tensor(SHARES), rows, replacement=True, generator=generator)
    return [MODES[number] for number in drawn.tolist()]


def segments(mode: str, token_type_ids: Tensor) -> Tensor:
    """Segment ids that tell the modes apart: two of its own for each of two texts, (B, T) → (B, T).

    "Different segment embeddings for different LM objectives" (section 2.1); 0 and 1, 2, 3, and
    4 and 5 are those of the authors' code.
    """
    match mode:
        case "bidirectional":
            return token_type_ids
        case "left-to-right":
            return torch.full_like(token_type_ids, 2)
        case "right-to-left":
            return torch.full_like(token_type_ids, 3)
        case "sequence-to-sequence":
            return token_type_ids + 4
    raise unknown(mode)


def unknown(mode: str) -> ValueError:
    return ValueError(f"expected a mode of {', '.join(MODES)}, got {mode!r}")


class UniLM(nn.Module):
    """A BERT with the head for words, which is told for each text who sees whom.

    With ``type_vocab_size`` 6 its segment ids tell it the mode, too (`segments`).
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.bert = Bert(config)
        del self.bert.pooler  # nothing asks for it
        predictions = Predictions(config, self.bert.embeddings.word_embeddings)
        self.cls = nn.Sequential(OrderedDict(predictions=predictions))

    def forward(
        self,
        input_ids: Tensor,
        modes: str | Sequence[str],
        token_type_ids: Tensor,
        attention_mask: Tensor | None = None,
    ) -> Tensor:
        """(B, T) each, one mode or one a text → scores (B, T, vocabulary).

        Raises:
            ValueError: not one mode a text, or one that there is not.
        """
        return self.cls(self.encode(input_ids, modes, token_type_ids, attention_mask))

    def encode(
        self,
        input_ids: Tensor,
        modes: str | Sequence[str],
        token_type_ids: Tensor,
        attention_mask: Tensor | None = None,
    ) -> Tensor:
        """The hidden states (B, T, E); as `forward` otherwise."""
        rows = (token_type_ids,) if isinstance(modes, str) else token_type_ids.split(1)
        each = (modes,) if isinstance(modes, str) else modes
        if len(each) != len(rows):
            raise ValueError(f"expected {len(rows)} modes, one a text, got {len(each)}")
        pairs = [*zip(each, rows, strict=True)]
        sees = torch.cat([visible(mode, row) for mode, row in pairs])  # (B, T, T)
        if self.config.type_vocab_size == 6:
            token_type_ids = torch.cat([segments(mode, row) for mode, row in pairs])
        return self.bert.encode(input_ids, attention_mask, token_type_ids, sees)


@torch.no_grad()
def write(model: UniLM, source: Tensor, mask: int, end: int, longest: int = 20) -> Tensor:
    """Write after each source (B, S), the most probable token at a time: (B, at most ``longest``).

    A [MASK], whose id is ``mask``, stands at the next place, is guessed, and gives way to the
    guess. Ends when all texts have an ``end``; what one has after its own is to be cut off.
    """
    ids, types = source, torch.zeros_like(source)
    for _ in range(whole("longest", longest)):
        ids = torch.cat([ids, ids.new_full((len(ids), 1), mask)], dim=1)  # (B, t + 1)
        types = torch.cat([types, torch.ones_like(types[:, :1])], dim=1)
        ids[:, -1] = likeliest(model(ids, "sequence-to-sequence", types)[:, -1])
        if (ids[:, source.shape[1] :] == end).any(dim=1).all():
            break
    return ids[:, source.shape[1] :]
