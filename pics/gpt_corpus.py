"""What GPT-3 read: how large each source is, and how much of the reading (table 2.2)."""

from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

SOURCES = ("Common Crawl", "WebText2", "Books1", "Books2", "Wikipedia")
BILLIONS = (410, 19, 12, 55, 3)
PERCENT = (60, 22, 8, 8, 3)
TIMES = (0.44, 2.9, 1.9, 0.43, 3.4)
TEXT = {
    "zh": ("语料里占的份额", "训练时读的份额", "%", "读了 {} 遍"),
    "en": ("share of the corpus", "share of what is read", "%", "read {} times"),
}


def draw(lang: str) -> Figure:
    corpus, reading, unit, times = TEXT[lang]
    figure, axes = new_figure(5.6, 2.2, lang=lang)
    for place, (billions, percent) in enumerate(zip(BILLIONS, PERCENT, strict=True)):
        share = 100 * billions / sum(BILLIONS)
        axes.barh(place - 0.2, share, 0.36, color=PALETTE[4], label=None if place else corpus)
        axes.barh(
            place + 0.2,
            percent,
            0.36,
            color=PALETTE[1],
            hatch="//",
            ec="white",
            label=None if place else reading,
        )
        label = times.format(TIMES[place])
        axes.text(max(share, percent) + 1, place, label, va="center", fontsize=9)
    axes.set_yticks(range(5), SOURCES, fontsize=9)
    axes.invert_yaxis()
    axes.set_xlim(0, 104)
    axes.set_xlabel(unit)
    axes.legend(loc="lower right", fontsize=9)
    return figure
