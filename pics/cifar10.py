"""What the four steps of the pipeline make of one image: type, shape, numbers."""

import torch
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from PIL import Image
from sklearn.datasets import load_sample_image
from torchvision.transforms import v2

from wode.plotting import new_figure

TEXT = {
    "zh": ("文件里的\n图片", "整数\n0 到 255", "实数\n0.0 到 1.0", "均值 0\n标准差 1"),
    "en": (
        "the image\nin the file",
        "whole numbers\n0 to 255",
        "real numbers\n0.0 to 1.0",
        "mean 0\nstandard dev. 1",
    ),
}


def draw(lang: str) -> Figure:
    start, whole, unit, centred = TEXT[lang]
    photo = Image.fromarray(load_sample_image("flower.jpg")).crop((180, 30, 580, 430))
    photo = photo.resize((32, 32), Image.Resampling.BOX)
    photo = photo.quantize(16).convert("RGB")  # few colours make a small file
    pixels = v2.functional.to_image(photo)
    scaled = v2.functional.to_dtype(pixels, torch.float32, scale=True)
    mean, std = scaled.mean(dim=(1, 2), keepdim=True), scaled.std(dim=(1, 2), keepdim=True)
    normal = (scaled - mean) / std
    steps = [
        ("PIL.Image", "(32, 32) RGB", start, scaled),
        ("ToImage()", "uint8 (3, 32, 32)", whole, scaled),
        ("ToDtype(float32,\nscale=True)", "float32 (3, 32, 32)", unit, scaled),
        ("Normalize(\nmean, std)", "float32 (3, 32, 32)", centred, (normal + 2) / 4),
    ]
    figure, axes = new_figure(6.4, 2.3, ncols=4, lang=lang, gridspec_kw={"wspace": 0.25})
    for index, (axis, (name, shape, numbers, image)) in enumerate(zip(axes, steps, strict=True)):
        axis.imshow(image.clamp(0, 1).permute(1, 2, 0).numpy(), interpolation="none")
        axis.set_xticks([])
        axis.set_yticks([])
        axis.set_title(name, fontsize=9, pad=6)
        axis.set_xlabel(f"{shape}\n{numbers}", fontsize=9)
        if index:
            arrow = FancyArrowPatch(
                (-0.22, 0.5), (-0.02, 0.5), transform=axis.transAxes, clip_on=False,
                arrowstyle="->", mutation_scale=11, color="0.3",
            )  # fmt: skip
            axis.add_patch(arrow)
    return figure
