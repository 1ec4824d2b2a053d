"""One sentence, its units by four ways, and which of them one throw of the coins hides."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure

ZH = ("她", "去年", "冬天", "从", "哈尔滨", "寄", "来", "两张", "漂亮", "的", "明信片", "。")
EN = ("she", "sent", "two", "pretty", "post ##cards", "from", "new", "york", "last", "winter", ".")
ROWS: dict[str, Any] = {  # a name, units, the places of those hidden; in Chinese as the page prints
    "zh": (
        ("字", tuple("".join(ZH)), (2, 3, 7, 14, 16)),
        ("整词", ZH, (4, 8)),
        ("短语、名字", (ZH[0], "去年冬天", *ZH[3:7], "两张漂亮的明信片", "。"), (2, 4, 6)),
        ("片段", ZH, (4, 5, 6)),
    ),
    "en": (
        ("pieces", (*EN[:4], "post", "##cards", *EN[5:]), (1, 5, 8)),
        ("whole words", EN, (4, 6)),
        ("phrases, names", (*EN[:2], "two pretty post ##cards", "from", "new york", "last winter",
                            "."), (2, 4)),
        ("spans", EN, (6, 7, 8)),
    ),
}  # fmt: skip


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 1.75, lang=lang)
    axes.axis("off")
    end = 0.0
    for row, (name, units, hidden) in enumerate(ROWS[lang]):
        axes.text(-0.3, -row, name, ha="right", va="center", fontsize=9)
        begin = 0.0
        for place, unit in enumerate(units):
            tokens = list(unit) if lang == "zh" else unit.split()
            widths = [1.0 if lang == "zh" else 0.6 + 0.52 * len(token) for token in tokens]
            chosen = place in hidden
            axes.add_patch(
                FancyBboxPatch(
                    (begin + 0.08, -row - 0.36), sum(widths) - 0.16, 0.72,
                    boxstyle="round,pad=0,rounding_size=0.15",
                    facecolor=PALETTE[1] if chosen else "none",
                    edgecolor=PALETTE[1] if chosen else "#808080",
                    alpha=0.45 if chosen else 1, linewidth=1.2,
                )
            )  # fmt: skip
            for token, width in zip(tokens, widths, strict=True):
                axes.text(
                    begin + width / 2, -row - 0.03, token, ha="center", va="center",
                    fontsize=9 if lang == "zh" else 8,
                )  # fmt: skip
                begin += width
        end = max(end, begin)
    axes.set_xlim(-0.22 * end if lang == "zh" else -0.27 * end, end + 0.1)
    axes.set_ylim(-3.5, 0.5)
    return figure
