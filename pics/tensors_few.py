"""How much tensor operations alone get right: few or many pictures, one mean a digit or several."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("最近的一张图", "平均图", "每个数字学几张", "全部",
           "每个数字几张平均图", "写法相近的归一组", "随机分组"),
    "en": ("nearest picture", "means", "pictures of each digit", "all", "means of each digit",
           "groups that look alike", "groups at random"),
}  # fmt: skip


def draw(lang: str) -> Figure:
    nearest, means, pictures, everything, several, alike, dealt = TEXT[lang]
    numbers = results.read("tensors")["numbers"]
    figure, (left, right) = new_figure(5.6, 2.2, ncols=2, sharey=True, lang=lang)

    def curve(axes: Any, found: list[dict[str, float]], k: int, label: str) -> None:
        middle = [one["mean"] for one in found]
        away = [
            [one["mean"] - one["min"] for one in found],
            [one["max"] - one["mean"] for one in found],
        ]
        axes.errorbar(
            range(len(found)),
            middle,
            away,
            color=PALETTE[k],
            linestyle=LINESTYLES[k],
            marker=MARKERS[k],
            capsize=3,
            label=label,
        )

    few = numbers["few"]
    for k, (name, label) in enumerate({"nearest": nearest, "means": means}.items()):
        whole = dict.fromkeys(("mean", "min", "max"), numbers["all"][name])
        curve(left, [one[name] for one in few.values()] + [whole], k, label)
    left.set_xticks(range(len(few) + 1), [*few, everything])
    left.set_xlabel(pictures)
    for k, (name, label) in enumerate({"alike": alike, "dealt": dealt}.items(), 2):
        curve(right, list(numbers[name].values()), k, label)
    right.set_xticks(range(len(numbers["alike"])), numbers["alike"])
    right.set_xlabel(several)
    left.set_ylabel("准确率" if lang == "zh" else "accuracy")
    for axes in (left, right):
        axes.grid(visible=True, axis="y")
        axes.legend(loc="lower right", fontsize=9)
    return figure
