"""WNUT17 over the epochs: of all tweets, or of those with a name; frozen vectors beside."""

from statistics import mean

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("从全部推文里抽 400 条", "只抽有名字的 400 条", "冻结的向量 + 线性层",
           "轮（每轮 50 步）"),
    "en": ("400 of all tweets", "400 with a name", "frozen vectors + linear layer",
           "epochs (50 steps each)"),
}  # fmt: skip


def draw(lang: str) -> Figure:
    numbers = results.read("bert_heads")["numbers"]
    *names, frozen, epochs = TEXT[lang]
    figure, axes = new_figure(5.6, 2.5, lang=lang)
    for k, (drawn, name) in enumerate(zip(("any", "named"), names, strict=True)):
        seeds = numbers[f"wnut_{drawn}"]["seeds"]
        places = sorted(int(key) for key in seeds if key.isdigit())
        means = [mean(seeds[str(epoch)]) for epoch in places]
        axes.plot(places, means, MARKERS[k], linestyle=LINESTYLES[k], color=PALETTE[k], label=name)
        for epoch in places:
            values = seeds[str(epoch)]
            axes.plot([epoch] * len(values), values, ".", color=PALETTE[k], markersize=4)
        level = mean(numbers[f"wnut_rivals_{drawn}"]["seeds"]["frozen"])
        label = f"{frozen}" if k == 0 else None
        axes.axhline(level, color=PALETTE[k], linewidth=1, linestyle=":", label=label)
    axes.set_xticks([3, 6, 12])
    axes.set_ylim(-0.02, 0.45)
    axes.set_xlabel(epochs)
    axes.set_ylabel("F1")
    axes.grid(visible=True)
    axes.legend(fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure
