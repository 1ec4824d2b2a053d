"""Of 72 attention heads, how often each moves to the noun that a swapped pronoun means."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

KINDS = ("he_she", "it_they", "riddles")
WORDS = {
    "zh": {
        "names": ("he / she\n64 对", "it / they\n64 对", "it，靠常识\n12 对"),
        "heads": "一个头（共 72 个）",
        "coins": "72 枚硬币里最好的",
        "vectors": "只看输入向量",
        "mixed": "打乱词序，最好的头",
        "untrained": "没训练的网络，最好的头",
        "own": "只有输入向量训练过，最好的头",
        "y": "移对的比例",
    },
    "en": {
        "names": ("he / she\n64 pairs", "it / they\n64 pairs", "it, by sense\n12 pairs"),
        "heads": "one head of 72",
        "coins": "the best of 72 coins",
        "vectors": "input vectors alone",
        "mixed": "words shuffled, best head",
        "untrained": "untrained network, best head",
        "own": "only input vectors trained, best",
        "y": "moved the right way",
    },
}


def draw(lang: str) -> Figure:
    numbers, words = results.read("wordpiece")["numbers"]["pronouns"], WORDS[lang]
    figure, axes = new_figure(5.6, 3.3, lang=lang)
    for column, kind in enumerate(KINDS):
        one = numbers[kind]
        heads = sorted(share for layer in one["heads"] for share in layer)
        spread = [column - 0.3 + 0.36 * (k % 9) / 8 for k in range(len(heads))]
        axes.plot(
            spread, heads, linestyle="", marker=MARKERS[0], markersize=3.5, color=PALETTE[0],
            label=words["heads"] if column == 0 else None,
        )  # fmt: skip
        axes.plot(
            [column - 0.36, column + 0.36], [one["best_of_72_coins"]] * 2, color="#707070",
            linestyle=":", label=words["coins"] if column == 0 else None,
        )  # fmt: skip
        if kind == "riddles":
            continue
        controls = (
            ("vectors", one["input_vectors"], 3, PALETTE[1]),
            ("mixed", max(one["mixed_best"]), 2, PALETTE[2]),
            ("own", max(one["own_vectors_best"]), 1, PALETTE[4]),
            ("untrained", max(one["untrained_best"]), 4, PALETTE[3]),
        )
        for k, (name, value, marker, color) in enumerate(controls):
            axes.plot(
                [column + 0.14 + 0.09 * k], [value], linestyle="", marker=MARKERS[marker],
                markersize=7, color=color, label=words[name] if column == 0 else None,
            )  # fmt: skip
    axes.set_xticks(range(3), words["names"])
    axes.set_xlim(-0.5, 2.5)
    axes.set_ylim(-0.03, 1.05)
    axes.set_ylabel(words["y"])
    figure.legend(loc="outside upper center", fontsize=9, ncols=2)
    return figure
