"""BLEU of each way in both directions, a mark for each world."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

ROWS = ("whole", "vectors", "two_encoders", "no_denoising", "no_back_translation",
        "no_alignment", "no_mark", "by_words", "ordered", "dictionary_ordered",
        "any_lines", "p30", "p100", "p300", "p1000", "p20000")  # fmt: skip
TEXT = {
    "zh": {
        "rows": ("全套", "从对齐的向量开始", "两个编码器", "不去噪", "不回译", "不对齐",
                 "无标记、不分词表",
                 "逐词", "逐词，语言模型排序", "同上，词典全对", "随便一句英语", "30 个句对",
                 "100 个句对", "300 个句对", "1,000 个句对", "20,000 个句对"),
        "kinds": ("译成英语", "译成姐妹语"),
    },
    "en": {
        "rows": ("whole", "from the aligned vectors", "two encoders", "no denoising",
                 "no back-translation", "no alignment", "no mark, no lists", "word by word",
                 "the same, ordered by an LM", "ordered, right dictionary", "any English sentence",
                 "30 pairs", "100 pairs", "300 pairs", "1,000 pairs", "20,000 pairs"),
        "kinds": ("into English", "into the sister"),
    },
}  # fmt: skip


def draw(lang: str) -> Figure:
    numbers, text = results.read("unsupervised_translation")["numbers"], TEXT[lang]
    figure, axes = new_figure(5.6, 3.5, lang=lang)
    for row, name in enumerate(ROWS):
        found = numbers["ways"].get(name) or numbers["pairs"].get(name)
        found = found or {"to_english": numbers["words"][name]}
        for n, direction in enumerate(("to_english", "to_sister")):
            if direction not in found:
                continue
            values = found[direction]["bleu"]["seeds"]
            axes.scatter(
                values, [-row - 0.2 * (n - 0.5)] * len(values), s=22, color=PALETTE[n],
                marker=MARKERS[n], alpha=0.75, label=text["kinds"][n] if row == 0 else None,
            )  # fmt: skip
    for line in (6.5, 10.5):
        axes.axhline(-line, color="gray", linewidth=0.8, linestyle=":")
    axes.set_yticks([-row for row in range(len(ROWS))], text["rows"])
    axes.set_xlabel("BLEU")
    axes.set_xlim(-2, 102)
    axes.grid(visible=True, axis="x")
    figure.legend(
        *axes.get_legend_handles_labels(), fontsize=9, loc="outside upper center", ncols=2
    )
    return figure
