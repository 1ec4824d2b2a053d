"""Three characters, ten bytes, six pieces: no piece is a whole character."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, chinese_font, new_figure

CHARACTERS = (("北", 3), ("京", 3), ("🙂", 4))
PIECES = (("åĮ", 2), ("Ĺ", 1), ("äº", 2), ("¬", 1), ("ðŁ", 2), ("ĻĤ", 2))  # SmolLM2's
NAMES = {"zh": ("字", "字节", "词元"), "en": ("characters", "bytes", "tokens")}


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 1.5, lang=lang)
    axes.axis("off")
    text = [f"{byte:02X}" for c, _ in CHARACTERS for byte in c.encode()]
    rows = (CHARACTERS, tuple((byte, 1) for byte in text), PIECES)
    for row, boxes in enumerate(rows):
        axes.text(-0.3, -row, NAMES[lang][row], ha="right", va="center", fontsize=9.5)
        left = 0
        for label, width in boxes:
            axes.add_patch(
                FancyBboxPatch(
                    (left + 0.06, -row - 0.34), width - 0.12, 0.68,
                    boxstyle="round,pad=0,rounding_size=0.12",
                    facecolor=PALETTE[1] if row == 2 else "none",
                    edgecolor=PALETTE[1] if row == 2 else PALETTE[0],
                    alpha=0.35 if row == 2 else 1, linewidth=1.2,
                )
            )  # fmt: skip
            shown = "U+1F642" if label == "🙂" else label
            axes.text(
                left + width / 2, -row - 0.03, shown, ha="center", va="center",
                fontsize=9 if row else 10.5,
                family="DejaVu Sans" if row else chinese_font(),
            )  # fmt: skip
            left += width
    axes.set_xlim(-2.2, 10.1)
    axes.set_ylim(-2.5, 0.5)
    return figure
