"""PSNR, SSIM, CIEDE2000 and roughness against scikit-image, torchmetrics, published pairs and by hand."""

import math

import numpy as np
import pytest
import torch
from measured_pictures import ab_pixels
from skimage.color import deltaE_ciede2000
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torchmetrics.functional.image import structural_similarity_index_measure

from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.measuring import metrics

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
