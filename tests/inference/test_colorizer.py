"""A picture of the same size comes out, and its colours are what the steps by hand give."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from one_photo import array
from peak import bytes_a_pixel
from torch.nn import functional as F

from colorize_lib.colour import bilateral
from colorize_lib.colour.bilateral import faded, joint_bilateral_upsample, smooth_along_light
from colorize_lib.colour.lab import lab_to_rgb, rgb_to_lab, to_uint8
from colorize_lib.colour.resolution import by_area, upsample, view_sides
from colorize_lib.data.examples import embedded_cifar10, photograph
from colorize_lib.errors import InputError
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.inference.dials import LAM, TEMPERATURE
from colorize_lib.measuring.metrics import roughness
from colorize_lib.weights.shipped import load_weights

# --- what comes out


@pytest.mark.parametrize(
    "size", [(1, 1), (7, 5), (33, 47), (8, 8), (64, 64), (700, 40), (40, 700), (1, 100), (65, 129)]
)
@pytest.mark.parametrize("name", ["bins", "regression"])
def test_any_size_comes_back(request, photo, size, name):
    assert request.getfixturevalue(name).colorize(photo.resize(size)).size == size


@settings(max_examples=15)
@given(width=st.integers(1, 90), height=st.integers(1, 90), size=st.none() | st.integers(8, 100))
def test_any_size_comes_back_whatever_the_network_sees(bins, photo, width, height, size):
    assert bins.colorize(photo.resize((width, height)), size=size).size == (width, height)


def test_lightness_stays_where_nothing_is_clipped(bins):
    image = photograph("coffee")[None, :, :128, :192]
    before = rgb_to_lab(image)[:, :1]
    ab = bins.colour_lightness(before, 0.38, 0.5, 64)
    unclipped = lab_to_rgb(torch.cat((before, ab), 1), clip=False)
    inside = ((unclipped >= 0) & (unclipped <= 1)).all(1)
    after = rgb_to_lab(bins.colorize(image, 0.38, 0.5))[:, 0]
    assert inside.float().mean() > 0.7
    assert (after - before[:, 0]).abs()[inside].max() < 0.6


def test_the_colours_of_the_input_are_not_looked_at(bins):
    lab = rgb_to_lab(embedded_cifar10().rgb[:4])
    colour = lab_to_rgb(lab)
    grey = lab_to_rgb(torch.cat((lab[:, :1], torch.zeros_like(lab[:, 1:])), 1))
    assert (colour - grey).abs().max() > 0.3
    difference = (bins.colorize(colour).int() - bins.colorize(grey).int()).abs()
    assert difference.max() <= 2
    assert difference.float().mean() < 0.05


def test_grey_pictures_get_colour(bins, grey):
    coloured = array(bins.colorize(grey)).astype(int)
    assert (coloured.max(-1) - coloured.min(-1)).max() > 12


def test_without_dials_it_is_painted_as_they_stand(bins, photo):
    assert array(bins.colorize(photo)).tolist() == array(bins.colorize(photo, TEMPERATURE, LAM)).tolist()


def test_the_steps_by_hand_give_the_mean_of_the_network_as_trained_unless_told_otherwise(bins):
    light = torch.rand(1, 1, 40, 48) * 100
    said = bins.predict(light)
    assert torch.equal(bins.decode(said), bins.gamut.decode(said))
    assert torch.equal(bins.colour_lightness(light), bins.colour_lightness(light, 1.0, 1.0, None))


def test_lightness_of_any_precision_is_looked_at(bins):
    light = torch.randint(0, 100, (1, 1, 16, 24)).float()
    for same in (light.double(), light.half(), light.long()):
        assert torch.equal(bins.predict(same), bins.predict(light))


def test_a_colour_that_never_occurred_and_pictures_of_one_pixel_are_no_mistake():
    """A description is refused for less than nothing, not for nothing."""
    weights = load_weights("classification")
    prior, data = weights.prior.clone(), weights.meta["data"] | {"size": [1, 1]}
    prior[0] = 0
    made = Colorizer(replace(weights, prior=prior, meta=weights.meta | {"data": data}), "cpu")
    assert (made.prior[0], made.size) == (0, 1)


def test_a_network_without_a_prior_is_not_rebalanced(bins):
    weights = load_weights("classification")
    assert Colorizer(replace(weights, prior=None), "cpu").prior is None
    said = bins.predict(torch.rand(1, 1, 16, 16) * 100)
    bare = Colorizer(replace(weights, prior=None), "cpu")
    assert torch.equal(bare.decode(said, 0.38, 0.5), bins.decode(said, 0.38, 1.0))


def test_temperature_and_lambda_matter_for_bins_alone(bins, regression, photo):
    settings = [(0.38, 1.0), (0.05, 1.0), (1.0, 1.0), (0.38, 0.5)]
    assert len({array(bins.colorize(photo, *s)).tobytes() for s in settings}) == 4
    assert len({array(regression.colorize(photo, *s)).tobytes() for s in settings}) == 1


@pytest.mark.parametrize("temperature", [0, -1, float("nan")])
def test_a_temperature_without_sense_is_refused(bins, photo, temperature):
    with pytest.raises(ValueError, match="temperature must be above 0"):
        bins.colorize(photo, temperature)


@pytest.mark.parametrize("lam", [0, -1, 1.5, float("nan")])
def test_a_lambda_without_sense_is_refused(bins, photo, lam):
    with pytest.raises(ValueError, match="lam"):
        bins.colorize(photo, 0.38, lam)


def test_lower_lambda_is_more_vivid(bins):
    batch = embedded_cifar10().rgb
    chroma = [rgb_to_lab(bins.colorize(batch, 0.38, lam))[:, 1:].square().sum(1).sqrt().mean() for lam in (1, 0.5, 0.1)]
    assert chroma[0] < chroma[1] < chroma[2]


def test_size_is_what_the_network_sees(bins):
    photo = photograph("rocket")
    small, large = (array(bins.colorize(photo, size=size)) for size in (32, 128))
    assert small.tolist() != large.tolist()
    corner = photo[:, :64, :64]
    assert array(bins.colorize(corner, size=64)).tolist() == array(bins.colorize(corner, size=None)).tolist()


def test_colorize_is_the_steps_taken_by_hand(bins):
    picture = embedded_cifar10().rgb[:1]
    light = rgb_to_lab(picture)[:, :1]
    logits = bins.predict(light)
    assert logits.shape == (1, 261, 16, 16)
    ab = bins.gamut.decode(logits, 0.38, 0.5, bins.prior)
    ab = torch.nn.functional.interpolate(ab, (32, 32), mode="bilinear", align_corners=False)
    assert torch.equal(bins.colorize(picture, 0.38, 0.5), to_uint8(lab_to_rgb(torch.cat((light, ab), 1))))


@pytest.mark.parametrize("name", ["bins", "regression"])
def test_a_large_picture_is_seen_small_smoothed_along_L_and_brought_to_full_size(request, name):
    colorizer = request.getfixturevalue(name)
    light = rgb_to_lab(photograph("coffee")[None, :, :99, :150])[:, :1]
    view = F.interpolate(light, (24, 40), mode="bicubic", antialias=True).clamp(0, 100)
    guide = F.avg_pool2d(view, 2)
    said = colorizer.predict(view)
    said = smooth_along_light(said.log_softmax(1) if colorizer.gamut else said, guide)
    expected = joint_bilateral_upsample(colorizer.decode(said, 0.38, 0.5), guide, light)  # its light varies: not faded
    torch.testing.assert_close(colorizer.colour_lightness(light, 0.38, 0.5, 32), expected, atol=1e-3, rtol=0)


def test_a_reduced_picture_is_no_darker_than_black_and_no_lighter_than_white():
    """A cubic overshoots at an edge."""
    edge = torch.zeros(1, 1, 64, 64)
    edge[..., 32:] = 100
    cubic = F.interpolate(edge, size=(24, 24), mode="bicubic", antialias=True)
    assert cubic.min() < -1
    assert cubic.max() > 101
    torch.testing.assert_close(by_area(edge, 24), cubic.clamp(0, 100))


def test_a_picture_at_the_size_of_training_is_taken_as_it_is(bins):
    light = rgb_to_lab(embedded_cifar10().rgb[:3])[:, :1]
    plain = upsample(bins.decode(bins.predict(light), 0.38), (32, 32))
    assert torch.equal(bins.colour_lightness(light, 0.38, size=32), plain)
    assert torch.equal(bins.colour_lightness(light, 0.38), plain)


@pytest.mark.parametrize(
    ("height", "width", "size", "sides"),
    [
        (32, 32, 32, (32, 32)), (256, 256, 128, (128, 128)), (400, 600, 128, (104, 160)), (600, 400, 128, (160, 104)),
        (20, 20, 32, (32, 32)), (100, 900, 128, (40, 384)), (1, 100_000, 32, (8, 256)),
    ],
)  # fmt: skip
def test_a_view_has_an_area_and_the_pictures_shape(height, width, size, sides):
    assert view_sides(height, width, size) == sides
    assert by_area(torch.rand(1, 1, min(height, 50), 50) * 100, None).shape[-1] == 50  # None takes it as it is


@given(st.integers(8, 4000), st.integers(8, 4000), st.sampled_from([32, 64, 128]))
def test_however_narrow_a_picture_about_as_many_pixels_are_seen(height, width, size):
    h, w = view_sides(height, width, size)
    assert h % 8 == w % 8 == 0
    if max(height, width) <= 3 * min(height, width):
        assert 0.7 < h * w / size**2 < 1.4
        assert 0.7 < (h / w) / (height / width) < 1.4


def test_where_the_light_says_nothing_there_is_no_colour(bins):
    ab = torch.full((3, 2, 8, 8), 20.0)
    light = 50 + torch.tensor([0.0, 1.0, 4.0])[:, None, None, None] * torch.ones(1, 1, 8, 8)
    light[..., ::2] = 50  # half of the pixels: the standard deviations are 0, 1/2 and 2
    assert faded(ab, light).mean((1, 2, 3)).tolist() == pytest.approx([0, 5, 20])
    card = bins.colour_lightness(torch.full((1, 1, 90, 120), 54.0), 0.38, 0.3, 32)
    assert card.abs().max() < 1e-3


def test_smoothing_makes_colours_even_where_light_is(bins):
    light = rgb_to_lab(photograph("chelsea")[None])[:, :1]
    rough = {}
    for smooth in (True, False):
        said, guide = bins.look(light, 64, smooth)
        rough[smooth] = roughness(bins.decode(said, 0.38), guide)
    assert rough[True] < 0.8 * rough[False]


def test_a_batch_of_large_pictures_is_its_pictures(bins):
    light = rgb_to_lab(torch.stack([photograph("coffee")[:, :90, :80], photograph("rocket")[:, -90:, :80]]))[:, :1]
    together = bins.colour_lightness(light, 0.38, 0.5, 32)
    for one, ab in zip(light, together, strict=True):
        torch.testing.assert_close(bins.colour_lightness(one[None], 0.38, 0.5, 32)[0], ab, atol=1e-2, rtol=0)


@pytest.mark.parametrize("name", ["bins", "regression"])
def test_sizes_that_fit_are_not_padded(request, name):
    colorizer = request.getfixturevalue(name)
    light = torch.rand(2, 1, 24, 40) * 100
    with torch.inference_mode():
        expected = colorizer.network(light) * (1 if colorizer.gamut else 50)
    torch.testing.assert_close(colorizer.predict(light), expected, atol=1e-3, rtol=1e-3)


def test_padding_repeats_the_edge_and_is_cut_off(bins):
    light = torch.rand(1, 1, 13, 21) * 100
    padded = torch.nn.functional.pad(light, (0, 3, 0, 3), mode="replicate")
    assert bins.predict(light).shape == (1, 261, 7, 11)
    torch.testing.assert_close(bins.predict(light), bins.predict(padded)[..., :7, :11])


def test_predict_in_parts_is_predict(bins):
    light = torch.rand(5, 1, 16, 16) * 100
    torch.testing.assert_close(bins.predict(light, batch=2), bins.predict(light), atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("shape", [(1, 16, 16), (1, 3, 16, 16), (16, 16)])
def test_predict_wants_lightness(bins, shape):
    with pytest.raises(ValueError, match=r"\(N, 1, H, W\)"):
        bins.predict(torch.zeros(shape))


def test_its_name_says_what_it_is(bins, regression):
    assert repr(bins) == "Colorizer('classification', 261 bins, cpu)"
    assert repr(regression) == "Colorizer('regression', ab, cpu)"


@pytest.mark.parametrize("size", [-1, 0, 1, 7, 7.9, float("nan"), float("inf"), "bogus", "", [64]], ids=str)
def test_a_size_without_sense_is_refused(bins, photo, size):
    with pytest.raises(InputError, match="The size must be at least 8 pixels"):
        bins.colorize(photo, size=size)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_batch_of_no_pictures_is_none(bins, channels):
    coloured = bins.colorize(torch.zeros(0, channels, 8, 9))
    assert (coloured.shape, coloured.dtype) == ((0, 3, 8, 9), torch.uint8)


@pytest.mark.parametrize("device", ["meta", "nonsense", "cuda:99"])
def test_a_device_that_is_not_there_is_refused(device):
    with pytest.raises(InputError, match=f"The device '{device}' is not there"):
        Colorizer.load("regression", device)


# --- large pictures


@pytest.mark.parametrize("strip", [1, 7, 13])
@pytest.mark.parametrize("size", [32, None])
def test_strips_of_any_height_give_the_same_pixels(bins, monkeypatch, strip, size):
    picture = photograph("chelsea")[:, :101, :131]
    for image in (picture, picture.float() / 255):
        monkeypatch.setattr(bilateral, "_CHUNK", 10**9)
        whole = array(bins.colorize(image, size=size))
        monkeypatch.setattr(bilateral, "_CHUNK", strip * 131)
        assert np.array_equal(array(bins.colorize(image, size=size)), whole)


def test_what_a_large_picture_needs_is_a_few_bytes_a_pixel():
    """L and the result are 7 bytes a pixel, PIL's copy 4. With Lab in full at once it was over 100."""
    prepare = """
import torch
from colorize_lib.inference.colorizer import Colorizer
colorizer = Colorizer.load("classification", "cpu")
"""
    call = "colorizer.colorize(torch.full((1, side, side), 90, dtype=torch.uint8))"
    assert bytes_a_pixel(prepare, call, 500, 2500) < 16


def test_unknown_weights_are_refused():
    with pytest.raises(InputError, match="no weights 'nonsense'"):
        Colorizer.load("nonsense")


def test_what_the_network_says_and_the_light_there_are_of_one_size(bins):
    prediction, guide = bins.look(torch.rand(1, 1, 33, 35) * 100)
    assert prediction.shape[-2:] == guide.shape[-2:] == (17, 18)
