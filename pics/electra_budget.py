"""What ELECTRA and MLM are worth by steps, by operations and by CPU seconds: every seed."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("步", "百亿次运算", "CPU 秒", "三个任务的平均准确率"),
    "en": ("steps", "10¹⁰ operations", "CPU seconds", "mean accuracy, three tasks"),
}
RUNS = {
    "MLM": ("mlm_tokens", "mlm", "mlm_flops", "mlm_seconds", "mlm_2", "mlm_4"),
    "ELECTRA": ("electra_tokens", "electra", "electra_2", "electra_4"),
}


def draw(lang: str) -> Figure:
    *across, up = TEXT[lang]
    numbers = results.read("electra")["numbers"]["grammar"]
    figure, panels = new_figure(5.8, 2.7, ncols=3, lang=lang, sharey=True)
    for n, (name, runs) in enumerate(RUNS.items()):
        cost = numbers["costs"][name.lower()]
        steps = [numbers["steps_of"].get(run.replace("mlm_tokens", "electra_tokens"))
                 or numbers["steps"] * int((run + "_1").split("_")[1])
                 for run in runs]  # fmt: skip
        rows = [numbers["ways"][run]["all_tasks"] for run in runs]
        for axes, each in zip(panels, (1, cost["flops"] / 1e10, cost["seconds"]), strict=True):
            at = [count * each for count in steps]
            axes.plot(
                at, [row["mean"] for row in rows], color=PALETTE[n], linestyle=LINESTYLES[n],
                marker=MARKERS[n], markersize=4, label=name,
            )  # fmt: skip
            for x, row in zip(at, rows, strict=True):
                axes.plot([x] * len(row["seeds"]), row["seeds"], ".", color=PALETTE[n], alpha=0.5)
    for axes, label in zip(panels, across, strict=True):
        axes.set_xscale("log")
        axes.set_xlabel(label, fontsize=9)
        axes.grid(visible=True)
    panels[0].set_ylabel(up, fontsize=9)
    panels[0].legend(fontsize=9, loc="lower right")
    return figure
