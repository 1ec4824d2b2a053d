"""One image under each transform of torchvision.transforms.v2, with fixed seeds."""

from collections.abc import Callable

import torch
from matplotlib.figure import Figure
from PIL import Image
from sklearn.datasets import load_sample_image
from torchvision.transforms import v2

from wode.plotting import new_figure

TRANSFORMS: list[tuple[str, Callable, int]] = [
    ("Identity()", v2.Identity(), 0),
    ("RandomHorizontalFlip()", v2.RandomHorizontalFlip(p=1.0), 0),
    ("RandomCrop(32, padding=4)", v2.RandomCrop(32, padding=4), 7),
    ("RandomResizedCrop(32)", v2.RandomResizedCrop(32, antialias=True), 4),
    ("RandomRotation(15)", v2.RandomRotation((-15, 15)), 1),
    ("ColorJitter(.5, .5, .5)", v2.ColorJitter(0.5, 0.5, 0.5), 5),
    ("Grayscale()", v2.Grayscale(3), 0),
    ("TrivialAugmentWide()", v2.TrivialAugmentWide(), 8),
    ("RandomErasing()", v2.RandomErasing(p=1.0), 6),
]


def draw(lang: str) -> Figure:
    photo = Image.fromarray(load_sample_image("flower.jpg")).crop((180, 30, 580, 430))
    photo = photo.resize((32, 32), Image.Resampling.BOX)
    image = v2.functional.to_image(photo)  # uint8 (3, 32, 32)
    figure, axes = new_figure(5.6, 5.5, nrows=3, ncols=3, lang=lang)
    for axis, (name, transform, seed) in zip(axes.flat, TRANSFORMS, strict=True):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            changed = transform(image)
        axis.imshow(changed.permute(1, 2, 0).numpy(), interpolation="none")
        axis.set_xticks([])
        axis.set_yticks([])
        axis.set_title(name, fontsize=9, pad=4)
    return figure
