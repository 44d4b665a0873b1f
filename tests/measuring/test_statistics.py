"""Intervals, calibration and McNemar's test: against scipy, statsmodels and torchmetrics, and what must always hold."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from sklearn.metrics import confusion_matrix
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.multitest import multipletests
from torchmetrics.functional.classification import multiclass_calibration_error

from colorize_lib.measuring.statistics import (
    BINS,
    bootstrap_means,
    calibration_gaps,
    ece,
    holm,
    interval,
    mcnemar,
    wilson,
)

few = settings(max_examples=20)


def right(n: int):
    return hnp.arrays(bool, n)


# --- the bootstrap


def test_an_interval_leaves_out_as_much_at_both_ends():
    numbers = np.random.default_rng(0).permutation(1001).astype(float)
    assert interval(numbers) == pytest.approx((25, 975))
    assert interval(numbers, level=0.5) == pytest.approx((250, 750))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.93])
def test_the_interval_of_an_accuracy_is_scipys(share):
    values = (np.random.default_rng(1).random(400) < share).astype(float)
    expected = stats.bootstrap((values,), np.mean, n_resamples=10_000, method="percentile", rng=2).confidence_interval
    assert interval(bootstrap_means(values[:, None])[:, 0]) == pytest.approx(tuple(expected), abs=0.004)


def test_the_interval_of_a_paired_difference_is_scipys():
    rng = np.random.default_rng(3)
    one = rng.random(300)
    other = one + rng.normal(0.02, 0.1, 300)
    resampled = bootstrap_means(np.column_stack([one, other]))
    expected = stats.bootstrap(
        (one, other), lambda a, b, axis: (b - a).mean(axis), paired=True, n_resamples=10_000, method="percentile", rng=4
    ).confidence_interval
    assert interval(resampled[:, 1] - resampled[:, 0]) == pytest.approx(tuple(expected), abs=0.001)


def test_the_standard_error_is_the_textbooks():
    values = np.random.default_rng(5).normal(3, 2, (1000, 1))
    resampled = bootstrap_means(values)
    assert resampled.mean() == pytest.approx(values.mean(), abs=0.003)
    assert resampled.std() == pytest.approx(values.std() / np.sqrt(1000), rel=0.03)


def test_19_of_20_intervals_hold_the_truth():
    rng = np.random.default_rng(6)
    samples = (rng.random((100, 600)) < 0.7).astype(float)  # 600 experiments, each on 100 pictures
    resampled = bootstrap_means(samples, 1000)
    low, high = np.array([interval(resampled[:, i]) for i in range(600)]).T
    assert 0.91 < ((low <= 0.7) & (high >= 0.7)).mean() < 0.98


@few
@given(hnp.arrays(float, st.tuples(st.integers(1, 30), st.integers(1, 3)), elements=st.floats(-1, 1, width=32)))
def test_resampled_means_are_of_the_values(values):
    resampled = bootstrap_means(values, 200)
    assert resampled.shape == (200, values.shape[1])
    assert (resampled >= values.min(0) - 1e-6).all()
    assert (resampled <= values.max(0) + 1e-6).all()
    low, high = interval(resampled[:, 0])
    assert low <= high


def test_all_columns_are_resampled_together():
    values = np.random.default_rng(7).random((50, 2))
    both = bootstrap_means(values, 100)
    difference = bootstrap_means(values[:, :1] - values[:, 1:], 100)
    np.testing.assert_allclose(both[:, :1] - both[:, 1:], difference, atol=1e-6)
    np.testing.assert_allclose(bootstrap_means(values[:, :1], 100), both[:, :1], atol=1e-6)


def test_the_seed_decides_and_more_resamples_only_add():
    values = np.random.default_rng(8).random((20, 1))
    np.testing.assert_array_equal(bootstrap_means(values, 1500)[:1000], bootstrap_means(values, 1000))
    assert not np.array_equal(bootstrap_means(values, 100, seed=1), bootstrap_means(values, 100))


def test_no_resample_is_drawn_twice():
    """They are drawn in parts: a part that begins like the one before it would be the same thousand again."""
    resampled = bootstrap_means(np.random.default_rng(8).random((50, 1)), 5000)[:, 0]
    assert len(np.unique(resampled)) > 4900  # a few sums may be equal in single precision


@pytest.mark.parametrize("resamples", [1, 999, 1000, 1001, 1500])
def test_there_are_as_many_resamples_as_asked_for(resamples):
    assert bootstrap_means(np.ones((3, 2)), resamples).shape == (resamples, 2)
    assert bootstrap_means(np.ones((3, 2))).shape == (10_000, 2)  # what the book says


def test_every_picture_is_drawn_as_often_as_the_others():
    resampled = bootstrap_means(np.eye(4), 5000)
    np.testing.assert_allclose(resampled.mean(0), 1 / 4, atol=0.01)


def test_counts_of_right_and_wrong_are_exact():
    resampled = bootstrap_means((np.random.default_rng(9).random((5000, 1)) < 0.7).astype(float), 50)
    np.testing.assert_allclose(resampled * 5000, np.round(resampled * 5000), atol=1e-6)


def test_what_never_varies_has_an_interval_of_no_width():
    assert interval(bootstrap_means(np.ones((20, 1)))[:, 0]) == (1, 1)
    assert interval(bootstrap_means(np.zeros((1, 1)))[:, 0]) == (0, 0)


def test_no_pictures():
    with pytest.raises(ValueError, match="No pictures"):
        bootstrap_means(np.zeros((0, 2)))


# --- calibration


def softmax_of(seed: int, n: int, sharpness: float) -> tuple[torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(seed)
    label = torch.randint(10, (n,), generator=rng)
    logits = torch.randn(n, 10, generator=rng) + 2 * torch.nn.functional.one_hot(label, 10)
    return (sharpness * logits).softmax(1), label


@pytest.mark.parametrize("sharpness", [0.03, 0.3, 1, 3])
@pytest.mark.parametrize("n", [1, 17, 2000])
def test_the_calibration_error_is_torchmetrics(n, sharpness):
    p, label = softmax_of(n, n, sharpness)
    p = p.clamp(max=1 - 1e-6)  # torchmetrics gives a confidence of exactly 1 a bin of its own
    expected = multiclass_calibration_error(p, label, 10, n_bins=BINS, norm="l1").item()
    confidence = p.amax(1).numpy()
    gaps = calibration_gaps(confidence, (p.argmax(1) == label).numpy())
    assert gaps.shape == (n, BINS)
    assert ece(gaps.mean(0)) == pytest.approx(expected, abs=1e-6)


def test_one_who_is_certain_and_right_is_calibrated_and_one_who_is_wrong_is_not():
    certain = np.ones(5)
    assert ece(calibration_gaps(certain, np.ones(5, bool)).mean(0)) == 0
    assert ece(calibration_gaps(certain, np.zeros(5, bool)).mean(0)) == 1
    assert ece(calibration_gaps(np.full(4, 0.75), np.array([1, 1, 1, 0], bool)).mean(0)) == pytest.approx(0)


def test_errors_of_opposite_sign_cancel_within_a_bin_only():
    correct = np.array([True, False])
    assert ece(calibration_gaps(np.array([0.5, 0.5]), correct).mean(0)) == pytest.approx(0)
    assert ece(calibration_gaps(np.array([0.3, 0.7]), correct).mean(0)) == pytest.approx(0.7)


def test_fifteen_bins_are_equally_wide_and_an_edge_belongs_to_the_one_above():
    right_nowhere = np.zeros(15, bool)
    for confidence in (np.arange(15) / 15 + 1e-4, (np.arange(15) + 0.999) / 15):
        gaps = calibration_gaps(confidence, right_nowhere)
        np.testing.assert_allclose(gaps, np.diag(confidence))
    assert calibration_gaps(np.array([0.5, 0.25]), np.zeros(2, bool), bins=4).argmax(1).tolist() == [2, 1]


def test_the_error_of_every_resample_is_its_own():
    gaps = np.array([[0.1, -0.2, 0.0], [0.0, 0.0, 0.4]])
    np.testing.assert_allclose(ece(gaps), [0.3, 0.4])
    np.testing.assert_allclose(ece(np.stack([gaps, -gaps])), [[0.3, 0.4]] * 2)


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(hnp.arrays(float, n, elements=st.floats(0, 1)), right(n))))
def test_every_picture_is_in_one_bin(case):
    confidence, correct = case
    gaps = calibration_gaps(confidence, correct)
    np.testing.assert_allclose(gaps.sum(1), confidence - correct, atol=1e-12)
    assert ((gaps != 0).sum(1) <= 1).all()
    error = ece(gaps.mean(0))
    assert abs(confidence.mean() - correct.mean()) - 1e-9 <= error <= 1


# --- Wilson


def test_wilsons_known_values():
    assert wilson(18, 20) == (pytest.approx(0.6990, abs=1e-4), pytest.approx(0.9721, abs=1e-4))
    assert wilson(20, 20) == (pytest.approx(0.8389, abs=1e-4), 1)
    assert wilson(0, 20) == (0, pytest.approx(0.1611, abs=1e-4))
    assert wilson(5, 10, level=0.8) == (pytest.approx(0.3122, abs=1e-4), pytest.approx(0.6878, abs=1e-4))


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_mirrored_and_rules_out_what_the_count_contradicts(case):
    right, of = case
    low, high = wilson(right, of)
    assert 0 <= low <= right / of <= high <= 1
    assert wilson(of - right, of) == (pytest.approx(1 - high), pytest.approx(1 - low))
    assert (high == pytest.approx(1)) == (right == of)  # who was wrong once cannot be always right


@pytest.mark.parametrize(("right", "of"), [(0, 0), (3, 2), (-1, 5)])
def test_wilson_wants_a_share(right, of):
    with pytest.raises(ValueError, match="is no share"):
        wilson(right, of)


# --- several tests


def test_holms_known_values():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1, 1]
    assert holm([0.02]) == [0.02]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_that_of_statsmodels(p):
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


# --- McNemar


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(right(n), right(n))))
def test_mcnemar_is_that_of_statsmodels(case):
    one, other = case
    b, c, p = mcnemar(one, other)
    table = confusion_matrix(one, other, labels=[True, False])
    expected = statsmodels_mcnemar(table, exact=True)
    assert (b, c) == (table[0, 1], table[1, 0])
    assert min(b, c) == expected.statistic
    assert p == pytest.approx(min(1, expected.pvalue), abs=1e-9)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(right(n), right(n), right(n))))
def test_mcnemar_looks_at_differences_alone(case):
    one, other, agreed = case
    b, c, p = mcnemar(one, other)
    assert mcnemar(other, one) == (c, b, pytest.approx(p))
    assert mcnemar(np.append(one, agreed), np.append(other, agreed)) == (b, c, p)
    assert mcnemar(one, one) == (0, 0, 1)
    assert 0 < p <= 1


def test_known_values():
    one = np.array([True] * 8 + [False] * 1 + [True] * 5)
    other = np.array([False] * 8 + [True] * 1 + [True] * 5)
    assert mcnemar(one, other) == (8, 1, pytest.approx(2 * (1 + 9) / 2**9))
