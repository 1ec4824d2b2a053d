"""The digit 11 places ago: each way's share of right answers, every seed, learned longest."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

ROWS = ("alone2", "restarts1", "restarts2", "counts2", "anywhere2", "memory2")
TEXT = {
    "zh": {
        "rows": ("距离，没有记忆，300 步", "每段从 0 数起，1 层，900 步", "每段从 0 数起，900 步",
                 "一直数下去，600 步", "同上，起点随机，600 步", "距离，300 步"),
        "kinds": ("与学的时候一样长", "三倍长的文本", "从第 800 个位置起"),
        "x": "答对的比例",
    },
    "en": {
        "rows": ("distances, no memory, 300 steps", "from 0 each time, 1 layer, 900",
                 "from 0 each time, 900", "counting on, 600", "the same, start at random, 600",
                 "distances, 300"),
        "kinds": ("as long as learned", "three times as long", "from place 800 on"),
        "x": "share of right answers",
    },
}  # fmt: skip


def draw(lang: str) -> Figure:
    numbers, text = results.read("transformer_xl")["numbers"], TEXT[lang]
    copied = {way: found["best"] for way, found in numbers["copied"].items()}
    copied |= numbers["copied_longer"]
    figure, axes = new_figure(5.6, 3.1, lang=lang)
    for n, how in enumerate(("as_learned", "longer", "later")):
        points = [
            (value, len(ROWS) - row - 0.22 * (n - 1))
            for row, way in enumerate(ROWS)
            for value in copied[way][how]["seeds"]
        ]
        axes.scatter(
            *zip(*points, strict=True), s=22, color=PALETTE[n], marker=MARKERS[n], alpha=0.7,
            label=text["kinds"][n],
        )  # fmt: skip
    axes.axvline(0.1, color="gray", linestyle=":", linewidth=1)
    axes.set_yticks([len(ROWS) - row for row in range(len(ROWS))], text["rows"])
    axes.set_xlabel(text["x"])
    axes.set_xlim(0, 1.03)
    axes.grid(visible=True, axis="x")
    figure.legend(
        *axes.get_legend_handles_labels(), fontsize=9, loc="outside upper center", ncols=3
    )
    return figure
