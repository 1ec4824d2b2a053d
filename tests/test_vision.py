"""wode.vision equals torch: values, gradients, sizes; bad input is named; WodeNet's promises."""

from itertools import product

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from wode.vision import (
    WodeNet,
    conv2d_loops,
    conv2d_unfold,
    conv_block,
    conv_output_size,
    correlate2d,
)

IMPLEMENTATIONS = [conv2d_loops, conv2d_unfold]


@st.composite
def layers(draw):
    """Input, weight, bias (or None) and settings of a convolution that fits at least once."""
    batch, channels, filters = (draw(st.integers(1, 3)) for _ in range(3))
    kernel, stride, dilation, padding, size = [], [], [], [], []
    for _ in range(2):  # height and width are drawn apart, so a swap cannot hide
        kernel.append(draw(st.integers(1, 3)))
        stride.append(draw(st.integers(1, 3)))
        dilation.append(draw(st.integers(1, 3)))
        padding.append(draw(st.integers(0, 2)))
        extent = dilation[-1] * (kernel[-1] - 1) + 1
        size.append(draw(st.integers(max(1, extent - 2 * padding[-1]), 9)))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**16)))

    def tensor(*shape):
        return torch.randn(shape, generator=generator, dtype=torch.float64, requires_grad=True)

    image = tensor(batch, channels, *size)
    weight = tensor(filters, channels, *kernel)
    bias = tensor(filters) if draw(st.booleans()) else None
    options = {"stride": tuple(stride), "padding": tuple(padding), "dilation": tuple(dilation)}
    return image, weight, bias, options


@pytest.mark.parametrize("convolve", IMPLEMENTATIONS)
@settings(max_examples=40)
@given(layer=layers())
def test_equals_torch_with_gradients(convolve, layer):
    image, weight, bias, options = layer
    ours, theirs = (
        convolve(image, weight, bias, **options),
        F.conv2d(image, weight, bias, **options),
    )
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)

    leaves = [t for t in (image, weight, bias) if t is not None]
    upstream = torch.randn(theirs.shape, generator=torch.Generator().manual_seed(0)).double()
    for mine, reference in zip(
        torch.autograd.grad(ours, leaves, upstream),
        torch.autograd.grad(theirs, leaves, upstream),
        strict=True,
    ):
        torch.testing.assert_close(mine, reference, rtol=0, atol=1e-10)


@pytest.mark.parametrize("convolve", IMPLEMENTATIONS)
@settings(max_examples=20)
@given(
    batch=st.integers(1, 2),
    groups=st.integers(1, 3),
    inputs=st.integers(1, 2),
    outputs=st.integers(1, 2),
)
def test_grouped_convolution_is_convolutions_side_by_side(convolve, batch, groups, inputs, outputs):
    generator = torch.Generator().manual_seed(0)
    image = torch.randn(batch, groups * inputs, 5, 6, generator=generator, dtype=torch.float64)
    weight = torch.randn(groups * outputs, inputs, 3, 2, generator=generator, dtype=torch.float64)
    parts = [
        convolve(part, kernels)
        for part, kernels in zip(image.chunk(groups, 1), weight.chunk(groups, 0), strict=True)
    ]
    torch.testing.assert_close(torch.cat(parts, 1), F.conv2d(image, weight, groups=groups))


@pytest.mark.parametrize("convolve", IMPLEMENTATIONS)
def test_float32_one_number_for_both_directions(convolve):
    generator = torch.Generator().manual_seed(0)
    image = torch.randn(2, 3, 12, 11, generator=generator)
    weight = torch.randn(4, 3, 3, 3, generator=generator)
    bias = torch.randn(4, generator=generator)
    ours = convolve(image, weight, bias, stride=2, padding=1, dilation=2)
    theirs = F.conv2d(image, weight, bias, stride=2, padding=1, dilation=2)
    assert ours.dtype == torch.float32
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


def test_output_size_over_a_grid():
    checked = 0
    grid = product(range(1, 10), range(1, 5), range(1, 4), range(4), range(1, 4))
    for size, kernel, stride, padding, dilation in grid:
        image, weight = torch.zeros(1, 1, size, 1), torch.zeros(1, 1, kernel, 1)
        if dilation * (kernel - 1) + 1 > size + 2 * padding:
            with pytest.raises(ValueError, match="kernel larger than the padded input"):
                conv_output_size(size, kernel, stride, padding, dilation)
            with pytest.raises(RuntimeError):
                F.conv2d(image, weight, None, (stride, 1), (padding, 0), (dilation, 1))
        else:
            real = F.conv2d(image, weight, None, (stride, 1), (padding, 0), (dilation, 1))
            assert conv_output_size(size, kernel, stride, padding, dilation) == real.shape[2]
            checked += 1
    assert checked > 500


def test_correlation_does_not_flip_the_kernel():
    image = torch.arange(9.0).reshape(3, 3)
    kernel = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    assert torch.equal(correlate2d(image, kernel), image[:2, :2])


