"""Losses of one process and of several on top of each other; below, the difference, magnified."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

LABELS = {  # the first three add the same two halves: the same bits, one curve
    "two": {"zh": "两个进程 = 累积 = FSDP", "en": "two processes = accumulated = FSDP"},
    "two_accumulated": {"zh": "两个进程，各累积 2 个微批", "en": "two processes, accumulated"},
}


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    table = results.read("scaling_out")["numbers"]["losses"]
    for name in ("accumulated", "fsdp"):
        if table[name]["losses"] != table["two"]["losses"]:
            raise ValueError(f"{name}: its losses are no longer those of two: draw it apart")
    figure, axes = new_figure(5.6, 2.8, nrows=2, lang=lang)
    upper, lower = axes
    one = table["one"]["losses"]
    steps = range(1, len(one) + 1)
    upper.plot(steps, one, color="black", linewidth=2.5, label="一个进程" if zh else "one process")
    for k, (name, label) in enumerate(LABELS.items()):
        losses = table[name]["losses"]
        line = {"color": PALETTE[k], "linestyle": LINESTYLES[k + 1]}
        upper.plot(steps, losses, **line, label=label[lang])
        difference = [(a - b) * 1e7 for a, b in zip(losses, one, strict=True)]
        lower.plot(steps, difference, **line, marker=MARKERS[k], markersize=3)
    upper.set_ylabel("损失" if zh else "loss")
    upper.set_ylim(top=6.2)  # room for the legend
    upper.legend()
    lower.set_ylabel(("差" if zh else "difference") + r" ×$10^{7}$")
    lower.set_xlabel("步" if zh else "step")
    for part in axes:
        part.grid(visible=True)
    return figure
