"""How often NSP and SOP are answered right by common words alone, and by MiniLM."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

WORDS = {
    "zh": {
        "words": "只数相同的词",
        "minilm": "MiniLM 的余弦",
        "probe": "MiniLM 加线性层",
        "tasks": ["NSP，外来句\n取自任何文章", "NSP，外来句\n取自同一篇", "SOP"],
        "x": "答对的比例（%），没见过的文章",
    },
    "en": {
        "words": "common words only",
        "minilm": "MiniLM's cosine",
        "probe": "MiniLM and a linear layer",
        "tasks": ["NSP, stranger\nfrom any article", "NSP, stranger\nfrom the same one", "SOP"],
        "x": "right (%), on held-out articles",
    },
}
HATCHES = ["", "//", ".."]


def draw(lang: str) -> Figure:
    numbers, words = results.read("bert_pretraining")["numbers"], WORDS[lang]
    figure, axes = new_figure(6.6, 3.3, lang=lang)
    for n, judge in enumerate(("words", "minilm", "probe")):
        for k, task in enumerate(("nsp", "nsp_same_article", "sop")):
            values = [100 * value for value in numbers["pairs"][task][judge]]
            y, mean = k + 0.27 * (n - 1), sum(values) / len(values)
            axes.barh(
                y, mean, 0.24, color=PALETTE[n], alpha=0.55, hatch=HATCHES[n],
                edgecolor="white", label=words[judge] if k == 0 else None,
            )  # fmt: skip
            axes.plot(values, [y] * len(values), ".", color="#303030", markersize=4)
            axes.text(max(values) + 1, y, f"{mean:.0f}", va="center", fontsize=9)
    axes.axvline(50, color="#606060", linewidth=1, linestyle=":")
    axes.set_yticks(range(3), words["tasks"])
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel(words["x"])
    axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=3, fontsize=8.5)
    return figure