@settings(max_examples=30)
@given(
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    dilation=st.integers(1, 2),
    down=st.integers(0, 3),
    right=st.integers(0, 3),
)
def test_shifting_the_input_shifts_the_output(kernel, dilation, down, right):
    generator = torch.Generator().manual_seed(0)
    image = torch.randn(2, 2, 8, 9, generator=generator, dtype=torch.float64)
    weight = torch.randn(3, 2, *kernel, generator=generator, dtype=torch.float64)
    shifted = F.pad(image, (right, 0, down, 0))
    before = conv2d_unfold(image, weight, dilation=dilation)
    after = conv2d_unfold(shifted, weight, dilation=dilation)
    torch.testing.assert_close(after[..., down:, right:], before)


@pytest.mark.parametrize("convolve", IMPLEMENTATIONS)
@pytest.mark.parametrize(
    ("image", "weight", "bias", "options", "message"),
    [
        ((3, 5, 5), (2, 3, 3, 3), None, {}, r"got input \(3, 5, 5\) and weight \(2, 3, 3, 3\)"),
        ((1, 3, 5, 5), (3, 3), None, {}, r"got input \(1, 3, 5, 5\) and weight \(3, 3\)"),
        (
            (1, 1, 5, 5),
            (2, 3, 3, 3),
            None,
            {},
            r"input \(1, 1, 5, 5\) has 1, weight \(2, 3, 3, 3\) takes 3",
        ),
        ((1, 3, 5, 5), (2, 3, 3, 3), (3,), {}, r"expected bias \(2,\) .* got \(3,\)"),
        ((1, 1, 3, 9), (1, 1, 4, 2), None, {}, r"kernel 4 .* covers 4, .* 3 \+ 2 \* 0 = 3"),
        ((1, 1, 9, 3), (1, 1, 2, 3), None, {"dilation": 2}, r"dilation 2 covers 5"),
        ((1, 1, 5, 5), (1, 1, 3, 3), None, {"stride": 0}, r"stride=0"),
    ],
)
def test_bad_input_names_the_shapes(convolve, image, weight, bias, options, message):
    tensors = [torch.zeros(shape) if shape else None for shape in (image, weight, bias)]
    with pytest.raises(ValueError, match=message):
        convolve(*tensors, **options)


@pytest.mark.parametrize(
    ("in_channels", "size"), [(1, (8, 8)), (3, (32, 32)), (2, (9, 13)), (4, (8, 17))]
)
def test_wodenet_takes_any_image_from_8_by_8(in_channels, size):
    model = WodeNet(in_channels, num_classes=7, width=4)
    logits = model(torch.rand(2, in_channels, *size))
    assert logits.shape == (2, 7)
    logits.sum().backward()
    assert all(p.grad is not None for p in model.parameters())


@pytest.mark.parametrize("shape", [(2, 1, 7, 8), (2, 1, 8, 7), (2, 3, 8, 8), (1, 8, 8)])
def test_wodenet_refuses_other_shapes(shape):
    with pytest.raises(ValueError, match=r"expected images \(B, 1, H, W\) with H, W >= 8, got"):
        WodeNet()(torch.rand(shape))


@pytest.mark.parametrize(
    ("in_channels", "num_classes", "width"), [(1, 10, 32), (3, 10, 32), (3, 100, 8)]
)
def test_wodenet_has_the_parameters_of_the_formula(in_channels, num_classes, width):
    model = WodeNet(in_channels, num_classes, width)
    expected = 90 * width**2 + (9 * in_channels + 14 + 4 * num_classes) * width + num_classes
    assert sum(p.numel() for p in model.parameters()) == expected


def test_wodenet_is_its_parts_in_order():
    torch.manual_seed(0)
    model = WodeNet(in_channels=2, width=4)
    images = torch.rand(5, 2, 9, 10)
    model.train()
    model(images)  # moves batch norm's running statistics off their start
    model.eval()
    x = images
    for block in (model.block1, model.block2, nn.MaxPool2d(2), model.block3):
        x = block(x)
    expected = F.linear(x.flatten(2).mean(2), model.classifier.weight, model.classifier.bias)
    torch.testing.assert_close(model(images), expected)


def test_conv_block_keeps_height_and_width_and_needs_no_bias():
    block = conv_block(2, 3)
    assert block(torch.rand(1, 2, 5, 7)).shape == (1, 3, 5, 7)
    assert [name for name, _ in block.named_parameters()] == ["0.weight", "1.weight", "1.bias"]


def test_wodenet_learns_the_digits():
    from wode.data import digits_tensors

    images, labels = digits_tensors(train=True)
    test_images, test_labels = digits_tensors(train=False)
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    model = WodeNet(width=16)
    steps = 4 * len(range(0, len(labels), 64))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=steps)
    for _ in range(4):
        for index in torch.randperm(len(labels), generator=generator).split(64):
            optimizer.zero_grad()
            F.cross_entropy(model(images[index]), labels[index]).backward()
            optimizer.step()
            scheduler.step()
    model.eval()
    with torch.no_grad():
        accuracy = (model(test_images).argmax(1) == test_labels).double().mean().item()
    assert accuracy > 0.95
