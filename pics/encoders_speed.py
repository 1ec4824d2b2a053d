"""CPU time a node of a Tree-LSTM, a token of an LSTM: by the size of the batch, nn.LSTM's is 1."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

NAMES = ("torch_lstm", "torch_packed", "lstm", "child_sum", "binary", "loop")
TEXT = {
    "zh": {
        "names": ("nn.LSTM", "nn.LSTM，打包", "我们的 LSTM", "孩子求和，一批一起算",
                  "二叉，一批一起算", "孩子求和，逐个节点算"),
        "x": "一批几个式子",
        "y": "每个节点（词元）的训练时间",
    },
    "en": {
        "names": ("nn.LSTM", "nn.LSTM, packed", "our LSTM", "child-sum, the batch at once",
                  "binary, the batch at once", "child-sum, node by node"),
        "x": "expressions in a batch",
        "y": "training time a node (token)",
    },
}  # fmt: skip


def draw(lang: str) -> Figure:
    speed, text = results.read("encoders")["numbers"]["speed"], TEXT[lang]
    table = {batch: found for batch, found in speed.items() if batch[1:].isdigit()}
    figure, axes = new_figure(5.6, 3.2, lang=lang)
    for n, name in enumerate(NAMES):
        points = [
            (int(batch[1:]), found["step"][name])
            for batch, found in table.items()
            if name in found["step"]
        ]
        axes.plot(
            *zip(*points, strict=True), color=PALETTE[n], marker=MARKERS[n],
            linestyle=LINESTYLES[n], label=text["names"][n],
        )  # fmt: skip
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    sizes = [int(batch[1:]) for batch in table]
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.set_yticks([0.5, 1, 2, 5, 10, 20, 50], ["0.5", "1", "2", "5", "10", "20", "50"])
    axes.minorticks_off()
    axes.set_xlabel(text["x"])
    axes.set_ylabel(text["y"])
    axes.grid(visible=True)
    figure.legend(
        *axes.get_legend_handles_labels(), fontsize=9, loc="outside upper center", ncols=2
    )
    return figure
