"""WNUT17 over the epochs: nothing after three, then the names; frozen vectors beside."""

from statistics import mean

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("微调", "冻结的向量 + 线性层", "标成名字的词", "F1", "比例", "轮（每轮 50 步）"),
    "en": ("fine-tuned", "frozen vectors + linear layer", "words taken for names", "F1", "share",
           "epochs (50 steps each)"),
}  # fmt: skip
EPOCHS = (3, 6, 12)


def draw(lang: str) -> Figure:
    numbers = results.read("bert_heads")["numbers"]
    tuned, frozen, inside, f1, share, epochs = TEXT[lang]
    figure, both = new_figure(5.6, 2.3, ncols=2, lang=lang)
    seeds = numbers["wnut"]["seeds"]
    panels = [("", f1, tuned), ("_inside", share, inside)]
    for k, (axes, (suffix, score, label)) in enumerate(zip(both, panels, strict=True)):
        values = [seeds[f"{epoch}{suffix}"] for epoch in EPOCHS]
        axes.plot(
            EPOCHS, [mean(v) for v in values], MARKERS[k] + "-", color=PALETTE[k], label=label
        )
        for epoch, some in zip(EPOCHS, values, strict=True):
            axes.plot([epoch] * len(some), some, ".", color=PALETTE[k], markersize=4)
        axes.set_ylabel(score)
        axes.set_xlabel(epochs)
        axes.set_xticks(EPOCHS)
        axes.grid(visible=True)
    level = mean(numbers["wnut_rivals"]["seeds"]["frozen"])
    both[0].axhline(level, color=PALETTE[2], linestyle=":", label=frozen)
    both[1].axhline(1 - numbers["wnut17"]["outside"], color="gray", linestyle=":")
    both[0].set_ylim(-0.02, 0.5)
    both[1].set_ylim(-0.005, 0.1)
    both[0].legend(fontsize=9, loc="upper left")
    both[1].legend(fontsize=9, loc="lower right")
    return figure
