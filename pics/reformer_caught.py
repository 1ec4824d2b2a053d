"""How much of the attention fewer keys catch: SmolLM2, never hashed, and a small one that was."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("SmolLM2，不算第一个词元", "学的时候就哈希的小模型", "看了多少个键", "抓住的权重",
           ("最大的那些", "哈希", "窗口", "随机的桶")),
    "en": ("SmolLM2, first token left out", "a small model that learned hashed", "keys seen",
           "weight caught", ("the largest", "hashing", "window", "random buckets")),
}  # fmt: skip


def draw(lang: str) -> Figure:
    left, right, across, up, names = TEXT[lang]
    numbers = results.read("reformer")["numbers"]
    figure, panels = new_figure(5.6, 2.9, ncols=2, lang=lang, sharey=True)
    real = numbers["real"]
    rounds = (1, 2, 4, 8, 16)
    for k, kind in enumerate(("best", "hashed", "window", "dealt")):
        keys = [
            real[f"{'hashed' if kind == 'best' else kind}_{r}_rest_keys"]["mean"] for r in rounds
        ]
        weight = [real[f"{kind}_{r}_rest"]["mean"] for r in rounds]
        panels[0].plot(
            keys, weight, color=PALETTE[k], marker=MARKERS[k], linestyle=LINESTYLES[k],
            markersize=4.5, label=names[k],
        )  # fmt: skip
    own = numbers["text"]["hashed"]["caught"]
    for k, kind in enumerate(("best", "hashed", "window", "shuffled")):
        cells = [own[f"{kind}_{r}"] for r in (1, 2, 4, 8)]
        panels[1].plot(
            [cell["keys"]["mean"] for cell in cells], [cell["weight"]["mean"] for cell in cells],
            color=PALETTE[k], marker=MARKERS[k], linestyle=LINESTYLES[k], markersize=4.5,
        )  # fmt: skip
    for axes, title in zip(panels, (left, right), strict=True):
        axes.set_title(title, fontsize=9)
        axes.set_xlabel(across, fontsize=9)
        axes.set_ylim(0, 1.03)
        axes.grid(visible=True)
    panels[0].set_ylabel(up, fontsize=9)
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9
    )
    return figure
