"""Encoders pretrained in six ways, judged by a linear layer on three tasks: every seed."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": (("动词变形", "换了一个词", "换了顺序"),
           ("词袋", "没有训练过", "MLM (82.2)", "Replace MLM (82.4)",
            "ELECTRA 15% (82.4)", "All-Tokens MLM (84.3)", "ELECTRA (85.0)", "嵌入不共用"),
           "准确率；括号里是论文的 GLUE；短竖线是平均，虚线是冻结的 MiniLM"),
    "en": (("verb form", "replaced word", "swapped words"),
           ("bag of words", "untrained", "MLM (82.2)", "Replace MLM (82.4)", "ELECTRA 15% (82.4)",
            "All-Tokens MLM (84.3)", "ELECTRA (85.0)", "embeddings apart"),
           "accuracy; in brackets the paper's GLUE; bar: mean, dashed: frozen MiniLM"),
}  # fmt: skip
WAYS = ("untrained", "mlm", "replace", "electra15", "all", "electra", "apart")
TASKS = ("form", "replaced", "swapped")


def draw(lang: str) -> Figure:
    titles, names, across = TEXT[lang]
    numbers = results.read("electra")["numbers"]["grammar"]
    rows = [numbers["rivals"]["words"], *(numbers["ways"][way] for way in WAYS)]
    figure, panels = new_figure(5.8, 3.2, ncols=3, lang=lang, sharey=True)
    for axes, task, title in zip(panels, TASKS, titles, strict=True):
        axes.set_title(title, fontsize=10)
        for place, row in enumerate(rows):
            mine = (
                PALETTE[1]
                if ("", *WAYS)[place] in ("electra", "electra15", "apart")
                else PALETTE[0]
            )
            seeds = row[task]["seeds"]
            axes.plot(seeds, [place] * len(seeds), ".", color=mine, markersize=5)
            axes.plot(row[task]["mean"], place, "|", color="black", markersize=11)
        axes.axvline(numbers["rivals"]["minilm"][task]["mean"], color="grey", linestyle="--")
        axes.set_xlim(0.45, 1.02)
        axes.set_xticks([0.5, 0.75, 1.0], [".5", ".75", "1"])
        axes.grid(visible=True, axis="x")
        axes.tick_params(axis="y", length=0)
    panels[0].set_yticks(range(len(rows)), names, fontsize=9)
    panels[0].set_ylim(len(rows) - 0.4, -0.6)
    figure.supxlabel(across, fontsize=9)
    return figure
