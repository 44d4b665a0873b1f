"""The same light is the same L, whatever the profile it is stored with."""

import numpy as np
import pytest
from picture_corpus import icc
from PIL import Image, ImageCms

from colorize_lib.profiles import Profile


@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.2])
def test_a_grey_curve_is_the_power_it_stands_for(gamma):
    light = (np.arange(256) / 255) ** gamma
    expected = np.where(light > 0.0031308, 1.055 * light ** (1 / 2.4) - 0.055, 12.92 * light) * 255
    assert np.abs(Profile(icc("GRAY", gamma)).grey - expected)[8:].max() < 1
    assert np.abs(Profile(icc("RGB ", gamma)).grey - expected)[8:].max() < 1


def test_16_bits_get_no_steps():
    levels = np.linspace(0.2, 1, 10_000)
    after = Profile(icc("GRAY", 1.8)).convert_levels(levels)
    steps = np.diff(after) / np.diff(levels)
    assert len(np.unique(after)) == len(levels)
    assert steps.max() / steps.min() < 1.6


def test_srgb_is_left_alone():
    profile = Profile(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (9, 9, 3), dtype=np.uint8))
    assert profile.convert(image) is image
    assert profile.grey.tolist() == list(range(256))


@pytest.mark.parametrize(
    ("space", "mode", "fits"),
    [("GRAY", "L", True), ("GRAY", "RGB", False), ("RGB ", "L", True), ("RGB ", "RGB", True), ("RGB ", "CMYK", False)],
)
def test_a_profile_is_for_its_own_pixels(space, mode, fits):
    assert Profile(icc(space)).fits(mode) == fits


@pytest.mark.parametrize("content", [b"", b"no profile", icc("RGB ")[:150]])
def test_a_damaged_profile_is_an_error(content):
    with pytest.raises((ImageCms.PyCMSError, OSError, ValueError)):
        Profile(content)
