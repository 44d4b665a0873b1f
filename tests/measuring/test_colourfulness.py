"""How much colour there is, and whether it is as much as there should be."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis.extra.numpy import arrays
from measured_pictures import ab_pixels, abs_pictures

from colorize_lib.measuring import metrics

rgb_pictures = arrays(np.uint8, (3, 3, 4, 5)).map(torch.from_numpy)


# --- colourfulness


@given(rgb_pictures)
def test_colourfulness_equals_numpy(rgb):
    for actual, (r, g, b) in zip(metrics.colourfulness(rgb), rgb.double().numpy(), strict=True):
        rg, yb = r - g, (r + g) / 2 - b
        expected = np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
        assert actual.item() == pytest.approx(expected, abs=1e-9)


def test_colourfulness_of_known_pictures():
    rgb = torch.zeros(3, 3, 2, 2, dtype=torch.uint8)
    rgb[0] = torch.tensor([[7, 200], [0, 255]])  # grey
    rgb[1, 0] = 255  # red
    rgb[2, 0, 0] = rgb[2, 1, 1] = 255  # red above green: the opponent that has a sign
    expected = [0, 0.3 * math.hypot(255, 127.5), 255 + 0.3 * 127.5]
    assert metrics.colourfulness(rgb).tolist() == pytest.approx(expected)


def test_colourfulness_ratio_is_that_of_the_means():
    red = torch.zeros(1, 3, 2, 2, dtype=torch.uint8)
    red[:, 0] = 200
    grey = torch.full_like(red, 90)
    assert metrics.colourfulness_ratio(torch.cat((red // 2, grey)), torch.cat((red, red))) == pytest.approx(0.25)


# --- chroma


def test_chroma_histogram_counts_pixels_in_steps_of_4_and_keeps_the_rest_in_the_last_class():
    histogram = metrics.chroma_histogram(ab_pixels((0, 0), (0, 3.9), (-4, 0), (3, 4), (90, 90)), classes=3)
    assert histogram == pytest.approx([0.4, 0.4, 0.2])


def test_there_are_30_classes_of_chroma_in_a_histogram_and_15_in_a_calibration():
    ab = ab_pixels(*((4 * k + 2, 0) for k in range(40)))
    assert metrics.chroma_histogram(ab) == pytest.approx([1 / 40] * 29 + [11 / 40])
    assert metrics.chroma_histogram(ab[..., :3]) == pytest.approx([1 / 3] * 3 + [0] * 27)
    found = metrics.chroma_calibration(ab, ab)
    assert [row["share"] for row in found] == pytest.approx([1 / 40] * 14 + [26 / 40])


def test_chroma_calibration_by_hand():
    # Two pixels predicted (5, 0), truly (3, 4) and (-1, 0); one predicted (0, -10), truly so.
    found = metrics.chroma_calibration(ab_pixels((5, 0), (5, 0), (0, -10)), ab_pixels((3, 4), (-1, 0), (0, -10)))
    assert found == [
        pytest.approx({"predicted": 5, "along": 1, "true": 3, "share": 2 / 3}),
        pytest.approx({"predicted": 10, "along": 10, "true": 10, "share": 1 / 3}),
    ]


def test_chroma_calibration_of_nearly_grey_predictions_by_hand():
    """However short the predicted colour, it has a direction: (0.3, 0.4) is (0.6, 0.8)."""
    (row,) = metrics.chroma_calibration(ab_pixels((0.3, 0.4)), ab_pixels((10, 5)))
    assert row == pytest.approx({"predicted": 0.5, "along": 0.6 * 10 + 0.8 * 5, "true": 125**0.5, "share": 1})


@given(abs_pictures)
def test_a_perfect_prediction_is_calibrated_in_every_class(truth):
    found = metrics.chroma_calibration(truth, truth)
    assert sum(row["share"] for row in found) == pytest.approx(1)
    for row in found:
        assert row["along"] == pytest.approx(row["true"], abs=1e-3)
        assert row["predicted"] == pytest.approx(row["true"])
