"""One text, damaged in seven ways: what the encoder reads and what the decoder writes."""

import random

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.denoising import (
    document_rotation,
    mass,
    sentence_permutation,
    span_corruption,
    text_infilling,
    token_deletion,
    token_masking,
)
from wode.plotting import PALETTE, new_figure

TEXTS = {
    "zh": [[*"她从哈尔滨寄来两张明信片。"], [*"我很喜欢。"]],
    "en": [
        ["she", "sent", "two", "cards", "from", "the", "north", "."],
        ["i", "like", "them", "."],
    ],
}
NAMES = {
    "zh": ("原文", "MASS", "写出", "BART：盖住", "删去", "文本填充", "换句序", "转一圈", "写出",
           "T5：片段", "写出"),
    "en": ("text", "MASS", "to write", "BART: mask", "delete", "infill", "permute", "rotate",
           "to write", "T5: spans", "to write"),
}  # fmt: skip
MARKS = ["①", "②", "③", "④"]
GREY = "#808080"


def rows(lang: str) -> list[tuple[list[str], list[bool]]]:
    """Tokens, and which of them are coloured: as the page draws them."""
    sentences = TEXTS[lang]
    for own in ("zh", "en"):  # the page damages the Chinese text first
        chance = random.Random(12)
        text = [token for sentence in TEXTS[own] for token in sentence]
        hidden = mass(text, "□", chance)
        spans = span_corruption(text, MARKS, chance, share=0.3, mean=2)
        damaged = [
            token_masking(text, "□", chance, share=0.3),
            token_deletion(text, chance, share=0.3),
            text_infilling(text, "□", chance, share=0.3, mean=2),
            sentence_permutation(sentences, chance) if own == lang else [],
            document_rotation(text, chance),
        ]
        if own == lang:
            break

    def marked(tokens: list[str]) -> tuple[list[str], list[bool]]:
        return tokens, [token == "□" or token in MARKS for token in tokens]

    turned, moved = damaged[4], damaged[3]
    begin = next(n for n in range(len(text)) if text[n:] + text[:n] == turned)
    first = len(sentences[1]) if moved != text else 0
    return [
        (text, [False] * len(text)),
        marked(hidden.source),
        (hidden.target, [True] * len(hidden.target)),
        *(marked(row) for row in damaged[:3]),
        (moved, [n < first for n in range(len(moved))]),
        (turned, [n >= len(text) - begin for n in range(len(text))]),
        (text, [True] * len(text)),
        marked(spans.source),
        (spans.target, [True] * len(spans.target)),
    ]


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 3.5, lang=lang)
    axes.axis("off")
    lines, end = rows(lang), 0.0
    for row, ((tokens, coloured), name) in enumerate(zip(lines, NAMES[lang], strict=True)):
        y, target = (
            -row - 0.25 * (row >= 1) - 0.25 * (row >= 3) - 0.25 * (row >= 9),
            row in (2, 8, 10),
        )
        axes.text(
            -0.4, y, name, ha="right", va="center", fontsize=9, color=GREY if target else "black"
        )
        begin = 0.0
        for token, mine in zip(tokens, coloured, strict=True):
            width = 1.05 if lang == "zh" or len(token) == 1 else 0.5 + 0.56 * len(token)
            color = PALETTE[1] if mine and not target else PALETTE[0] if mine else GREY
            axes.add_patch(
                FancyBboxPatch(
                    (begin + 0.07, y - 0.36), width - 0.14, 0.72,
                    boxstyle="round,pad=0,rounding_size=0.15", linewidth=1,
                    facecolor=color if mine else "none", edgecolor=color,
                    alpha=0.4 if mine else 1, linestyle="-",
                )
            )  # fmt: skip
            if token != "□":
                axes.text(begin + width / 2, y - 0.03, token, ha="center", va="center", fontsize=9)
            begin += width
        end = max(end, begin)
    axes.set_xlim(-0.26 * end, end + 0.1)
    axes.set_ylim(-11.3, 0.5)
    return figure
