"""Memory while a file is read: all lines in a list, one after another, with a buffer."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    numbers = results.read("streaming")["numbers"]
    labels = {
        "list": "全部读进列表" if zh else "all lines in a list",
        "buffer": "逐行，缓冲区 1000 行" if zh else "line by line, buffer of 1000",
        "stream": "逐行" if zh else "line by line",
    }
    figure, axes = new_figure(5.6, 2.7, lang=lang)
    counts = numbers["counts"]
    for k, (kind, label) in enumerate(labels.items()):
        peaks = [numbers["memory"][str(count)][kind] for count in counts]
        axes.loglog(
            counts, peaks, linestyle=LINESTYLES[k], marker=MARKERS[k], color=PALETTE[k], label=label
        )
    axes.set_xlabel("文件的行数" if zh else "lines of the file")
    axes.set_ylabel("内存峰值（MB）" if zh else "peak memory (MB)")
    axes.grid(visible=True)
    figure.legend(loc="outside lower center", ncols=3, fontsize=9)
    return figure
