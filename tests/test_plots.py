"""Pictures: what is drawn is what was given."""

import matplotlib
import numpy as np
import pytest
import torch

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from colorize_lib.colour.lab import rgb_to_lab, to_rgb
from colorize_lib.data.examples import gallery
from colorize_lib.experiments.subsets import Design, compare
from colorize_lib.plots import (
    ab_plane,
    accuracy_rows,
    bin_map,
    kinds_bars,
    lab_channels,
    seed_bars,
    show_answers,
    show_images,
    show_rows,
    size_curves,
)


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


# --- more pictures, more kinds


NAMES = {"one": "One", "two": "Two"}


@pytest.fixture(scope="module")
def compared() -> dict:
    """The ab RMSE falls by 1 with every doubling of the pictures, and by 2 with more kinds of them."""
    design = Design()
    squared = {one: (20 - np.log2(one.pictures / 6000) + 2 * (one.kinds == 50)) ** 2 for one in design.subsets()}
    numbers = {
        (one, seed): dict.fromkeys(NAMES, np.full((9, 7), value)) for one, value in squared.items() for seed in (0, 1)
    }
    return compare(design, 2, numbers, dict.fromkeys(NAMES, np.ones(9)))


def test_size_curves_draw_the_change_from_the_smallest(compared):
    axis = plt.figure().subplots()
    size_curves(axis, compared, "ab_rmse-1", NAMES)
    curves = [line for line in axis.lines if line.get_label() in NAMES.values()]
    assert len(curves) == 2
    for curve in curves:
        assert list(curve.get_xdata()) == [6000, 12_000, 24_000, 48_000]
        assert curve.get_ydata() == pytest.approx([0, -1, -2, -3], abs=1e-4)
    dots = [line for line in axis.lines if line.get_marker() == "."]
    assert [list(line.get_xdata()) for line in dots] == 2 * [[n, n] for n in (12_000, 24_000, 48_000)]


def test_kinds_bars_draw_many_kinds_against_few(compared):
    axis = plt.figure().subplots()
    kinds_bars(axis, compared, "ab_rmse-1", NAMES)
    middles = [line.get_ydata()[0] for line in axis.lines if line.get_marker() == "_"]
    assert middles == pytest.approx([-2, -2], abs=1e-4)
    assert [tick.get_text() for tick in axis.get_xticklabels()] == ["One", "Two"]


def test_seed_bars_draw_an_interval_and_every_seed():
    found = {"mean": 2.0, "low": 1.0, "high": 4.0, "seeds": [1.5, 2.5]}
    rows = [
        {"network": network, "temperature": temperature, "lam": 1.0, "measures": {"auc": found}}
        for network, temperature in (("regression", None), ("classification", 1.0), ("classification", 0.38))
    ]
    axis = plt.figure().subplots()
    names = {("classification", 0.38, 1): "A", ("regression", None, 1): "B", ("classification", 1, 1): "C"}
    seed_bars(axis, rows, "auc", names)
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["A", "B", "C"]
    assert axis.get_ylim()[0] > axis.get_ylim()[1], "the first is on top"
    bars, means, dots = axis.lines[::3], axis.lines[1::3], axis.lines[2::3]
    assert [list(bar.get_xdata()) for bar in bars] == 3 * [[1, 4]]
    assert [mean.get_xdata()[0] for mean in means] == [2, 2, 2]
    assert [list(dot.get_xdata()) for dot in dots] == 3 * [[1.5, 2.5]]
    assert bars[0].get_color() == bars[2].get_color() != bars[1].get_color()


# --- what classifiers say


def test_show_answers_ticks_what_is_right_and_nothing_else():
    rgb = gallery().rgb[:2]
    sure = torch.tensor([[0.9, 0.1], [0.3, 0.7]])
    show_answers({"as it is": (rgb, sure), "turned": (rgb.flip(0), sure.flip(1))}, torch.tensor([0, 0]), ("cat", "dog"))
    said = [axis.get_xlabel() for axis in plt.gcf().axes]
    assert said == ["✓ cat, 90 %", "✗ dog, 90 %", "✗ dog, 70 %", "✓ cat, 70 %"]
    assert [axis.get_ylabel() for axis in plt.gcf().axes if axis.get_ylabel()] == ["cat", "cat"]
    assert [axis.get_title() for axis in plt.gcf().axes if axis.get_title()] == ["as it is", "turned"]
    wanted = [rgb[0], rgb[1], rgb[1], rgb[0]]
    assert all(np.array_equal(a, b.permute(1, 2, 0)) for a, b in zip(drawn(), wanted, strict=True))


def test_accuracy_rows_draw_means_and_intervals_in_percent():
    def cell(mean: float) -> dict:
        return {"accuracy": {"low": mean - 0.1, "mean": mean, "high": mean + 0.2}}

    cells = {"one": {"a": cell(0.5), "b": cell(0.6)}, "two": {"a": cell(0.3), "b": cell(0.4)}}
    accuracy_rows(cells, {"one": "One", "two": "Two"}, {"b": "B", "a": "A"})
    (axis,) = plt.gcf().axes
    marks = [container.lines[0] for container in axis.containers]
    assert [mark.get_xdata().tolist() for mark in marks] == [pytest.approx([60, 50]), pytest.approx([40, 30])]
    bars = [line.get_segments() for container in axis.containers for line in container.lines[2]]
    assert bars[0][0][:, 0] == pytest.approx([50, 80])
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["B", "A"]
