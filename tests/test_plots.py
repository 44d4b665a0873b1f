"""Pictures: what is drawn is what was given."""

import matplotlib
import numpy as np
import pytest
import torch

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from colorize_lib.data import gallery
from colorize_lib.lab import rgb_to_lab
from colorize_lib.plots import ab_plane, bin_map, lab_channels, show_images, show_rows, to_rgb


@pytest.fixture(autouse=True)
def no_figure_left_open():
    yield
    plt.close("all")


def drawn() -> list[np.ndarray]:
    return [axis.images[0].get_array() for axis in plt.gcf().axes]


def test_show_images_draws_every_picture_in_its_place():
    pictures = gallery().rgb
    show_images({"one": pictures, "other": pictures.flip(0)}, max_n=3)
    wanted = [*pictures[:3], *pictures.flip(0)[:3]]
    assert all(np.array_equal(a, b.permute(1, 2, 0)) for a, b in zip(drawn(), wanted, strict=True))
    assert [axis.get_ylabel() for axis in plt.gcf().axes if axis.get_ylabel()] == ["one", "other"]


def test_show_rows_draws_grey_and_colour():
    rgb = gallery().rgb
    lightness, ab = rgb_to_lab(rgb).split((1, 2), dim=1)
    show_rows({"grey": (lightness, None), "truth": (lightness, ab)}, max_n=2)
    grey, _, truth, _ = drawn()
    assert np.ptp(grey.astype(int), axis=-1).max() <= 1
    assert np.array_equal(truth, rgb[0].permute(1, 2, 0))


def test_to_rgb_gives_the_picture_back():
    rgb = gallery().rgb
    lightness, ab = rgb_to_lab(rgb).split((1, 2), dim=1)
    assert torch.equal(to_rgb(lightness, ab), rgb)


def test_bin_map_puts_each_number_at_its_bin(gamut):
    values = torch.arange(len(gamut), dtype=torch.float64)
    image = bin_map(plt.figure().gca(), gamut, values)
    picture = image.get_array()
    assert np.isfinite(picture.filled(np.nan) if np.ma.isMaskedArray(picture) else picture).sum() == len(gamut)
    reach = picture.shape[0] // 2
    for q in (0, 100, len(gamut) - 1):
        column, row = ((gamut.centres[q] / gamut.grid).round().int() + reach).tolist()
        assert picture[row, column] == q


def test_ab_plane_draws_every_bin(gamut):
    axis = ab_plane(plt.figure().gca(), gamut)
    assert len(axis.patches) == len(gamut)


def test_lab_channels_keep_what_they_are_named_for():
    rgb = gallery().rgb[1]
    lab = rgb_to_lab(rgb)
    channels = {name: rgb_to_lab(picture)[0] for name, picture in lab_channels(rgb).items()}
    assert torch.allclose(channels["L"][0], lab[0], atol=0.5)
    assert channels["L"][1:].abs().max() < 1  # rounding to 8 bits
    moderate = lab[1].abs() < 20  # stronger colours are clipped at the middle lightness
    assert torch.allclose(channels["a"][1][moderate], lab[1][moderate], atol=1.5)
    assert channels["a"][2].abs()[moderate].max() < 1.5
