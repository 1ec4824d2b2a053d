"""Held-out accuracy of fine-tuned MiniLM and of answers without it; and by kind of pair."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

WORDS = {
    "zh": {
        "overlap": "共有的词",
        "bag_of_words": "词袋",
        "cosine": "余弦，不微调",
        "apart": "分开编码",
        "no_types": "类型全 0",
        "pair": "微调",
        "y": "没见过的问句对，答对的比例",
        "x": "意思，共有的词",
        "kinds": ["相同\n词多", "相同\n词少", "不同\n词多", "不同\n词少"],
    },
    "en": {
        "overlap": "words in common",
        "bag_of_words": "bag of words",
        "cosine": "cosine, as it is",
        "apart": "encoded apart",
        "no_types": "types all 0",
        "pair": "fine-tuned",
        "y": "right on held-out pairs",
        "x": "meaning, words in common",
        "kinds": ["same,\nmany", "same,\nfew", "other,\nmany", "other,\nfew"],
    },
}
KINDS = ["same_many", "same_few", "other_many", "other_few"]


def draw(lang: str) -> Figure:
    numbers, words = results.read("finetuning")["numbers"], WORDS[lang]
    figure, (upper, lower) = new_figure(5.2, 5.2, nrows=2, lang=lang)
    names = ["overlap", "bag_of_words", "cosine", "apart", "no_types", "pair"]
    for place, name in enumerate(reversed(names)):
        plain = name in numbers["baselines"]
        values = [numbers["baselines"][name]] if plain else numbers[name]["last"]
        colour = PALETTE[5] if plain else PALETTE[0]
        upper.plot(
            [0, sum(values) / len(values)], [place] * 2, color=colour, linewidth=5, alpha=0.35
        )
        marker = "D" if plain else "o"
        upper.plot(values, [place] * len(values), marker, color=colour, markersize=5)
    upper.set_yticks(range(len(names)), [words[name] for name in reversed(names)])
    upper.axvline(0.5, color="grey", linewidth=1, linestyle=":")
    upper.set_xlim(0.4, 1)
    upper.set_xlabel(words["y"])
    for number, (name, kinds) in enumerate(
        (
            ("cosine", numbers["baselines"]["cosine_kinds"]),
            ("pair", numbers["pair"]["kinds"]),
        )
    ):
        places = [k + 0.2 * (number - 0.5) for k in range(4)]
        lower.plot(
            places,
            [kinds[kind] for kind in KINDS],
            MARKERS[number],
            color=PALETTE[(5, 0)[number]],
            label=words[name],
            markersize=7,
        )
    lower.set_xticks(range(4), words["kinds"])
    lower.set_ylim(-0.06, 1.06)
    lower.set_xlabel(words["x"])
    lower.axhline(0.5, color="grey", linewidth=1, linestyle=":")
    lower.legend(fontsize=8, loc="lower center", ncols=2, bbox_to_anchor=(0.5, 1))
    return figure
