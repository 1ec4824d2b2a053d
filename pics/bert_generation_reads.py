"""What each model reads when it learns and when it writes: the causal one twice the same."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "titles": ("学的时候", "写的时候"),
        "names": ("因果", "掩码"),
        "words": ("她", "买了", "两本", "红", "书", "。"),
    },
    "en": {
        "titles": ("learning", "writing"),
        "names": ("causal", "masked"),
        "words": ("she", "bought", "two", "red", "books", "."),
    },
}
GAP, ASKED, THERE, ABSENT = "gap", "asked", "there", "absent"
ROWS = {  # of what is read when the second word is asked for
    ("causal", 0): (THERE, ASKED, ABSENT, ABSENT, ABSENT, ABSENT),
    ("causal", 1): (THERE, ASKED, ABSENT, ABSENT, ABSENT, ABSENT),
    ("masked", 0): (THERE, ASKED, THERE, THERE, THERE, THERE),
    ("masked", 1): (THERE, ASKED, GAP, GAP, GAP, GAP),
}


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, panels = new_figure(5.6, 2.9, nrows=2, lang=lang)
    for when, (axes, title) in enumerate(zip(panels, text["titles"], strict=True)):
        axes.axis("off")
        axes.set_title(title, fontsize=11, loc="left")
        for row, (name, kind) in enumerate(zip(text["names"], ("causal", "masked"), strict=True)):
            axes.text(-0.75, -row, name, ha="right", va="center", fontsize=10)
            for place, state in enumerate(ROWS[kind, when]):
                if state == ABSENT:
                    continue
                word = {THERE: text["words"][place], ASKED: "?", GAP: "[MASK]"}[state]
                color = {THERE: "#606060", ASKED: PALETTE[1], GAP: PALETTE[0]}[state]
                axes.add_patch(
                    Rectangle(
                        (place - 0.46, -row - 0.36), 0.92, 0.72,
                        facecolor=PALETTE[1] if state == ASKED else "none", edgecolor=color,
                        alpha=0.35 if state == ASKED else 1, linewidth=1.3,
                        linestyle="--" if state == GAP else "-",
                    )
                )  # fmt: skip
                axes.text(place, -row, word, ha="center", va="center", fontsize=9)
        axes.set_xlim(-1.9, 5.6)
        axes.set_ylim(-1.5, 0.5)
    return figure
