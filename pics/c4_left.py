"""Where the letters of real pages go: by the paper's order and by the program's."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT: dict[str, Any] = {
    "zh": {"kept": "留下", "end": "行末没有标点", "braces": "花括号", "few": "词太少、句子太少，等",
           "readmes": "软件包首页", "manuals": "函数手册", "book_en": "本书英文版",
           "book_zh": "本书中文版", "paper": "论文", "program": "程序", "x": "字符的比例"},
    "en": {"kept": "left", "end": "no end mark", "braces": "braces",
           "few": "few words, few sentences, …", "readmes": "READMEs", "manuals": "manuals",
           "book_en": "this book (en)", "book_zh": "this book (zh)", "paper": "paper",
           "program": "program", "x": "share of letters"},
}  # fmt: skip
STYLES = {
    "kept": ("#d9d9d9", "black", ""),
    "end": ("none", PALETTE[0], "////"),
    "braces": ("none", PALETTE[1], "xxxx"),
    "few": ("none", PALETTE[2], "...."),
}


def draw(lang: str) -> Figure:
    counts, text = results.read("c4")["numbers"]["counts"], TEXT[lang]
    figure, axes = new_figure(5.6, 3.6, lang=lang)
    rows = [(name, how) for name in counts for how in ("paper", "program")]
    places = [1.35 * (n // 2) * 2 + n % 2 for n in range(len(rows))]
    left = [0.0] * len(rows)
    for part, (face, edge, hatch) in STYLES.items():
        widths = []
        for name, how in rows:
            turn = dict(counts[name][how]["turn"])
            end, braces = turn.pop("no_end_mark"), turn.pop("braces")
            few = sum(turn.values())
            widths.append({"kept": 1 - end - braces - few, "end": end, "braces": braces,
                           "few": few}[part])  # fmt: skip
        axes.barh(places, widths, 0.8, left, facecolor=face, edgecolor=edge, hatch=hatch,
                  label=text[part])  # fmt: skip
        left = [a + b for a, b in zip(left, widths, strict=True)]
    names = [f"{text[name]}, {text[how]}" for name, how in rows]
    axes.set_yticks(places, names, fontsize=9)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel(text["x"])
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure
