"""Chapter 1: sRGB to Lab and back, against scikit-image, known values and calculus."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.color import lab2rgb, rgb2lab

from colorize_lib.colour.lab import lab_to_rgb, nearest_grey, rgb_to_lab, rgb_to_lightness, to_uint8

CORNERS = list(itertools.product((0, 255), repeat=3))
LEVELS = {
    "random": np.random.default_rng(0).integers(0, 256, (20_000, 3)),
    "corners": CORNERS,
    "greys": [(v, v, v) for v in range(256)],
    "near black": list(itertools.product(range(14), repeat=3)),
}
# The bands between the knees of the two curves, where both are smooth: linear light is below
# 0.0031 (gamma's knee) in the first, below 0.0088 (the cube root's) in the second.
SMOOTH_BANDS = {"linear": (0.002, 0.038), "curved gamma": (0.044, 0.088), "curved": (0.12, 0.98)}

pictures = arrays(np.float32, (3, 2, 3), elements=st.floats(0, 1, width=32)).map(torch.from_numpy)


def levels(name: str) -> torch.Tensor:
    """(3, 1, n) uint8."""
    return torch.tensor(np.array(LEVELS[name]), dtype=torch.uint8).T[:, None].contiguous()


def all_colours():
    """All 2^24 colours, 2^16 at a time: (3, 256, 256) uint8."""
    v = torch.arange(256, dtype=torch.uint8)
    green, blue = torch.meshgrid(v, v, indexing="ij")
    for red in v:
        yield torch.stack((red.expand_as(green), green, blue))


def skimage_lab(rgb: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(rgb2lab(rgb.double().cpu().numpy(), channel_axis=0))


def skimage_rgb(lab: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(lab2rgb(lab.double().cpu().numpy(), channel_axis=0))


def assert_close(actual: torch.Tensor, expected: torch.Tensor, atol: float) -> None:
    torch.testing.assert_close(actual.double().cpu(), expected.double().cpu(), atol=atol, rtol=0)


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((0, 0, 0), (0, 0, 0)),
        ((1, 1, 1), (100, 0, 0)),
        ((0.5, 0.5, 0.5), (53.39, 0, 0)),
        ((1, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 1, 0), (87.74, -86.18, 83.18)),
        ((0, 0, 1), (32.30, 79.19, -107.86)),
        ((0, 1, 1), (91.11, -48.09, -14.13)),
        ((1, 0, 1), (60.32, 98.23, -60.82)),
        ((1, 1, 0), (97.14, -21.55, 94.48)),
    ],
)
def test_published_values(rgb, lab, device, dtype):
    rgb, lab = (torch.tensor(t, dtype=dtype, device=device).view(3, 1, 1) for t in (rgb, lab))
    assert_close(rgb_to_lab(rgb), lab, atol=0.02)
    assert_close(lab_to_rgb(lab), rgb, atol=1e-3)


@pytest.mark.parametrize("name", LEVELS)
def test_floats_agree_with_skimage(name, device, dtype):
    rgb = (levels(name) / 255).to(device, dtype)
    assert rgb_to_lab(rgb).device.type == device.type and rgb_to_lab(rgb).dtype == dtype
    assert_close(rgb_to_lab(rgb), skimage_lab(rgb), atol=1e-3)


@pytest.mark.parametrize("name", LEVELS)
def test_uint8_agrees_with_skimage(name, device):
    assert_close(rgb_to_lab(levels(name).to(device)), skimage_lab(levels(name) / 255.0), atol=1e-3)


@pytest.mark.parametrize("name", LEVELS)
def test_way_back_agrees_with_skimage(name, device, dtype):
    lab = skimage_lab(levels(name) / 255).to(device, dtype)
    assert_close(lab_to_rgb(lab), skimage_rgb(lab), atol=1e-3)


@given(pictures)
def test_any_floats_agree_with_skimage(rgb):
    assert_close(rgb_to_lab(rgb), skimage_lab(rgb), atol=1e-3)


@given(st.floats(0, 100), st.floats(-110, 110), st.floats(-110, 110))
def test_colours_outside_srgb_agree_with_skimage(lightness, a, b):
    b = min(b, 200 * (lightness + 16) / 116 - 1e-3)  # beyond this scikit-image changes Z before converting
    lab = torch.tensor((lightness, a, b), dtype=torch.float32).view(3, 1, 1)
    assert_close(lab_to_rgb(lab), skimage_rgb(lab), atol=1e-3)


@given(pictures)
def test_float64_stays_and_returns_exactly(rgb):
    back = lab_to_rgb(rgb_to_lab(rgb.double()))
    assert back.dtype == torch.float64
    assert_close(back, rgb, atol=1e-6)


def test_both_ways_change_formula_at_the_same_colours():
    """At the knees of the two curves they would not be each other's inverse."""
    ramp = torch.linspace(0, 0.15, 3001, dtype=torch.float64) * torch.tensor([[1.0], [0.6], [0.2]], dtype=torch.float64)
    for rgb in (ramp[:, None], ramp[:1, None].expand(3, -1, -1)):
        assert_close(lab_to_rgb(rgb_to_lab(rgb)), rgb, atol=1e-7)


