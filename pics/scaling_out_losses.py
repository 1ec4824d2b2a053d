"""Losses of one process and of two on top of each other; below, the difference, magnified."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    table = results.read("scaling_out")["numbers"]["losses"]
    labels = {
        "two": "两个进程" if zh else "two processes",
        "accumulated": "累积 2 批" if zh else "accumulate 2",
        "fsdp": "FSDP，两个进程" if zh else "FSDP, two processes",
    }
    figure, axes = new_figure(5.6, 4.8, nrows=2, lang=lang)
    upper, lower = axes
    one = table["one"]["losses"]
    steps = range(1, len(one) + 1)
    upper.plot(steps, one, color="black", linewidth=2.5, label="一个进程" if zh else "one process")
    for k, (name, label) in enumerate(labels.items()):
        losses = table[name]["losses"]
        upper.plot(steps, losses, LINESTYLES[k + 1], color=PALETTE[k], label=label)
        difference = [(a - b) * 1e7 for a, b in zip(losses, one, strict=True)]
        lower.plot(
            steps, difference, LINESTYLES[k + 1], marker=MARKERS[k], markersize=3, color=PALETTE[k]
        )
    upper.set_ylabel("损失" if zh else "loss")
    upper.legend()
    lower.set_ylabel("与一个进程之差 ×$10^{7}$" if zh else r"difference × $10^{7}$")
    lower.set_xlabel("步" if zh else "step")
    for part in axes:
        part.grid(visible=True)
    return figure
