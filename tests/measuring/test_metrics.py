"""Every number about a picture against its truth: a direct loop, NumPy or numbers worked out by hand."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from measured_pictures import ab_pixels, abs_pictures

from colorize_lib.colour.gamut import Gamut
from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.measuring import metrics

COARSE = Gamut(grid=20)  # so that pixels of a small random picture share bins


# --- ab distance and RMSE


def test_rmse_of_a_3_4_offset_is_5():
    ab = torch.randn(2, 2, 4, 4)
    assert metrics.ab_rmse(ab + torch.tensor([3.0, -4.0]).view(1, 2, 1, 1), ab) == pytest.approx(5, abs=1e-5)


@given(abs_pictures, abs_pictures)
def test_rmse_equals_numpy(prediction, truth):
    expected = np.sqrt(((prediction.double() - truth.double()).numpy() ** 2).sum(1).mean())
    assert metrics.ab_rmse(prediction, truth) == pytest.approx(expected, rel=1e-5)


def test_ab_distance_is_euclidean_per_pixel():
    distance = metrics.ab_distance(ab_pixels((3, 4), (0, 0), (-6, 8)), ab_pixels((0, 0), (0, 0), (0, 0)))
    assert distance.tolist() == [[[5, 0, 10]]]


# --- AuC


def auc_by_loop(prediction: torch.Tensor, truth: torch.Tensor, weight: np.ndarray) -> float:
    distance = np.sqrt(((prediction.double() - truth.double()).numpy() ** 2).sum(1))
    return 100 * np.mean([np.average(distance <= t, weights=weight) for t in range(151)])


@given(abs_pictures, abs_pictures)
def test_auc_equals_a_loop_over_thresholds(prediction, truth):
    assert metrics.auc(prediction, truth) == pytest.approx(auc_by_loop(prediction, truth, np.ones((2, 3, 2))))


@given(abs_pictures, abs_pictures, arrays(np.float64, (2, 3, 2), elements=st.floats(0.01, 100)))
def test_weighted_auc_equals_a_loop_over_thresholds(prediction, truth, weight):
    actual = metrics.auc(prediction, truth, torch.from_numpy(weight))
    assert actual == pytest.approx(auc_by_loop(prediction, truth, weight))


@pytest.mark.parametrize(
    ("error", "right_for"), [(0, 151), (0.5, 150), (1, 150), (1.01, 149), (150, 1), (150.5, 0), (300, 0)]
)
def test_auc_of_one_pixel_counts_the_thresholds_it_passes(error, right_for):
    assert metrics.auc(ab_pixels((error, 0)), ab_pixels((0, 0))) == pytest.approx(100 * right_for / 151)


@given(abs_pictures, abs_pictures, st.floats(0, 1))
def test_auc_never_falls_when_every_pixel_comes_closer(prediction, truth, step):
    closer = truth + (prediction - truth) * step
    assert metrics.auc(closer, truth) >= metrics.auc(prediction, truth) - 1e-9


def test_balanced_auc_counts_every_bin_alike(gamut):
    truth = ab_pixels((0, 0), (1, 1), (-2, 3), (50, 40))  # three grey pixels, one orange
    grey = torch.zeros_like(truth)
    orange_error = math.ceil(math.hypot(50, 40))
    greys = [0, math.ceil(math.hypot(1, 1)), math.ceil(math.hypot(2, 3))]
    expected = ((151 - np.mean(greys)) + (151 - orange_error)) / 2 / 151 * 100
    assert metrics.auc(grey, truth, metrics.balanced_weight(truth, gamut)) == pytest.approx(expected)


def test_balanced_weight_is_one_over_the_pixels_in_the_true_bin(gamut):
    truth = ab_pixels((0, 0), (1, 1), (-2, 3), (50, 40))
    assert metrics.balanced_weight(truth, gamut).flatten().tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1])


@given(arrays(np.uint8, (2, 3, 4, 4)))
def test_balanced_weights_of_a_bin_sum_to_1(rgb):
    truth = rgb_to_lab(torch.from_numpy(rgb))[:, 1:]
    weight = metrics.balanced_weight(truth, COARSE)
    assert weight.sum().item() == pytest.approx(len(COARSE.nearest(truth).unique()))


# --- eps accuracy


@pytest.mark.parametrize(
    ("eps", "error", "right"),
    [
        (2, (4, -4), True),
        (2, (4.4, 0), True),
        (2, (4.49, 0), True),  # rounds to 4
        (2, (4.6, 0), False),  # rounds to 5
        (2, (0, -5), False),
        (5, (11, -11), True),
        (5, (11.4, 0), True),  # rounds to 11
        (5, (11.6, 0), False),
        (5, (0, 12), False),
        (5, (12, 12), False),
    ],
)
def test_eps_accuracy_of_one_pixel(eps, error, right):
    assert metrics.eps_accuracy(ab_pixels(error), ab_pixels((0, 0)), eps) == 100 * right


def test_eps_accuracy_rounds_the_truth_too():
    assert metrics.eps_accuracy(ab_pixels((2.6, 0)), ab_pixels((-1.6, 0)), 2) == 0  # 4.2, 5 rounded
    assert metrics.eps_accuracy(ab_pixels((2.4, 0)), ab_pixels((-2.4, 0)), 2) == 100  # 4.8, 4 rounded


def test_eps_accuracy_is_the_share_of_pixels():
    assert metrics.eps_accuracy(ab_pixels((0, 0), (3, 3), (3, 9), (9, 3)), torch.zeros(1, 2, 1, 4), 2) == 50


@given(abs_pictures, abs_pictures)
def test_eps_5_is_never_harder_than_eps_2(prediction, truth):
    assert metrics.eps_accuracy(prediction, truth, 5) >= metrics.eps_accuracy(prediction, truth, 2)


# --- bin cross-entropy


def test_bin_cross_entropy_of_knowing_nothing_is_log_q(gamut):
    truth = torch.randn(2, 2, 8, 8) * 40
    actual = metrics.bin_cross_entropy(torch.zeros(2, len(gamut), 4, 4), truth, gamut)
    assert actual == pytest.approx(math.log(len(gamut)), abs=1e-5)


def test_bin_cross_entropy_by_hand(gamut):
    flat = torch.zeros(1, 2, 2, 2)  # grey: its own bin, and four more at a distance of 10
    shares = np.array([1] + 4 * [math.exp(-2)]) / (1 + 4 * math.exp(-2))
    index = gamut.encode(flat[..., :1, :1])[0].flatten()
    p = torch.full((len(gamut),), 0.4 / (len(gamut) - 1))
    p[index[0]] = 0.6
    expected = -(shares[0] * math.log(0.6) + shares[1:].sum() * math.log(0.4 / (len(gamut) - 1)))
    actual = metrics.bin_cross_entropy(p.log().view(1, -1, 1, 1), flat, gamut)
    assert actual == pytest.approx(expected, abs=1e-5)


# --- all together


def test_a_perfect_prediction_is_perfect_in_everything(gamut, truth):
    ab = rgb_to_lab(truth)[:, 1:]
    light = rgb_to_lab(truth)[:, :1]
    found = metrics.picture_metrics(ab, truth, ab, truth, metrics.balanced_weight(ab, gamut), light)
    perfect = {
        "ab_rmse": 0,
        "auc": 100,
        "auc_balanced": 100,
        "eps2": 100,
        "eps5": 100,
        "psnr": 100,
        "ssim": 1,
        "colourfulness_ratio": 1,
        "ciede2000": 0,
        "roughness": metrics.roughness(ab, light),
    }
    assert found == pytest.approx(perfect, abs=1e-5)


def test_picture_metrics_are_the_single_ones(gamut, noisy, truth):
    ab, true_ab = rgb_to_lab(noisy)[:, 1:], rgb_to_lab(truth)[:, 1:]
    weight = metrics.balanced_weight(true_ab, gamut)
    light = rgb_to_lab(truth)[:, :1]
    found = metrics.picture_metrics(ab, noisy, true_ab, truth, weight, light)
    assert found == {
        "ab_rmse": metrics.ab_rmse(ab, true_ab),
        "auc": metrics.auc(ab, true_ab),
        "auc_balanced": metrics.auc(ab, true_ab, weight),
        "eps2": metrics.eps_accuracy(ab, true_ab, 2),
        "eps5": metrics.eps_accuracy(ab, true_ab, 5),
        "psnr": metrics.psnr(noisy, truth),
        "ssim": metrics.ssim(noisy, truth),
        "colourfulness_ratio": metrics.colourfulness_ratio(noisy, truth),
        "ciede2000": metrics.ciede2000(ab, true_ab, light),
        "roughness": metrics.roughness(ab, light),
    }
    assert len(set(found.values())) == len(found)


@pytest.mark.cifar
def test_grey_prediction_on_the_test_half_of_cifar10(gamut, cifar):
    # The reference values were measured on the JPEG copy; the lossless pictures differ a little.
    true_ab = rgb_to_lab(cifar("test").rgb)[:, 1:]
    grey = torch.zeros_like(true_ab)
    assert metrics.ab_rmse(grey, true_ab) == pytest.approx(18.98, abs=0.5)
    assert metrics.auc(grey, true_ab) == pytest.approx(90.13, abs=0.5)
    assert metrics.auc(grey, true_ab, metrics.balanced_weight(true_ab, gamut)) == pytest.approx(62.4, abs=2)
    assert metrics.eps_accuracy(grey, true_ab, 5) == pytest.approx(56.1, abs=2)
