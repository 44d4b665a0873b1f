"""The same light is the same L, whatever the profile it is stored with."""

import numpy as np
import pytest
from icc_profiles import ADOBE, icc
from PIL import Image, ImageCms

from colorize_lib.pictures.profiles import Profile, power_of


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


def test_16_bits_in_colour_are_what_8_bits_are_and_get_no_steps():
    colours = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    for gamma in (1.0, 1.8):
        profile = Profile(icc("RGB ", gamma))
        after = profile.convert_levels(colours / 255)
        expected = np.asarray(profile.convert(Image.fromarray(colours)))
        assert np.abs(255 * after - expected).max() < 2.5
    ramp = np.linspace((0.5, 0.3, 0.2), (0.6, 0.35, 0.2), 5000)[None]
    after = profile.convert_levels(ramp)[0]
    assert len(np.unique(after[:, 0])) > 4900
    assert (np.diff(after[:, 0]) >= 0).all()


def test_a_cube_of_colours_is_turned_the_right_way():
    """Red, green and blue of Adobe RGB are other colours in sRGB, each another one."""
    wide = Profile(icc("RGB ", 2.2, ADOBE))
    patches = np.array([[(200, 100, 60), (60, 180, 100), (80, 60, 190), (128, 128, 128)]], np.uint8)
    expected = np.asarray(wide.convert(Image.fromarray(patches))).astype(int)
    assert np.abs(expected - patches).max() > 10
    assert np.abs(255 * wide.convert_levels(patches / 255) - expected).max() < 1.5


def test_the_gamma_of_a_png_counts_unless_it_is_that_of_srgb_or_a_mistake():
    levels = np.linspace(0, 1, 5)
    assert power_of({"gamma": 0.45455}) is power_of({"gamma": 1.0, "srgb": 0}) is power_of({}) is None
    assert power_of({"gamma": 0.0}) is power_of({"gamma": 1000.0}) is None
    linear = power_of({"gamma": 1.0}).convert_levels(levels)  # IEC 61966-2-1
    assert linear == pytest.approx([0, 0.537099, 0.735357, 0.880825, 1], abs=1e-5)
    old_mac = power_of({"gamma": 1 / 1.8}).convert_levels(levels)
    assert old_mac == pytest.approx([0, 0.317999, 0.572306, 0.795253, 1], abs=1e-5)


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
