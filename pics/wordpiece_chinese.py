"""One Chinese sentence, a piece a character: which of them two vocabularies hold."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, chinese_font, new_figure

TEXT = "我爱北京天安门"
ROWS = {  # as the page prints: MiniLM's vocabulary, and the characters of 640 sentences
    "zh": (("MiniLM 的词表", "我北京天安"), ("读过的九百多个字", "我天安门")),
    "en": (("MiniLM's vocabulary", "我北京天安"), ("900 characters read", "我天安门")),
}


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 1.15, lang=lang)
    axes.axis("off")
    for row, (name, known) in enumerate(ROWS[lang]):
        axes.text(-0.3, -row, name, ha="right", va="center", fontsize=9.5)
        for place, character in enumerate(TEXT):
            held = character in known
            axes.add_patch(
                FancyBboxPatch(
                    (1.25 * place + 0.05, -row - 0.34), 1.1, 0.68,
                    boxstyle="round,pad=0,rounding_size=0.12",
                    facecolor=PALETTE[0] if held else "none",
                    edgecolor=PALETTE[0] if held else PALETTE[1],
                    linestyle="-" if held else "--", alpha=0.35 if held else 1, linewidth=1.2,
                )
            )  # fmt: skip
            axes.text(
                1.25 * place + 0.6, -row - 0.03, character if held else "[UNK]", ha="center",
                va="center", fontsize=11 if held else 9, family=chinese_font(),
            )  # fmt: skip
    axes.set_xlim(-4.6, 8.9)
    axes.set_ylim(-1.5, 0.5)
    return figure
