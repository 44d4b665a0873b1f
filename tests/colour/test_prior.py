"""Chapters 3 and 4: how often each colour is, and what rebalancing makes of it."""

import numpy as np
import pytest
import torch
from bins import Q, bin_at, make_gamut, picture, random_logits, random_prior
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from colorize_lib.colour.lab import rgb_to_lab

histograms = arrays(np.float64, Q, elements=st.floats(0, 1e6)).filter(lambda h: h.sum() > 1e-3).map(torch.from_numpy)


# --- prior


def test_unsmoothed_prior_counts_pixels(gamut):
    ab = picture([(0.0, 0.0), (4.0, -4.0), (-3.0, 2.0), (52.0, 38.0)])
    prior = gamut.prior(ab, smoothing=0)
    assert prior[bin_at(gamut, 0, 0)] == 0.75
    assert prior[bin_at(gamut, 50, 40)] == 0.25
    assert prior.sum() == 1


@given(arrays(np.uint8, (2, 3, 3, 4)))
def test_prior_is_a_distribution_without_empty_bins_nearby(rgb):
    gamut, ab = make_gamut(), rgb_to_lab(torch.from_numpy(rgb))[:, 1:]
    prior = gamut.prior(ab)
    assert prior.dtype == torch.float64
    assert prior.sum().item() == pytest.approx(1)
    assert (prior >= 0).all()
    assert (prior[gamut.encode(ab)[0]] > 0).all()


def test_the_prior_of_no_pixels_is_refused(gamut):
    with pytest.raises(ValueError, match="no pixels"):
        gamut.prior(torch.zeros(0, 2, 4, 4))


@given(histograms, st.floats(0.5, 50))
def test_smoothing_keeps_the_sum(histogram, sigma):
    smooth = make_gamut().smooth(histogram, sigma)
    assert smooth.sum().item() == pytest.approx(histogram.sum().item(), rel=1e-6)
    assert (smooth >= 0).all()


def test_smoothing_is_a_gaussian_in_the_ab_plane(gamut):
    middle = torch.zeros(Q, dtype=torch.float64)
    middle[bin_at(gamut, 0, 0)] = 1
    smooth = gamut.smooth(middle, sigma=5)
    peak = smooth[bin_at(gamut, 0, 0)].item()
    for a, b in ((10, 0), (0, 10), (-10, 0), (0, -10), (10, 10), (20, -10)):
        assert smooth[bin_at(gamut, a, b)].item() == pytest.approx(peak * np.exp(-(a * a + b * b) / 50), rel=1e-6)


def test_smoothing_equals_the_formula(gamut):
    prior = random_prior(0)
    kernel = np.exp(-cdist(gamut.centres, gamut.centres, "sqeuclidean") / (2 * 8**2))
    expected = (kernel / kernel.sum(0, keepdims=True)) @ prior.numpy()
    np.testing.assert_allclose(gamut.smooth(prior, 8), expected, rtol=1e-6)


def test_prior_and_smoothing_are_of_5_units_unless_told_otherwise(gamut):
    ab = torch.rand(1, 2, 8, 8) * 100 - 50
    assert torch.equal(gamut.prior(ab), gamut.smooth(gamut.prior(ab, smoothing=0), 5))
    assert torch.equal(gamut.smooth(random_prior(0)), gamut.smooth(random_prior(0), 5))


def test_one_pixel_has_a_prior(gamut):
    assert gamut.prior(torch.zeros(1, 2, 1, 1), smoothing=0)[bin_at(gamut, 0, 0)] == 1


def test_no_smoothing_changes_nothing(gamut):
    assert torch.equal(gamut.smooth(random_prior(0), 0), random_prior(0))


# --- rebalance

lambdas = st.floats(0.01, 1)


@given(histograms, lambdas)
def test_weights_equal_equation_4(histogram, lam):
    p = (histogram / histogram.sum()).numpy()
    w = ((1 - lam) * p + lam / Q) ** -1
    np.testing.assert_allclose(make_gamut().rebalance(histogram / histogram.sum(), lam), w / (p * w).sum(), rtol=1e-9)


@given(histograms, lambdas)
def test_the_mean_weight_is_1_and_empty_bins_weigh_finitely(histogram, lam):
    prior = histogram / histogram.sum()
    weight = make_gamut().rebalance(prior, lam)
    assert (prior @ weight).item() == pytest.approx(1)
    assert weight.isfinite().all()
    assert (weight > 0).all()


@given(histograms, lambdas)
def test_rarer_bins_never_weigh_less(histogram, lam):
    prior = histogram / histogram.sum()
    weight = make_gamut().rebalance(prior, lam)[prior.argsort()]
    assert (weight.diff() <= 1e-12 * weight.max()).all()


@given(histograms)
def test_lambda_1_weighs_all_bins_alike(histogram):
    weight = make_gamut().rebalance(histogram / histogram.sum(), 1)
    torch.testing.assert_close(weight, torch.ones(Q, dtype=torch.float64))


@given(histograms, lambdas)
def test_counts_do_as_well_as_a_prior(histogram, lam):
    """Only how often a bin occurs compared with the others counts."""
    prior = histogram / histogram.sum()
    torch.testing.assert_close(make_gamut().rebalance(3 * prior, lam), make_gamut().rebalance(prior, lam))


def test_smaller_lambda_favours_rare_colours_more(gamut):
    prior = random_prior(0)
    ratios = [(w.max() / w.min()).item() for w in (gamut.rebalance(prior, lam) for lam in (0.9, 0.7, 0.5, 0.1))]
    assert ratios == sorted(ratios)
    assert ratios[0] > 1


@pytest.mark.parametrize("lam", [0, -0.1, 1.1, float("nan")])
def test_a_lambda_outside_0_to_1_is_refused(gamut, lam):
    with pytest.raises(ValueError, match="lambda"):
        gamut.rebalance(random_prior(0), lam)
    with pytest.raises(ValueError, match="lambda"):
        gamut.decode(random_logits(0), lam=lam, prior=random_prior(0))


def test_lambda_is_one_half_unless_told_otherwise_and_weights_are_in_double_precision(gamut):
    prior = random_prior(0)
    assert torch.equal(gamut.rebalance(prior), gamut.rebalance(prior, 0.5))
    assert gamut.rebalance(prior.float()).dtype == torch.float64


@pytest.mark.parametrize("first", [-0.5, -1e-6, float("nan"), float("inf")])
def test_what_is_no_prior_is_refused(gamut, first):
    prior = random_prior(0)
    prior[0] = first
    for wrong in (prior, torch.zeros(Q)):
        with pytest.raises(ValueError, match="must not be negative anywhere, nor zero everywhere"):
            gamut.rebalance(wrong)


@pytest.mark.parametrize("shape", [(Q - 1,), (313,), (1, Q), ()])
def test_a_prior_for_other_bins_is_refused(gamut, shape):
    with pytest.raises(ValueError, match="prior"):
        gamut.rebalance(torch.ones(shape), 0.5)


# --- all of CIFAR-10


@pytest.mark.cifar
def test_rebalancing_real_colours_favours_the_vivid(gamut, cifar):
    prior = gamut.prior(rgb_to_lab(cifar("dev").rgb[::10])[:, 1:])
    weight, chroma = gamut.rebalance(prior), gamut.centres.norm(dim=1)
    assert prior.argmax() == bin_at(gamut, 0, 0)
    assert weight[chroma > 80].min() > 5 * weight[chroma < 15].max()
