"""Train and test, loss and accuracy: all labels right above, 20 of 100 wrong below."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    numbers = results.read("overfitting")["numbers"]
    figure, axes = new_figure(5.6, 4.0, nrows=2, ncols=2, lang=lang, sharex=True)
    rows = (
        ("clean", "标签全对" if zh else "right labels"),
        ("wrong", "错 20 张" if zh else "20 wrong labels"),
    )
    for row, (name, title) in zip(axes, rows, strict=True):
        n = numbers[name]
        for ax, kind in zip(row, ("loss", "accuracy"), strict=True):
            ax.plot(n["epoch"], n[f"train_{kind}"], color=PALETTE[0], label="train")
            ax.plot(n["epoch"], n[f"test_{kind}"], "--", color=PALETTE[1], label="test")
        row[0].set_ylim(0, 2.5)
        row[1].set_ylim(0, 1.05)
        row[0].set_ylabel(title)
        if name == "wrong":
            for ax in row:
                ax.axvline(n["lowest_at"], color="black", linewidth=0.8, linestyle=":")
                ax.set_xlabel("轮" if zh else "epoch")
    axes[0][0].set_title("损失" if zh else "loss")
    axes[0][1].set_title("准确率" if zh else "accuracy")
    axes[0][1].legend(loc="lower right")
    return figure
