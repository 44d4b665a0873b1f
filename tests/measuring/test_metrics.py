"""Every metric against scikit-image, a direct loop or numbers worked out by hand."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.color import deltaE_ciede2000
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torchmetrics.functional.image import structural_similarity_index_measure

from colorize_lib.colour.gamut import Gamut
from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.data.examples import embedded_cifar10
from colorize_lib.measuring import metrics

# Quarters and their squares are exact in float32, so no rounding moves a distance across a threshold.
quarters = st.integers(-440, 440).map(lambda n: n / 4)
COARSE = Gamut(grid=20)  # so that pixels of a small random picture share bins
abs_pictures = arrays(np.float32, (2, 2, 3, 2), elements=quarters).map(torch.from_numpy)
rgb_pictures = arrays(np.uint8, (3, 3, 4, 5)).map(torch.from_numpy)


def ab_pixels(*pixels: tuple[float, float]) -> torch.Tensor:
    """(1, 2, 1, n)."""
    return torch.tensor(pixels, dtype=torch.float32).T[None, :, None]


@pytest.fixture(scope="module")
def truth() -> torch.Tensor:
    return embedded_cifar10().rgb


@pytest.fixture(scope="module")
def noisy(truth) -> torch.Tensor:
    """The true pictures, each with more noise than the last."""
    noise = torch.randn(truth.shape, generator=torch.Generator().manual_seed(0))
    return (truth + noise * torch.linspace(2, 60, len(truth)).view(-1, 1, 1, 1)).clamp(0, 255).round().byte()


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


# --- PSNR and SSIM


def test_psnr_is_skimages_averaged_over_pictures(noisy, truth):
    pairs = zip(truth.numpy(), noisy.numpy(), strict=True)
    expected = np.mean([peak_signal_noise_ratio(t, p, data_range=255) for t, p in pairs])
    assert metrics.psnr(noisy, truth) == pytest.approx(expected)


def test_psnr_of_one_level_is_48_dB():
    truth = torch.randint(0, 255, (2, 3, 4, 4), dtype=torch.uint8)
    assert metrics.psnr(truth + 1, truth) == pytest.approx(20 * math.log10(255))


def test_psnr_of_a_perfect_picture_counts_as_100(noisy, truth):
    half = torch.cat((truth[:1], noisy[1:2]))
    assert metrics.psnr(truth, truth) == 100
    assert metrics.psnr(half, truth[:2]) == pytest.approx((100 + metrics.psnr(noisy[1:2], truth[1:2])) / 2)


def test_ssim_is_skimages_with_the_picture_mirrored_at_its_border(noisy, truth):
    # scikit-image averages over the windows that lie inside the picture and so leaves out a border of
    # 5 pixels, half of all pixels at 32x32. Ours counts every pixel, and mirrors the picture for the
    # windows that stick out. The same number comes out of scikit-image given the mirrored picture.
    expected = [
        structural_similarity(
            *(np.pad(p.numpy(), ((0, 0), (5, 5), (5, 5)), mode="reflect") for p in pair),
            channel_axis=0,
            data_range=255,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        for pair in zip(noisy, truth, strict=True)
    ]
    assert metrics.ssim(noisy, truth) == pytest.approx(np.mean(expected), abs=1e-4)


def test_ssim_is_torchmetrics(noisy, truth):
    wide = slice(None), slice(None), slice(3, 20)  # height and width differ
    for one, other in ((noisy, truth), (noisy[wide], truth[wide])):
        expected = structural_similarity_index_measure(one.float(), other.float(), data_range=255.0)
        assert metrics.ssim(one, other) == pytest.approx(expected.item(), abs=1e-5)


def test_ssim_of_even_pictures_by_hand():
    """Nothing varies, so only the means and the constant K1 count."""
    dark, darker = (torch.full((1, 3, 8, 8), level, dtype=torch.uint8) for level in (8, 3))
    c1 = (0.01 * 255) ** 2
    assert metrics.ssim(darker, dark) == pytest.approx((2 * 3 * 8 + c1) / (3**2 + 8**2 + c1), abs=1e-5)


def test_ssim_of_dark_pictures_without_contrast_is_torchmetrics(noisy, truth):
    """There the two constants decide."""
    expected = structural_similarity_index_measure((noisy // 32).float(), (truth // 32).float(), data_range=255.0)
    assert metrics.ssim(noisy // 32, truth // 32) == pytest.approx(expected.item(), abs=1e-5)


def test_ssim_needs_half_a_window():
    small = torch.randint(0, 255, (1, 3, 6, 7), dtype=torch.uint8)
    assert metrics.ssim(small, small) == pytest.approx(1, abs=1e-5)
    for cut in (small[:, :, :5], small[..., :5]):
        with pytest.raises(ValueError, match="at least 6 pixels a side, not 5"):
            metrics.ssim(cut, cut)


@pytest.mark.parametrize("count", [499, 500, 501, 1001])
def test_many_pictures_are_measured_in_parts_that_do_not_show(count):
    prediction, truth = torch.randint(0, 255, (2, count, 3, 2, 3), dtype=torch.uint8)
    expected = np.mean([metrics.psnr(one[None], true[None]) for one, true in zip(prediction, truth, strict=True)])
    assert metrics.psnr(prediction, truth) == pytest.approx(expected)
    expected = torch.cat([metrics.colourfulness(part) for part in truth.split(123)])
    torch.testing.assert_close(metrics.colourfulness(truth), expected)


def test_there_must_be_as_many_true_pictures_as_coloured_ones():
    rgb, ab, light = torch.zeros(501, 3, 2, 2, dtype=torch.uint8), torch.zeros(501, 2, 2, 2), torch.zeros(501, 1, 2, 2)
    with pytest.raises(ValueError, match="zip"):
        metrics.psnr(rgb, rgb[:500])
    with pytest.raises(ValueError, match="zip"):
        metrics.ciede2000(ab, ab, light[:500])


def test_ssim_does_not_depend_on_the_batch(noisy, truth):
    assert metrics.ssim(noisy, truth, batch=7) == pytest.approx(metrics.ssim(noisy, truth), abs=1e-5)


def test_ssim_of_a_perfect_picture_is_1(truth):
    assert metrics.ssim(truth, truth) == pytest.approx(1, abs=1e-5)


def test_more_noise_is_worse(truth):
    noise = torch.randn(truth.shape)
    pictures = [(truth + noise * sigma).clamp(0, 255).round().byte() for sigma in (0, 3, 10, 30)]
    for metric in (metrics.psnr, metrics.ssim):
        values = [metric(p, truth) for p in pictures]
        assert values == sorted(values, reverse=True)


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


# --- CIEDE2000


#: Pairs of equal L, 50, from table 1 of Sharma, Wu and Dalal, where other programs went wrong.
SHARMA = [
    ((2.6772, -79.7751), (0, -82.7485), 2.0425),
    ((3.1571, -77.2803), (0, -82.7485), 2.8615),
    ((2.8361, -74.0200), (0, -82.7485), 3.4412),
    ((0, 0), (-1, 2), 2.3669),
    ((2.49, -0.001), (-2.49, 0.0009), 7.1792),
    ((2.49, -0.001), (-2.49, 0.0011), 7.2195),
    ((-0.001, 2.49), (0.0009, -2.49), 4.8045),
    ((2.5, 0), (0, -2.5), 4.3065),
]


@pytest.mark.parametrize(("one", "other", "difference"), SHARMA)
def test_ciede2000_of_published_pairs(one, other, difference):
    light = torch.full((1, 1, 1, 1), 50.0)
    assert metrics.ciede2000(ab_pixels(one), ab_pixels(other), light) == pytest.approx(difference, abs=1e-4)
    assert metrics.ciede2000(ab_pixels(other), ab_pixels(one), light) == pytest.approx(difference, abs=1e-4)


def test_ciede2000_is_scikit_images_with_the_true_light_on_both_sides(noisy, truth):
    lab, other = rgb_to_lab(truth), rgb_to_lab(noisy)
    mixed = torch.cat((lab[:, :1], other[:, 1:]), 1)
    expected = deltaE_ciede2000(lab.movedim(1, -1).numpy(), mixed.movedim(1, -1).numpy()).mean()
    assert metrics.ciede2000(other[:, 1:], lab[:, 1:], lab[:, :1]) == pytest.approx(expected, rel=1e-4)
    many = [t.expand(600, -1, -1, -1) for t in (other[:1, 1:], lab[:1, 1:], lab[:1, :1])]  # more than are done at once
    assert metrics.ciede2000(*many) == pytest.approx(metrics.ciede2000(*(t[:1] for t in many)))


# --- roughness


def flat(value: float = 50.0, size: int = 6) -> torch.Tensor:
    return torch.full((1, 1, size, size), value)


def checkerboard(size: int = 6) -> torch.Tensor:
    """a of 10 and -10 in turn, b of 0: (1, 2, size, size)."""
    steps = torch.arange(size)
    a = 20.0 * ((steps[:, None] + steps) % 2) - 10
    return torch.stack((a, torch.zeros_like(a)))[None]


def test_an_even_tint_and_no_colour_are_not_rough():
    assert metrics.roughness(torch.full((1, 2, 6, 6), 20.0), flat()) == 0
    assert metrics.roughness(torch.zeros(1, 2, 6, 6), flat()) == 0


def test_a_checkerboard_is_as_rough_as_can_be():
    # Each pixel differs by 20 from the one to its right and the one below; its chroma is 10.
    assert metrics.roughness(checkerboard(), flat()) == pytest.approx(20 * math.sqrt(2) / 10)


def test_roughness_of_a_ramp_by_hand():
    a = torch.arange(6.0).expand(1, 1, 6, 6)  # 0 to 5: steps of 1 to the right, a mean chroma of 2.5
    assert metrics.roughness(torch.cat((a, 0 * a), 1), flat()) == pytest.approx(1 / 2.5)


@pytest.mark.parametrize("strength", [0.01, 0.5, 3])
def test_roughness_does_not_depend_on_how_strong_colours_are(truth, strength):
    light, ab = rgb_to_lab(truth).split((1, 2), 1)
    assert metrics.roughness(strength * ab, light) == pytest.approx(metrics.roughness(ab, light), rel=1e-5)
    assert metrics.roughness(ab.flip(1), light) == pytest.approx(metrics.roughness(ab, light))


def test_a_step_of_5_units_of_light_is_an_edge_and_a_smaller_one_is_not():
    ab = checkerboard()
    for step, expected in ((4.9, 20 * math.sqrt(2) / 10), (5.0, 0)):
        light = (step * torch.arange(6.0)).expand(1, 1, 6, 6)
        assert metrics.roughness(ab, light) == pytest.approx(expected)


def test_edges_of_light_do_not_count():
    light, ab = flat(), torch.full((1, 2, 6, 6), 10.0)
    light[..., 3:] += metrics.SMOOTH
    ab[..., 3:] *= -1
    assert metrics.roughness(ab, light) == 0  # the colours change where the light does
    light[..., 3:] -= 0.1
    assert metrics.roughness(ab, light) > 0  # not enough of an edge
    edges = 100 * checkerboard()[:, :1]
    assert metrics.roughness(ab, edges) == 0  # no smooth place at all


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
