"""Three layers that each try three times: one question becomes 27 requests."""

from matplotlib.figure import Figure

from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("一个问题", "你的循环", "客户端", "代理", "{} 个请求"),
    "en": ("one question", "your loop", "the client", "a proxy", "{} requests"),
}


def draw(lang: str) -> Figure:
    *names, requests = TEXT[lang]
    figure, axes = new_figure(5.6, 2.0, lang=lang)
    for level, name in enumerate(names):
        count = 3**level
        places = [(k + 0.5) * 27 / count for k in range(count)]
        if level:
            for k, y in enumerate(places):
                before = (k // 3 + 0.5) * 27 / 3 ** (level - 1)
                axes.plot([level - 1, level], [before, y], color="0.6", linewidth=0.8, zorder=0)
        axes.plot([level] * count, places, MARKERS[level], color=PALETTE[level], markersize=5)
        axes.text(level, 29, name, ha="center", fontsize=9)
        if level:
            axes.text(level, -1.5, requests.format(count), ha="center", va="top", fontsize=9)
    axes.set_xlim(-0.4, 3.4)
    axes.set_ylim(-4, 32)
    axes.axis("off")
    return figure
