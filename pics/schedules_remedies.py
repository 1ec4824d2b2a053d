"""MiniLM at 1e-3, with clipping, warm-up, decay, and at 2e-4 without: accuracy by epoch."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

NAMES = (
    ("sweep", "1e-3", "什么也不加", "nothing"),
    ("remedies", "clip", "裁剪到 1", "clipping to 1"),
    ("remedies", "warmup", "预热 10%", "10% warm-up"),
    ("remedies", "decay", "线性下降", "linear decay"),
    ("remedies", "schedule", "预热，再线性下降", "warm-up and decay"),
    ("sweep", "2e-4", "2e-4，什么也不加", "2e-4 with nothing"),
)


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    numbers = results.read("learning_rate_lab")["numbers"]
    figure, axes = new_figure(5.6, 2.6, lang=lang)
    axes.axvline(0.5, color="0.5", linewidth=5, alpha=0.4)
    for k, epoch in enumerate((1, 3)):
        rows = [numbers[kind][name][f"epoch_{epoch}"] for kind, name, *_ in NAMES]
        mean = [row["accuracy"] for row in rows]
        bars = [
            [row["accuracy"] - row["low"] for row in rows],
            [row["high"] - row["accuracy"] for row in rows],
        ]
        axes.errorbar(
            mean,
            [place + 0.3 * k - 0.15 for place in range(len(rows))],
            xerr=bars,
            capsize=3,
            linestyle="",
            marker=MARKERS[k],
            color=PALETTE[k],
            label=f"第 {epoch} 轮" if zh else f"epoch {epoch}",
        )
    axes.set_yticks(range(len(NAMES)), [name[2 if zh else 3] for name in NAMES])
    axes.invert_yaxis()
    axes.set_xlabel("准确率" if zh else "accuracy")
    axes.grid(visible=True)
    figure.legend(loc="outside right center")
    return figure
