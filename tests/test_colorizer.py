"""A picture of the same size comes out, and its colours are what the steps by hand give."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from colorize_lib import bilateral
from colorize_lib import colorizer as module
from colorize_lib.bilateral import joint_bilateral_upsample
from colorize_lib.colorizer import Colorizer
from colorize_lib.data import PHOTOGRAPHS, embedded_cifar10, photograph
from colorize_lib.errors import InputError
from colorize_lib.lab import lab_to_rgb, rgb_to_lab, to_uint8
from colorize_lib.metrics import ab_rmse
from colorize_lib.weights import load_weights

W, H = 47, 33


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A colour photograph of 47x33 pixels."""
    return Image.fromarray(photograph("coffee").permute(1, 2, 0).numpy()).resize((W, H))


@pytest.fixture(scope="module")
def grey(photo) -> Image.Image:
    return photo.convert("L")


def array(image: Image.Image) -> np.ndarray:
    return np.asarray(image)


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
    assert (coloured.max(-1) - coloured.min(-1)).max() > 20


def test_without_a_temperature_it_is_the_papers(bins, photo):
    assert array(bins.colorize(photo, lam=1.0)).tolist() == array(bins.colorize(photo, 0.38, 1.0)).tolist()


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
    corner = photo[:, :60, :60]
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
def test_a_large_picture_is_the_mean_of_several_sizes_brought_to_it_along_L(request, name):
    colorizer = request.getfixturevalue(name)
    light = rgb_to_lab(photograph("coffee")[None, :, :99, :150])[:, :1]
    views = [module.reduced(light, side) for side in (24, 32, 48, 64)]
    assert [tuple(view.shape[2:]) for view in views] == [(24, 36), (32, 48), (48, 73), (64, 97)]
    guides = [torch.nn.functional.avg_pool2d(view, 2, ceil_mode=True) for view in views]
    colours = [colorizer.decode(colorizer.predict(view), 0.38, 0.5) for view in views]
    assert [c.shape[2:] for c in colours] == [g.shape[2:] for g in guides]
    coarse = [joint_bilateral_upsample(c, g, guides[-1]) for c, g in zip(colours[:-1], guides[:-1], strict=True)]
    expected = joint_bilateral_upsample(sum(coarse, colours[-1]) / 4, guides[-1], light)
    torch.testing.assert_close(colorizer.colour_lightness(light, 0.38, 0.5, 32), expected, atol=1e-3, rtol=0)


def test_only_sizes_below_the_pictures_own_are_looked_at(bins, monkeypatch):
    seen = []
    predict = Colorizer.predict
    monkeypatch.setattr(Colorizer, "predict", lambda self, light: seen.append(light.shape[2]) or predict(self, light))
    expected = {
        20: [20],
        32: [32],
        33: [24, 32],
        48: [24, 32],
        50: [24, 32, 48],
        64: [24, 32, 48],
        65: [24, 32, 48, 64],
    }
    for side, sizes in expected.items():
        seen.clear()
        bins.colour_lightness(torch.rand(1, 1, side, 70) * 100, size=32)
        assert seen == sizes, side


def test_half_a_pixel_more_is_a_pixel_more(bins, monkeypatch):
    seen = []
    predict = Colorizer.predict
    monkeypatch.setattr(Colorizer, "predict", lambda self, light: seen.append(light.shape[2:]) or predict(self, light))
    bins.colour_lightness(torch.rand(1, 1, 90, 101) * 100, size=30)
    assert [tuple(shape) for shape in seen] == [(23, 26), (30, 34), (45, 51), (60, 67)]


def test_a_reduced_picture_is_no_darker_than_black_and_no_lighter_than_white():
    """A cubic overshoots at an edge."""
    edge = torch.zeros(1, 1, 64, 64)
    edge[..., 32:] = 100
    cubic = torch.nn.functional.interpolate(edge, size=(25, 25), mode="bicubic", antialias=True)
    assert cubic.min() < -1
    assert cubic.max() > 101
    torch.testing.assert_close(module.reduced(edge, 25), cubic.clamp(0, 100))


def test_several_sizes_are_nearer_the_truth_than_any_one(bins):
    """At the settings of the command line, over the photographs."""
    error = dict.fromkeys(("together", 24, 32, 48, 64), 0.0)
    for name in PHOTOGRAPHS:
        lab = rgb_to_lab(photograph(name)[None])
        light, true_ab = lab[:, :1], lab[:, 1:]
        for way in error:
            if way == "together":
                ab = bins.colour_lightness(light, 0.38, 0.55, bins.size)
            else:
                ab = bins.colour_lightness(module.reduced(light, way), 0.38, 0.55)
                ab = torch.nn.functional.interpolate(ab, light.shape[2:], mode="bilinear")
            error[way] += ab_rmse(ab, true_ab)
    assert min(error, key=error.get) == "together"


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
    code = """
import resource, torch
from colorize_lib.colorizer import Colorizer
colorizer = Colorizer.load("classification", "cpu")
peak = lambda side: (
    colorizer.colorize(torch.full((1, side, side), 90, dtype=torch.uint8)),
    resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
)[1]
small, large = peak(500), peak(2500)
print((large - small) * (1 if __import__("sys").platform == "darwin" else 1024) / (2500**2 - 500**2))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(run.stdout) < 16


def test_unknown_weights_are_refused():
    with pytest.raises(InputError, match="no weights 'nonsense'"):
        Colorizer.load("nonsense")
