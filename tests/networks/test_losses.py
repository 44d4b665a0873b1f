"""The two losses against dense formulas and PyTorch's own."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from colorize_lib.colour.gamut import Gamut
from colorize_lib.colour.resolution import halve, reduce_to, upsample
from colorize_lib.networks.losses import ClassificationLoss, RegressionLoss, soft_cross_entropy

seeds = st.integers(0, 2**32 - 1)
GAMUT = Gamut()
Q = len(GAMUT)


def random(seed: int, *shape: int, scale: float = 1.0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * scale


def dense_target(ab: torch.Tensor) -> torch.Tensor:
    """(N, Q, h, w), for ab (N, 2, h, w)."""
    index, share = GAMUT.encode(ab)
    n, _, h, w = ab.shape
    return torch.zeros(n, Q, h, w, device=ab.device).scatter_(1, index, share)


@given(seed=seeds)
def test_soft_cross_entropy_is_the_dense_sum(seed, device):
    logits, ab = random(seed, 2, Q, 3, 2, scale=4).to(device), random(seed, 2, 2, 3, 2, scale=40).to(device)
    dense = -(dense_target(ab).double() * logits.double().log_softmax(1)).sum(1)
    torch.testing.assert_close(soft_cross_entropy(logits, *GAMUT.encode(ab)).double(), dense, atol=1e-5, rtol=1e-5)


@given(seed=seeds)
def test_soft_cross_entropy_and_its_gradient_are_pytorchs_with_dense_targets(seed, device):
    ab = random(seed, 2, 2, 3, 2, scale=40).to(device)
    ours, theirs = (random(seed, 2, Q, 3, 2, scale=4).to(device).requires_grad_() for _ in range(2))
    loss = soft_cross_entropy(ours, *GAMUT.encode(ab))
    expected = F.cross_entropy(theirs, dense_target(ab), reduction="none")
    torch.testing.assert_close(loss, expected, atol=1e-5, rtol=1e-5)
    loss.sum().backward()
    expected.sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-5, rtol=0)


def test_one_neighbour_makes_it_ordinary_cross_entropy(device, dtype):
    ab, logits = random(0, 2, 2, 4, 4, scale=40).to(device, dtype), random(1, 2, Q, 4, 4).to(device, dtype)
    index, share = Gamut(10, 1).encode(ab)
    expected = F.cross_entropy(logits, GAMUT.nearest(ab), reduction="none")
    torch.testing.assert_close(soft_cross_entropy(logits, index, share), expected)


def test_knowing_nothing_costs_log_q(device, dtype):
    alike = torch.zeros(1, Q, 2, 2, device=device, dtype=dtype)
    loss = soft_cross_entropy(alike, *GAMUT.encode(random(0, 1, 2, 2, 2, scale=40).to(device)))
    torch.testing.assert_close(loss, torch.full_like(loss, float(Q)).log())


@given(seeds)
def test_no_prediction_is_better_than_the_target_itself(seed):
    ab, logits = random(seed, 1, 2, 3, 3, scale=40), random(seed, 1, Q, 3, 3, scale=4)
    index, share = GAMUT.encode(ab)
    best = soft_cross_entropy(dense_target(ab).clamp(min=1e-30).log(), index, share)
    entropy = -torch.special.xlogy(share, share).sum(1)
    torch.testing.assert_close(best, entropy, atol=1e-5, rtol=0)
    assert (soft_cross_entropy(logits, index, share) >= entropy).all()


@pytest.mark.parametrize("scale", [1e3, 1e6])
def test_huge_logits_do_not_overflow(scale, device, dtype):
    logits = random(0, 1, Q, 2, 2, scale=scale).to(device, dtype).requires_grad_()
    loss = soft_cross_entropy(logits, *GAMUT.encode(random(0, 1, 2, 2, 2, scale=40).to(device)))
    loss.sum().backward()
    assert loss.isfinite().all()
    assert logits.grad.isfinite().all()


def test_memory_layout_does_not_matter(device):
    logits, target = random(0, 2, Q, 3, 4).to(device), GAMUT.encode(random(0, 2, 2, 3, 4, scale=40).to(device))
    last = logits.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(soft_cross_entropy(last, *target), soft_cross_entropy(logits, *target))


def test_halve_is_the_mean_of_every_block(device, dtype):
    ab = random(0, 2, 2, 6, 8).to(device, dtype)
    expected = (ab[..., ::2, ::2] + ab[..., 1::2, ::2] + ab[..., ::2, 1::2] + ab[..., 1::2, 1::2]) / 4
    torch.testing.assert_close(halve(ab), expected)


def test_upsample_keeps_flat_colour_and_gives_the_size(device, dtype):
    flat = torch.tensor([30.0, -20.0], device=device, dtype=dtype).view(1, 2, 1, 1)
    torch.testing.assert_close(upsample(flat.expand(1, 2, 4, 3), (9, 7)), flat.expand(1, 2, 9, 7))


def test_upsample_to_double_then_halve_keeps_a_slope(device, dtype):
    slope = torch.arange(6.0, device=device, dtype=dtype).expand(1, 2, 4, 6)
    torch.testing.assert_close(halve(upsample(slope, (8, 12)))[..., 1:-1], slope[..., 1:-1])


def test_regression_loss_by_hand(device, dtype):
    ab = torch.tensor([[[[10.0, 30.0], [20.0, 40.0]], [[-50.0, -50.0], [-50.0, -50.0]]]])  # halved: (25, -50)
    prediction = torch.tensor([1.0, -0.4]).view(1, 2, 1, 1)  # (50, -20)
    ab, prediction = ab.to(device, dtype), prediction.to(device, dtype)
    loss = RegressionLoss()
    assert loss(prediction, ab).item() == pytest.approx((25**2 + 30**2) / 50**2)
    assert loss.decodes(prediction).flatten().tolist() == pytest.approx([50, -20])


def test_regression_loss_is_an_average_over_pixels_and_pictures(device, dtype):
    prediction, ab = random(0, 3, 2, 4, 5).to(device, dtype), random(1, 3, 2, 8, 10, scale=50).to(device, dtype)
    each = [RegressionLoss()(p[None], t[None]) for p, t in zip(prediction, ab, strict=True)]
    torch.testing.assert_close(RegressionLoss()(prediction, ab), torch.stack(each).mean())


def test_regression_loss_is_least_at_the_mean_colour(device, dtype):
    red_or_green = torch.tensor([[60.0, 40.0], [-60.0, 60.0]], device=device, dtype=dtype).view(2, 2, 1, 1)
    red_or_green = red_or_green.expand(2, 2, 2, 2)
    prediction = torch.zeros(1, 2, 1, 1, device=device, dtype=dtype, requires_grad=True)
    loss = RegressionLoss()(prediction.expand(2, -1, -1, -1), red_or_green)
    loss.backward()
    best = prediction.detach() - prediction.grad / 2  # the loss is (prediction - mean)^2 and a constant
    assert RegressionLoss().decodes(best).flatten().tolist() == pytest.approx([0, 50], abs=1e-4)


def test_classification_loss_is_the_mean_cross_entropy_with_the_halved_truth(device, dtype):
    logits, ab = random(0, 2, Q, 3, 4).to(device, dtype), random(1, 2, 2, 6, 8, scale=40).to(device, dtype)
    expected = F.cross_entropy(logits, dense_target(halve(ab)).to(dtype))
    torch.testing.assert_close(ClassificationLoss(GAMUT)(logits, ab), expected)


def test_weights_multiply_each_pixel_by_that_of_its_nearest_bin(device):
    made = random(0, 2, Q, 3, 4), random(1, 2, 2, 6, 8, scale=40), torch.rand(Q) + 0.1
    logits, ab, weights = (one.to(device) for one in made)
    pixels = F.cross_entropy(logits, dense_target(halve(ab)), reduction="none")
    expected = (pixels * weights[GAMUT.nearest(halve(ab))]).mean()
    torch.testing.assert_close(ClassificationLoss(GAMUT, weights)(logits, ab), expected)


def test_weights_of_lambda_1_equal_no_weights(device):
    logits, ab = random(0, 2, Q, 3, 4).to(device), random(1, 2, 2, 6, 8, scale=40).to(device)
    weights = GAMUT.rebalance(GAMUT.prior(ab), lam=1)
    torch.testing.assert_close(ClassificationLoss(GAMUT, weights)(logits, ab), ClassificationLoss(GAMUT)(logits, ab))


def test_weights_move_with_the_loss():
    loss = ClassificationLoss(GAMUT, torch.ones(Q, dtype=torch.float64))
    assert loss.to("meta").weights.device.type == "meta"
    assert loss.weights.dtype == torch.float32


def test_classification_loss_decodes_to_the_mean_colour(device, dtype):
    logits = random(0, 1, Q, 2, 2).to(device, dtype)
    torch.testing.assert_close(ClassificationLoss(GAMUT).decodes(logits), GAMUT.decode(logits, temperature=1))


@pytest.mark.parametrize("step", [1, 2, 4, 8])
def test_the_truth_is_reduced_to_what_the_network_answers(step, device):
    ab = torch.randn(2, 2, 16, 16).to(device) * 20
    logits = torch.randn(2, len(GAMUT), 16 // step, 16 // step).to(device)
    blocks = ab.view(2, 2, 16 // step, step, 16 // step, step).mean((3, 5))
    torch.testing.assert_close(reduce_to(ab, logits), blocks)
    expected = soft_cross_entropy(logits, *GAMUT.encode(blocks)).mean()
    torch.testing.assert_close(ClassificationLoss(GAMUT)(logits, ab), expected)
