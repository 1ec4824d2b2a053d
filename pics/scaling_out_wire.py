"""Bytes that each rank sends in a step, over 4P: counted on the loopback, beside the formula."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

WAYS = {"ddp": 2, "fsdp": 3, "no_sync": 0}
WORDS = {
    "zh": {"no_sync": "不同步", "batch": "每个进程 {} 个样本", "formula": "公式"},
    "en": {"no_sync": "no sync", "batch": "{} samples a rank", "formula": "formula"},
}


def draw(lang: str) -> Figure:
    zh, words = lang == "zh", WORDS[lang]
    tables = results.read("scaling_out")["numbers"]["wire"]
    figure, axes = new_figure(5.6, 2.3, lang=lang)
    labels, place = [], 0
    for way, factor in WAYS.items():
        for table in tables:
            ranks = table["ranks"]
            formula = factor * (ranks - 1) / ranks
            label = words["formula"] if place == 0 else None
            axes.plot([place - 0.4, place + 0.4], [formula] * 2, color="black", lw=2, label=label)
            for k, batch in enumerate((4, 64)):
                sent = table["over_4p"][f"{way}_{batch}"]
                name = words["batch"].format(batch) if place == 0 else None
                style = {"color": PALETTE[k], "markersize": 7, "label": name}
                axes.plot(place + 0.25 * (k - 0.5), sent, MARKERS[k], **style)
            name = words["no_sync"] if way == "no_sync" else way.upper()
            labels.append(f"{name}\nR = {ranks}")
            place += 1
    axes.set_xticks(range(place), labels, fontsize=9)
    axes.set_ylabel("发送的字节 / 4P" if zh else "bytes sent / 4P")
    axes.set_ylim(bottom=-0.1)
    axes.legend(fontsize=9)
    return figure
