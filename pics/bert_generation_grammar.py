"""How much of what was written the small grammar allows, by what was asked in training."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

WAYS = ("causal", "causal15", "prefix", "any", "masked")
TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "ways": ("因果", "因果\n15% 标签", "掩码\n只问开头", "掩码\n任意比例", "掩码\n15%"),
        "steps": ("400 步", "1600 步"),
        "y": "写对的比例",
    },
    "en": {
        "ways": (
            "causal", "causal\n15% labels", "masked\nprefixes", "masked\nany share", "masked\n15%",
        ),
        "steps": ("400 steps", "1600 steps"),
        "y": "share that is right",
    },
}  # fmt: skip


def draw(lang: str) -> Figure:
    numbers, text = results.read("bert_generation")["numbers"]["every_grammar"], TEXT[lang]
    figure, axes = new_figure(5.6, 2.4, lang=lang)
    for k, steps in enumerate((400, 1600)):
        for place, way in enumerate(WAYS):
            shares, x = numbers[f"{way}_{steps}"]["left"], place + (-0.2, 0.2)[k]
            axes.bar(
                x, sum(shares) / len(shares), 0.36,
                facecolor=PALETTE[k] if k else "none", edgecolor=PALETTE[k], alpha=0.7,
                hatch=None if k else "//", label=text["steps"][k] if place == 0 else None,
            )  # fmt: skip
            axes.plot([x] * len(shares), shares, "o", color="black", markersize=2.5)
    axes.set_xticks(range(len(WAYS)), text["ways"], fontsize=9)
    axes.set_ylabel(text["y"])
    axes.set_ylim(0, 1.25)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    axes.grid(visible=True, axis="y")
    axes.legend(loc="upper right", fontsize=9, ncols=2)
    return figure
