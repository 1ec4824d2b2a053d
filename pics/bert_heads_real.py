"""What the heads reach beside baselines that see words alone: the book's tasks and real data."""

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("书里的小任务", "真实数据", "MiniLM 加头", "只看词", "类别", "标注", "答案", "改写"),
    "en": ("the book's tasks", "real data", "MiniLM + head", "words alone", "class", "tags", "span",
           "write"),
}  # fmt: skip


def draw(lang: str) -> Figure:
    numbers = results.read("bert_heads")["numbers"]
    left, right, head, words, *kinds = TEXT[lang]
    panels = [
        (
            left,
            [
                (kinds[0], "small", "class", "class_words"),
                (f"{kinds[1]} F1", "small", "tags", "tags_words"),
                (f"{kinds[2]} EM", "small", "span_em", "span_em_words"),
                (kinds[3], "small", "write_seen", "write_seen_words"),
            ],
        ),
        (
            right,
            [
                ("SST-2", "sst2", "accuracy", "words"),
                ("WNUT17 F1", "wnut17", "f1", "words"),
                ("XQuAD EM", "xquad", "exact_match", "exact_match_words"),
                ("XQuAD F1", "xquad", "f1", "f1_words"),
            ],
        ),
    ]
    figure, both = new_figure(6.4, 3.0, ncols=2, lang=lang, sharey=True)
    for axes, (title, bars) in zip(both, panels, strict=True):
        for place, (_, part, *keys) in enumerate(bars):
            for k, key in enumerate(keys):
                x = place + (-0.2, 0.2)[k]
                seeds = [row[key] for row in numbers[part]["seeds"].values()]
                label = (head, words)[k] if place == 0 else None
                axes.bar(
                    x,
                    np.mean(seeds),
                    0.36,
                    facecolor=PALETTE[k] if k == 0 else "none",
                    edgecolor=PALETTE[k],
                    hatch=None if k == 0 else "//",
                    alpha=0.75,
                    label=label,
                )
                axes.plot(np.full(len(seeds), x), seeds, MARKERS[k], color="black", markersize=2.5)
        axes.set_title(title)
        axes.set_xticks(
            range(len(bars)), [name.replace(" ", "\n") for name, *_ in bars], fontsize=9
        )
        axes.set_ylim(0, 1.05)
        axes.grid(visible=True, axis="y")
    both[1].legend(loc="upper right", fontsize=9)
    return figure
