"""One step of writing: what the vocabulary offers, what the source offers, and their mixture."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("从词表里写", "从原文里抄", "合起来", "概率"),
    "en": ("vocabulary", "source", "both together", "probability"),
}


def draw(lang: str) -> Figure:
    shown = results.read("copying")["numbers"]["shown"]
    step, text = shown["step"], TEXT[lang]
    gate, generated = shown["p_gen"][step], shown["generated"]
    copied: dict[str, float] = {}
    for word, weight in zip(shown["source"], shown["attention"][step], strict=True):
        copied[word] = copied.get(word, 0) + weight  # a word that stands twice is added up
    most = dict(sorted(copied.items(), key=lambda one: -one[1])[:5])
    words = sorted(
        {*generated, *most},
        key=lambda w: -gate * generated.get(w, 0) - (1 - gate) * copied.get(w, 0),
    )[:7]
    figure, panels = new_figure(5.6, 2.3, ncols=3, lang=lang, width_ratios=(1, 1, 1.2))
    parts = (
        (f"{text[0]}\n× {gate:.2f}", generated, PALETTE[0], ""),
        (f"{text[1]}\n× {1 - gate:.2f}", most, PALETTE[1], "///"),
    )
    for axes, (title, some, color, hatch) in zip(panels, parts, strict=False):
        axes.barh([*some], [*some.values()], color=color, hatch=hatch, edgecolor="white")
        axes.set_title(title, fontsize=10)
    own = [gate * generated.get(word, 0) for word in words]
    panels[2].barh(words, own, color=PALETTE[0], edgecolor="white")
    panels[2].barh(words, [(1 - gate) * copied.get(word, 0) for word in words], left=own,
                   color=PALETTE[1], hatch="///", edgecolor="white")  # fmt: skip
    panels[2].set_title(f"{text[2]}\n ", fontsize=10)
    for axes in panels:
        axes.invert_yaxis()
        axes.set_xlabel(text[3])
        axes.tick_params(axis="y", length=0, labelsize=9)
    return figure
