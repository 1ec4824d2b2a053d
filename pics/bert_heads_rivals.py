"""Four tasks: the encoder fine-tuned, frozen vectors under a linear layer, words alone."""

from statistics import mean

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("微调", "冻结的向量 + 线性层", "只看词", "来信，准确率", "名字，F1", "SST-2，准确率",
           "WNUT17，F1", "分数（小点是种子）"),
    "en": ("fine-tuned", "frozen vectors + linear layer", "words alone", "letters, accuracy",
           "names, F1", "SST-2, accuracy", "WNUT17, F1", "score (small points: seeds)"),
}  # fmt: skip
ROWS = [
    (("letters", "accuracy"), "letters_rivals"),
    (("names", "f1"), "names_rivals"),
    (("sst2", "accuracy"), "sst2_rivals"),
    (("wnut", "f1"), "wnut_rivals"),
]


def draw(lang: str) -> Figure:
    numbers = results.read("bert_heads")["numbers"]
    *methods, letters, names, sst2, wnut, score = TEXT[lang]
    figure, axes = new_figure(5.6, 2.8, lang=lang)
    for row, ((name, key), rivals) in enumerate(ROWS):
        found = [
            numbers[name]["seeds"][key],
            numbers[rivals]["seeds"]["frozen"],
            numbers[rivals]["seeds"]["words"],
        ]
        for k, values in enumerate(found):
            y = row + (k - 1) * 0.3
            label = methods[k] if row == 0 else None
            hollow = "none" if k else PALETTE[k]
            axes.plot(mean(values), y, MARKERS[k], color=PALETTE[k], mfc=hollow, label=label)
            axes.plot(values, [y] * len(values), ".", color=PALETTE[k], markersize=3)
            axes.text(max(values) + 0.025, y, f"{mean(values):.2f}", va="center", fontsize=9)
    axes.set_yticks(range(4), [letters, names, sst2, wnut])
    axes.set_ylim(3.5, -0.5)
    axes.set_xlim(-0.03, 1.15)
    axes.set_xlabel(score)
    axes.grid(visible=True, axis="x")
    axes.legend(loc="upper center", bbox_to_anchor=(0.35, 1.2), ncols=3, fontsize=9)
    return figure
