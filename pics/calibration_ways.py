"""Accuracy of each way, without examples and with four (results/calibration.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

WAYS = ("sum", "per_token", "per_letter", "content_free", "batch", "middle")
PAIRS = ("1_1", "good_bad", "1_4", "4_1", "2_4")
NAMES = (
    "positive | negative",
    "good | bad",
    "good | not good at all",
    "not bad at all | bad",
    "very good | not good at all",
)
TEXT = {
    "zh": ("相加", "每词元", "每字母", "N/A", "批校准", "平均线"),
    "en": ("sum", "per token", "per letter", "N/A", "batch", "mean line"),
}
PROMPTS = {
    "zh": {"question": "Q/A", "sentiment": "Review/Sentiment", "sentence": "This review is"},
    "en": {"question": "Q/A", "sentiment": "Review/Sentiment", "sentence": "This review is"},
}


def draw(lang: str) -> Figure:
    numbers = results.read("calibration")["numbers"]["zero"]
    figure, panels = new_figure(5.6, 4.6, nrows=5, sharex=True, lang=lang)
    for panel, pair, name in zip(panels, PAIRS, NAMES, strict=True):
        for place, (prompt, label) in enumerate(PROMPTS[lang].items()):
            y = [100 * numbers[prompt][pair][way]["right"] for way in WAYS]
            x = [i + 0.16 * (place - 1) for i in range(len(WAYS))]
            panel.plot(x, y, MARKERS[place], color=PALETTE[place], ms=5, label=label)
        panel.axhline(50, color="gray", lw=0.8, ls=":")
        panel.set_ylim(38, 107)
        panel.set_yticks([50, 100], ["50", "100"], fontsize=9)
        panel.set_title(name, fontsize=9, pad=2)
        panel.set_xlim(-0.6, len(WAYS) - 0.4)
    panels[-1].set_xticks(range(len(WAYS)), TEXT[lang], fontsize=9)
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3, fontsize=9)
    return figure