def test_float64_is_more_exact_than_float32():
    rgb = levels("random") / 255.0
    assert (rgb_to_lab(rgb.double()) - skimage_lab(rgb)).abs().max() < 1e-9


def test_some_colours_survive_the_round_trip_through_uint8(device):
    for name in LEVELS:
        assert torch.equal(to_uint8(lab_to_rgb(rgb_to_lab(levels(name).to(device)))).cpu(), levels(name))


@pytest.mark.slow
def test_all_colours_survive_the_round_trip_through_uint8():
    for rgb in all_colours():
        lab = rgb_to_lab(rgb)
        assert torch.equal(to_uint8(lab_to_rgb(lab)), rgb)
        assert_close(lab, rgb_to_lab(rgb / 255), atol=1e-3)


def test_uint8_agrees_with_floats_in_pictures_of_any_size():
    for size in ((1, 1), (181, 182), (300, 301)):  # less than a chunk, just above one, several
        rgb = torch.randint(0, 256, (3, *size), dtype=torch.uint8)
        assert_close(rgb_to_lab(rgb), rgb_to_lab(rgb / 255), atol=5e-4)


@pytest.mark.parametrize("batch", [(), (4,), (2, 3), (2, 0)])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_lightness_alone_is_that_of_lab(batch, dtype, device):
    rgb = torch.rand(*batch, 3, 150, 140).to(device)  # more than a chunk
    rgb = (rgb * 255).to(dtype) if dtype == torch.uint8 else rgb
    with torch.autocast(device.type, torch.bfloat16):
        lightness = rgb_to_lightness(rgb)
    assert_close(lightness, rgb_to_lab(rgb)[..., :1, :, :], atol=1e-4)


