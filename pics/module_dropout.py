"""Dropout on a digit: other pixels at each call in training, none in evaluation."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import new_figure

TEXT = {
    "zh": ("训练，第一次", "训练，第二次", "评估，第一次", "评估，第二次"),
    "en": ("train, 1st call", "train, 2nd call", "eval, 1st call", "eval, 2nd call"),
}


def draw(lang: str) -> Figure:
    numbers = results.read("module")["numbers"]["dropout"]
    figure, axes = new_figure(5.6, 1.75, ncols=4, lang=lang)
    images = [*numbers["train"], *numbers["eval"]]
    for axis, image, title in zip(axes, images, TEXT[lang], strict=True):
        axis.imshow(image, cmap="gray", vmin=0, vmax=2)
        axis.set(xticks=[], yticks=[])
        axis.set_title(title, fontsize=9)
    return figure
