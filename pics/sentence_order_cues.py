"""What a list of words tells of the order: in the stories, and in the articles."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

WORDS = {
    "zh": {
        "rows": ["小故事", "百科文章"],
        "parts": ["说对", "说错", "两句都像，或都不像"],
        "x": "句对（%）",
    },
    "en": {
        "rows": ["stories", "articles"],
        "parts": ["right", "wrong", "both begin so, or neither"],
        "x": "pairs (%)",
    },
}
HATCHES = ["", "//", ".."]


def draw(lang: str) -> Figure:
    numbers, words = results.read("sentence_order")["numbers"]["mean"], WORDS[lang]
    figure, axes = new_figure(5.6, 1.9, lang=lang)
    for y, task in enumerate(("stories", "sop")):
        told, right = numbers[task]["cued"], numbers[task]["rule"]
        left = 0.0
        for n, share in enumerate((told * right, told * (1 - right), 1 - told)):
            axes.barh(
                y, 100 * share, 0.6, left=left, color=[*PALETTE[:2], "#c0c0c0"][n], alpha=0.55,
                hatch=HATCHES[n], edgecolor="white", label=words["parts"][n] if y == 0 else None,
            )  # fmt: skip
            axes.text(
                left + 50 * share, y, f"{100 * share:.0f}", ha="center", va="center", fontsize=9.5
            )
            left += 100 * share
    axes.set_yticks(range(2), words["rows"])
    axes.set_ylim(1.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_xlabel(words["x"])
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=9)
    return figure
