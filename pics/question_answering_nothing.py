"""How far the best span is above [CLS], for questions with an answer and without."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("没学过“没有答案”", "学过", "有答案", "没有答案", "片段的分数 − [CLS] 的分数", "问题数"),
    "en": ("without such questions", "with them", "has an answer", "has none",
           "the span's score − [CLS]'s", "questions"),
}  # fmt: skip


def draw(lang: str) -> Figure:
    margins = results.read("question_answering")["numbers"]["margins"]
    *titles, there, none, difference, count = TEXT[lang]
    figure, both = new_figure(5.6, 2.0, ncols=2, lang=lang)
    for axes, name, title in zip(both, ("with", "mixed_longer"), titles, strict=True):
        for k, (kind, label) in enumerate((("answer", there), ("none", none))):
            axes.hist(
                margins[f"{name}_{kind}"],
                bins=[x * 1.5 for x in range(-10, 14)],
                facecolor=PALETTE[k] if k == 0 else "none",
                edgecolor=PALETTE[k],
                hatch="///" if k else None,
                alpha=0.6 if k == 0 else 1,
                label=label,
            )
        axes.axvline(0, color="black", linewidth=0.8, linestyle=":")
        axes.set_title(title)
        axes.set_xlabel(difference)
    both[0].set_ylabel(count)
    handles, labels = both[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=10)
    return figure
