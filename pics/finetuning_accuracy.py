"""Every way and every baseline on the held-out pairs: all of them, and each kind by itself."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

WAYS = ["overlap", "bag_of_words", "cosine", "frozen", "apart", "trainer", "pair"]
KINDS = ["all", "same_many", "same_few", "other_many", "other_few"]
WORDS = {
    "zh": {
        "overlap": "共有的词",
        "bag_of_words": "词袋",
        "cosine": "余弦",
        "frozen": "冻结 + 线性层",
        "apart": "微调，分开编码",
        "trainer": "微调，Trainer",
        "pair": "微调，一个输入",
        "kinds": ["全部", "相同\n词多", "相同\n词少", "不同\n词多", "不同\n词少"],
        "x": "答对的比例",
    },
    "en": {
        "overlap": "words in common",
        "bag_of_words": "bag of words",
        "cosine": "cosine",
        "frozen": "frozen + linear",
        "apart": "tuned, apart",
        "trainer": "tuned, Trainer",
        "pair": "tuned, one input",
        "kinds": ["all", "same,\nmany", "same,\nfew", "other,\nmany", "other,\nfew"],
        "x": "share right",
    },
}


def draw(lang: str) -> Figure:
    numbers, words = results.read("finetuning")["numbers"], WORDS[lang]
    figure, panels = new_figure(5.6, 3.4, ncols=5, sharey=True, lang=lang)
    for kind, title, axes in zip(KINDS, words["kinds"], panels, strict=True):
        for place, way in enumerate(reversed(WAYS)):
            plain = way in numbers["baselines"]
            if plain:
                table = numbers["baselines"]
                values = [table[way] if kind == "all" else table[f"{way}_kinds"][kind]]
            else:
                table = numbers[way]
                values = table["last"] if kind == "all" else table["each_kinds"][kind]
            colour = PALETTE[5] if plain else PALETTE[0]
            axes.plot([0, sum(values) / len(values)], [place] * 2, color=colour, lw=4, alpha=0.35)
            marker = "D" if plain else "o"
            axes.plot(values, [place] * len(values), marker, color=colour, markersize=4)
        axes.set_title(title, fontsize=9)
        axes.set_xlim(-0.08, 1.08)
        axes.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
        axes.axvline(0.5, color="grey", linewidth=1, linestyle=":")
    panels[0].set_yticks(range(len(WAYS)), [words[way] for way in reversed(WAYS)])
    panels[2].set_xlabel(words["x"])
    return figure
