"""The time to first token by prompt and by answer; a whole answer's time by its tokens."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("词元数", "秒", "首 token 延迟", "提示的长短", "回答的长短", "整个回答"),
    "en": (
        "tokens",
        "seconds",
        "time to first token",
        "of the prompt",
        "of the answer",
        "whole answer",
    ),
}


def draw(lang: str) -> Figure:
    tokens, seconds, first, prompt, answer, whole = TEXT[lang]
    numbers = results.read("serving")["numbers"]
    figure, (left, right) = new_figure(5.6, 2.6, ncols=2, lang=lang)
    prompts = {int(name): row for name, row in numbers["prompts"].items()}
    lengths = {int(name): row for name, row in numbers["lengths"].items()}
    left.plot(
        [*prompts], [row[1] for row in prompts.values()], "o-", color=PALETTE[0], label=prompt
    )
    left.plot(
        [*lengths], [row[0] for row in lengths.values()], "s--", color=PALETTE[1], label=answer
    )
    left.set_title(first)
    left.set_xscale("log")
    left.set_xticks([4, 16, 64, 465, 1585], ["4", "16", "64", "465", "1585"])
    left.legend(loc="upper left", fontsize=9)
    (a, b) = (min(lengths), max(lengths))
    right.plot([a, b], [lengths[a][1], lengths[b][1]], ":", color="black")
    right.plot([*lengths], [row[1] for row in lengths.values()], "s", color=PALETTE[1])
    right.set_title(whole)
    right.set_xticks([*lengths])
    for axes in (left, right):
        axes.minorticks_off()
        axes.set_xlabel(tokens)
        axes.set_ylim(bottom=0)
        axes.tick_params(labelsize=9)
    left.set_ylabel(seconds)
    return figure
