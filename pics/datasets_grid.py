"""The first eight items of the page's data set, label above picture."""

from matplotlib.figure import Figure

from wode.data import Digits
from wode.plotting import new_figure


def draw(lang: str) -> Figure:
    digits = Digits(train=True)
    figure, axes = new_figure(5.6, 1.0, ncols=8, lang=lang)
    for i, axis in enumerate(axes):
        image, label = digits[i]
        axis.imshow(image, cmap="gray")
        axis.set_title(str(label), fontsize=10)
        axis.set_axis_off()
    return figure
