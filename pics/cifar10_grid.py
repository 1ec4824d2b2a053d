"""What the page's `show` draws of the digits: eight pictures, the class above each."""

from matplotlib.figure import Figure

from wode.data import Digits
from wode.plotting import new_figure


def draw(lang: str) -> Figure:
    digits = Digits(train=True)
    figure, axes = new_figure(5.6, 1.0, ncols=8, lang=lang)
    for i, axis in enumerate(axes):
        image, label = digits[i]
        axis.imshow(image, cmap="gray")
        axis.set_title(digits.classes[label], fontsize=10)
        axis.set_axis_off()
    return figure
