"""BLEU of a small translator by the sizes of its words and positions, in order and shuffled."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "words": "词",
        "waves": "位置",
        "none": "没有位置",
        "in_order": "原文",
        "shuffled": "原文打乱",
    },
    "en": {
        "words": "words",
        "waves": "positions",
        "none": "no positions",
        "in_order": "source",
        "shuffled": "source shuffled",
    },
}
ROWS = [  # words times, positions times, name in the results, a word's length to a position's
    ("8", "1", "words_8_waves_1", "1.4"),
    ("1", "1/8", "words_1_waves_eighth", "1.4"),
    ("1", "1", "words_1_waves_1", "0.17"),
    ("8", "8", "words_8_waves_8", "0.17"),
    ("8", "0", "words_8_waves_0", ""),
    ("1", "0", "words_1_waves_0", ""),
]


def draw(lang: str) -> Figure:
    numbers, text = results.read("positions")["numbers"]["scales"], TEXT[lang]
    figure, axes = new_figure(5.6, 2.4, lang=lang)
    for k, (_, _, name, _) in enumerate(ROWS):
        for n, (key, marker) in enumerate(zip(("in_order", "shuffled"), "os", strict=True)):
            each, y = [round(b, 1) for b in numbers[name][key]["each"]], k + 0.15 * (2 * n - 1)
            axes.plot(each, [y] * len(each), color=PALETTE[n], linewidth=1.5)
            axes.plot(
                each,
                [y] * len(each),
                marker,
                color=PALETTE[n],
                markerfacecolor=PALETTE[0] if n == 0 else "none",
                markersize=6,
                linestyle="none",
                label=text[key] if k == 0 else None,
            )
    labels = [
        f"{text['words']} × {words}, {text['waves']} × {waves} ({ratio})"
        if ratio
        else f"{text['words']} × {words}, {text['none']}"
        for words, waves, _, ratio in ROWS
    ]
    axes.set_yticks(range(len(ROWS)), labels, fontsize=9)
    axes.invert_yaxis()
    axes.set_xlim(0, 104)
    axes.set_xlabel("BLEU")
    axes.grid(visible=True)
    axes.legend(loc="upper left", fontsize=9)
    return figure
