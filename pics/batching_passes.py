"""The time of a pass by the tokens in it, and what a pass over one token is made of."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": (
        "一遍里的词元", "时间（解码一个 = 1）", "按比例", "预填充", "解码", "一遍（一个词元）",
        "取权重", "调用", "其余",
    ),
    "en": (
        "tokens in a pass", "time (decoding one = 1)", "in proportion", "prefill", "decoding",
        "one pass, one token", "weights", "calls", "rest",
    ),
}  # fmt: skip


def draw(lang: str) -> Figure:
    table = results.read("batching")["numbers"]
    tokens, time, proportion, prefill, decoding, one, *parts = TEXT[lang]
    figure, (left, right) = new_figure(5.6, 3.2, ncols=2, lang=lang, width_ratios=[3, 2])
    counts = table["together"]
    left.plot(counts, counts, ":", color="black", label=proportion)
    lines = [
        (f"{name}, {kind}", table[kind][key])
        for kind in ("float32", "bfloat16")
        for name, key in ((decoding, "decode"), (prefill, "prefill"))
    ]
    for k, (label, ratios) in enumerate(lines):
        left.plot(
            counts, ratios, LINESTYLES[k // 2], marker=MARKERS[k], color=PALETTE[k], label=label
        )
    left.set_xscale("log", base=2)
    left.set_yscale("log", base=2)
    left.set_xticks(counts, [str(count) for count in counts])
    left.set_yticks(counts, [str(count) for count in counts])
    left.minorticks_off()
    left.set_xlabel(tokens)
    left.set_title(time)
    left.legend(loc="upper left", fontsize=9)
    for row, kind in enumerate(("float32", "bfloat16")):
        shares = [table[kind]["read"], table[kind]["calls"]]
        shares.append(max(0.0, 1 - sum(shares)))
        start = 0.0
        for k, share in enumerate(shares):
            right.bar(
                row, share, 0.6, bottom=start, color=PALETTE[k], alpha=0.45, edgecolor="black",
                linewidth=1,
            )  # fmt: skip
            right.text(row, start + share / 2, parts[k], ha="center", va="center", fontsize=9)
            start += share
    right.axhline(1, linestyle="--", color="black")
    right.set_xticks([0, 1], ["float32", "bfloat16"])
    right.set_title(one)
    return figure