@pytest.mark.parametrize("batch", [(), (1,), (4,), (2, 3), (0,), (2, 0)])
@pytest.mark.parametrize("size", [(1, 1), (5, 7), (0, 4)])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_any_batch_is_each_picture_by_itself(batch, size, dtype, device):
    rgb = (torch.rand(*batch, 3, *size) * (255 if dtype == torch.uint8 else 1)).to(device, dtype)
    lab = rgb_to_lab(rgb)
    back = lab_to_rgb(lab)
    assert lab.shape == back.shape == rgb.shape
    for index in itertools.product(*map(range, batch)):
        assert_close(lab[index], rgb_to_lab(rgb[index]), atol=1e-4)
        assert_close(back[index], lab_to_rgb(lab[index]), atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
@pytest.mark.parametrize(
    "view",
    [
        lambda t: t.transpose(-1, -2),
        lambda t: t[..., ::2, 1::3],
        lambda t: t.flip(-3),
        lambda t: t.contiguous(memory_format=torch.channels_last),
        lambda t: t[:1].expand(3, -1, -1, -1),
        lambda t: t.permute(2, 1, 0, 3)[..., :2],
    ],
)
def test_memory_layout_does_not_matter(view, dtype, device):
    rgb = torch.rand(4, 3, 6, 8).to(device)
    rgb = view((rgb * 255).byte() if dtype == torch.uint8 else rgb)
    assert rgb.dtype == dtype
    packed = rgb.clone(memory_format=torch.contiguous_format)
    assert_close(rgb_to_lab(rgb), rgb_to_lab(packed), atol=1e-4)
    assert_close(lab_to_rgb(view(rgb_to_lab(packed))), lab_to_rgb(view(rgb_to_lab(packed)).contiguous()), atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_the_input_is_left_alone(dtype, device):
    rgb = (torch.rand(3, 9, 9) * 255).to(device, dtype)
    before = rgb.clone()
    lab_to_rgb(rgb_to_lab(rgb))
    assert torch.equal(rgb, before)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_mixed_precision_around_it_costs_no_precision(dtype, device):
    rgb = levels("random").to(device)
    rgb = rgb if dtype == torch.uint8 else rgb / 255
    with torch.autocast(device.type, torch.bfloat16):
        lab = rgb_to_lab(rgb)
        back = lab_to_rgb(lab)
    assert_close(lab, rgb_to_lab(rgb), atol=1e-4)
    assert_close(back, lab_to_rgb(lab), atol=1e-5)


def test_greys_have_no_colour_and_grow_lighter(device):
    lightness, a, b = rgb_to_lab(levels("greys").to(device))
    assert torch.maximum(a.abs(), b.abs()).max() < 0.02  # not 0: the white point has five digits
    assert (lightness.diff() > 0).all()


def test_srgb_stays_within_the_stated_ranges():
    cube = torch.tensor(list(itertools.product(range(0, 256, 15), repeat=3)), dtype=torch.uint8).T[:, None]
    low, high = (t.flatten().tolist() for t in rgb_to_lab(cube).aminmax(dim=-1))
    assert low == pytest.approx([0, -86.2, -107.9], abs=0.1)
    assert high == pytest.approx([100, 98.2, 94.5], abs=0.1)


@pytest.mark.parametrize("band", SMOOTH_BANDS)
def test_gradients_equal_finite_differences(band, device):
    low, high = SMOOTH_BANDS[band]
    rgb = (low + (high - low) * torch.rand(3, 2, 2, dtype=torch.float64)).to(device).requires_grad_()
    lab = rgb_to_lab(rgb).detach().requires_grad_()
    assert torch.autograd.gradcheck(rgb_to_lab, rgb)
    assert torch.autograd.gradcheck(lab_to_rgb, lab)


@pytest.mark.parametrize("corner", CORNERS)
def test_gradients_are_finite_at_black_white_and_the_primaries(corner, device, dtype):
    rgb = (torch.tensor(corner, dtype=dtype, device=device).view(3, 1, 1) / 255).requires_grad_()
    lab = rgb_to_lab(rgb)
    lab.square().sum().backward()
    leaf = lab.detach().requires_grad_()
    lab_to_rgb(leaf, clip=False).sum().backward()
    assert rgb.grad.isfinite().all()
    assert leaf.grad.isfinite().all()
    assert leaf.grad.any()


def test_lightness_rises_from_black_with_the_slope_of_the_standard(device, dtype):
    rgb = torch.zeros(3, 1, 1, device=device, dtype=dtype, requires_grad=True)
    rgb_to_lab(rgb)[0].sum().backward()
    assert rgb.grad.sum().item() == pytest.approx(903.3 / 12.92, rel=1e-3)


def test_clip_is_all_that_clip_does(device, dtype):
    span, least = (torch.tensor(t).view(3, 1, 1) for t in ((100, 200, 200), (0, -100, -100)))
    lab = (torch.rand(3, 50, 50) * span + least).to(device, dtype)
    free = lab_to_rgb(lab, clip=False)
    assert free.min() < 0
    assert free.max() > 1
    assert torch.equal(lab_to_rgb(lab), free.clamp(0, 1))


def test_to_uint8_rounds_to_the_nearest_level(device):
    level = torch.arange(256, device=device)
    assert torch.equal(to_uint8(level / 255), level.byte())
    assert torch.equal(to_uint8((level[:-1] + 0.4) / 255), level[:-1].byte())
    assert torch.equal(to_uint8((level[:-1] + 0.6) / 255), level[1:].byte())


def test_to_uint8_clips_and_needs_no_detach():
    assert to_uint8(torch.tensor([-3.0, -1e-3, 1.001, 7.0], requires_grad=True)).tolist() == [0, 0, 255, 255]


@pytest.mark.parametrize("convert", [rgb_to_lab, rgb_to_lightness, lab_to_rgb])
@pytest.mark.parametrize(
    "wrong",
    [
        torch.zeros(3),
        torch.zeros(3, 4),
        torch.zeros(4, 5, 5),
        torch.zeros(5, 5, 3),
        torch.zeros(2, 1, 5, 5),
        torch.zeros(3, 4, 4, dtype=torch.int64),
        torch.zeros(3, 4, 4, dtype=torch.bool),
    ],
)
def test_what_is_no_picture_is_refused(convert, wrong):
    with pytest.raises(ValueError, match=convert.__name__):
        convert(wrong)


def test_uint8_lab_is_refused():
    with pytest.raises(ValueError, match="floating point"):
        lab_to_rgb(torch.zeros(3, 4, 4, dtype=torch.uint8))


# --- the greys of a picture file


def test_a_grey_stays_and_what_lies_between_goes_to_the_nearer_one():
    greys = rgb_to_lightness(levels("greys")).flatten()  # (256,)
    assert torch.equal(nearest_grey(greys), greys)
    lightness = torch.linspace(0, 100, 20_001, dtype=torch.float64)
    by_search = greys.double()[(lightness[:, None] - greys.double()).abs().argmin(1)]
    assert_close(nearest_grey(lightness), by_search, 1e-6)
    assert (nearest_grey(lightness) - lightness).abs().max() < 0.26


def test_the_marks_of_rounded_colours_are_gone():
    """A pale colour ramp: its L takes more values than a grey picture can have, and then no others than those."""
    ramp = torch.linspace(0.4, 0.6, 2000)
    rgb = torch.stack((ramp + 0.03, ramp, ramp - 0.03)).mul(255).round().byte()[:, None]  # (3, 1, 2000)
    lightness, greys = rgb_to_lightness(rgb), rgb_to_lightness(levels("greys"))
    assert not torch.isin(lightness, greys).all()
    assert torch.isin(nearest_grey(lightness), greys).all()
    assert nearest_grey(lightness).shape == lightness.shape
