"""What was written, judged by SmolLM2 and by how much of it is different, beside known texts."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

ROWS = [
    ("causal_2000_left_10", 0),
    ("causal_2000_left_07", 0),
    ("masked_2000_left_10", 1),
    ("masked_2000_gibbs_20_10", 1),
    ("masked_2000_gibbs_20_07", 1),
    ("masked_2000_confident_16_10", 1),
    ("any_2000_left_10", 2),
    ("any_2000_gibbs_20_10", 2),
    ("any_2000_gibbs_20_07", 2),
    ("any_2000_confident_16_10", 2),
]
TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "rows": (
            "因果", "因果，温度 0.7", "15%：从左往右", "15%：吉布斯", "15%：吉布斯，0.7",
            "15%：先填有把握的", "任意：从左往右", "任意：吉布斯", "任意：吉布斯，0.7",
            "任意：先填有把握的",
        ),
        "known": {"real": "真实", "shuffled": "打乱", "one_sentence": "同一句"},
        "x": ("奈特／词元，低为好", "不同的词对"),
    },
    "en": {
        "rows": (
            "causal", "causal, temp. 0.7", "15%: left to right", "15%: Gibbs",
            "15%: Gibbs, 0.7", "15%: surest first", "any: left to right", "any: Gibbs",
            "any: Gibbs, 0.7", "any: surest first",
        ),
        "known": {"real": "real", "shuffled": "shuffled", "one_sentence": "one"},
        "x": ("nats a token, low is good", "different pairs"),
    },
}  # fmt: skip


def draw(lang: str) -> Figure:
    numbers, text = results.read("bert_generation")["numbers"], TEXT[lang]
    figure, panels = new_figure(
        5.6, 3.1, ncols=2, lang=lang, sharey=True, gridspec_kw={"width_ratios": [1.7, 1]}
    )
    for axes, key, label in zip(panels, ("nats", "distinct"), text["x"], strict=True):
        for row, (name, kind) in enumerate(ROWS):
            values = numbers["every_set"][name][key]
            axes.plot(
                values, [row] * len(values), MARKERS[kind], color=PALETTE[kind], markersize=6,
                markerfacecolor="none", linestyle="none",
            )  # fmt: skip
        axes.set_xlabel(label)
        axes.grid(visible=True, axis="x")
        for name, known in text["known"].items():
            value = numbers["controls"][name][key]
            if key == "nats" or name == "real":
                axes.axvline(value, color="#606060", linewidth=1, linestyle=":")
                axes.text(value, -0.75, known, ha="center", fontsize=9, color="#606060")
    panels[0].set_yticks(range(len(ROWS)), text["rows"], fontsize=9)
    panels[0].set_ylim(len(ROWS) - 0.5, -1.3)
    panels[0].set_xlim(1.6, 9)
    panels[1].set_xlim(0.7, 1.0)
    return figure
