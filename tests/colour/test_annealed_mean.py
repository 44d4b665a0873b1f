"""Chapter 4: from a distribution to a colour, against the formula in float64."""

import numpy as np
import pytest
import torch
from bins import Q, bin_at, make_gamut, random_logits, random_prior, seeds
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.special import softmax

from colorize_lib.colour.gamut import Gamut

TEMPERATURES = [0.01, 0.1, 0.38, 0.89, 1.0, 2.0]


def annealed_mean(gamut: Gamut, logits: torch.Tensor, temperature: float) -> torch.Tensor:
    shares = softmax(logits.double().cpu().numpy() / temperature, axis=1)
    return torch.from_numpy(np.einsum("nqhw,qc->nchw", shares, gamut.centres.double().numpy()))


@pytest.mark.parametrize("temperature", TEMPERATURES)
@given(seed=seeds)
@example(seed=1937)  # two bins so close at the top that T = 0.01 shows float32's last digit
def test_decode_equals_the_formula_in_float64(temperature, seed, device):
    gamut, logits = make_gamut(), random_logits(seed)
    actual = gamut.decode(logits.to(device), temperature).cpu()
    expected = annealed_mean(gamut, logits, temperature)
    torch.testing.assert_close(actual.double(), expected, atol=1e-3, rtol=0)


@given(seeds)
def test_temperature_1_is_the_mean(seed):
    p = torch.from_numpy(softmax(random_logits(seed).double().numpy(), axis=1))
    mean = torch.einsum("nqhw,qc->nchw", p, make_gamut().centres.double())
    torch.testing.assert_close(make_gamut().decode(p.log()), mean.float(), atol=1e-3, rtol=0)


@given(seeds)
def test_temperature_near_0_is_the_mode(seed):
    logits = random_logits(seed)
    mode = logits.argmax(1, keepdim=True)
    logits.scatter_add_(1, mode, torch.full(mode.shape, 0.3))  # a clear winner
    expected = make_gamut().centres[mode[:, 0]].permute(0, 3, 1, 2)
    torch.testing.assert_close(make_gamut().decode(logits, 0.01), expected, atol=1e-3, rtol=0)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_certainty_gives_the_bins_own_centre(gamut, temperature, device, dtype):
    logits = torch.eye(Q, device=device, dtype=dtype).log()[:, :, None, None]  # 0 for one bin, -inf for all others
    torch.testing.assert_close(gamut.decode(logits, temperature)[:, :, 0, 0].cpu(), gamut.centres, atol=1e-4, rtol=0)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_red_or_green_is_yellowish_at_any_temperature(gamut, temperature, device, dtype):
    logits = torch.full((1, Q, 1, 1), -torch.inf, device=device, dtype=dtype)
    logits[0, [bin_at(gamut, 60, 40), bin_at(gamut, -60, 60)]] = 0.0
    assert gamut.decode(logits, temperature).flatten().tolist() == pytest.approx([0, 50], abs=1e-3)


@pytest.mark.parametrize("temperature", [0.38, 1.0])
@given(seed=seeds, constant=st.floats(-30, 30))
def test_a_constant_added_to_the_logits_changes_nothing(temperature, seed, constant):
    logits = random_logits(seed)
    actual, expected = (make_gamut().decode(z, temperature) for z in (logits + constant, logits))
    torch.testing.assert_close(actual, expected, atol=3e-3, rtol=0)


@pytest.mark.parametrize("temperature", [0.01, 1.0])
@pytest.mark.parametrize("spread", [1e-6, 1e4, 1e37])
def test_tiny_and_huge_logits_give_colours_and_finite_gradients(gamut, temperature, spread, device):
    logits = random_logits(0, spread).to(device).requires_grad_()
    ab = gamut.decode(logits, temperature)
    ab.sum().backward()
    assert ab.abs().max() <= gamut.centres.abs().max() + 1e-3
    assert logits.grad.isfinite().all()


def test_a_temperature_close_to_0_still_gives_the_mode(gamut, device, dtype):
    logits = random_logits(0)
    expected = gamut.centres[logits.argmax(1)].permute(0, 3, 1, 2)
    torch.testing.assert_close(gamut.decode(logits.to(device, dtype), 1e-38).cpu(), expected)


def test_mixed_precision_around_decode_costs_no_precision(gamut, device):
    logits = random_logits(0).to(device)
    with torch.autocast(device.type, torch.bfloat16):
        actual = gamut.decode(logits, 0.38)
    torch.testing.assert_close(actual, gamut.decode(logits, 0.38))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_logits_of_any_precision_are_decoded_in_single(gamut, dtype, device):
    logits = random_logits(0).to(device, dtype)
    actual = gamut.decode(logits, 0.38, 0.5, random_prior(0))
    assert actual.dtype == torch.float32
    torch.testing.assert_close(actual, gamut.decode(logits.float(), 0.38, 0.5, random_prior(0)))


def test_decode_passes_the_gradient_of_the_mean(gamut, device, dtype):
    logits = random_logits(0, size=(1, 1)).to(device, dtype).requires_grad_()
    ab = gamut.decode(logits)
    ab[0, 0].sum().backward()
    p = logits.detach()[0].softmax(0)  # d mean / dz_q = p_q (c_q - mean)
    expected = p * (gamut.centres[:, :1, None].to(device) - ab.detach()[0, 0])
    torch.testing.assert_close(logits.grad[0], expected, atol=1e-4, rtol=0)
    assert not logits.grad[1].any()


def test_lambda_1_and_none_leave_the_distribution_alone(gamut):
    logits, prior = random_logits(0), random_prior(0)
    assert torch.equal(gamut.decode(logits, 0.38, lam=1, prior=prior), gamut.decode(logits, 0.38))
    assert torch.equal(gamut.decode(logits, 0.38, lam=1), gamut.decode(logits, 0.38, lam=None, prior=prior))


@pytest.mark.parametrize("lam", [0.3, 0.5, 0.9])
@given(seed=seeds)
def test_lambda_below_1_adds_log_weights_before_annealing(lam, seed):
    gamut, logits, prior = make_gamut(), random_logits(seed), random_prior(seed)
    weighted = logits + gamut.rebalance(prior, lam).log()[:, None, None]
    actual, expected = gamut.decode(logits, 0.38, lam, prior), annealed_mean(gamut, weighted, 0.38)
    torch.testing.assert_close(actual.double(), expected, atol=1e-3, rtol=0)


def test_rebalanced_mean_is_the_weighted_mean(gamut, device, dtype):
    p, prior = random_logits(0, size=(1, 1))[0, :, 0, 0].double().softmax(0), random_prior(0)
    pw = p * gamut.rebalance(prior, 0.5)
    mean = (pw @ gamut.centres.double() / pw.sum()).float()
    actual = gamut.decode(p.log()[None, :, None, None].to(device, dtype), 1.0, 0.5, prior.to(device))
    torch.testing.assert_close(actual.flatten().cpu(), mean, atol=1e-3, rtol=0)


@pytest.mark.parametrize("temperature", [0, -1, float("nan")])
def test_a_temperature_that_is_not_above_0_is_refused(gamut, temperature):
    with pytest.raises(ValueError, match="temperature"):
        gamut.decode(random_logits(0), temperature)


@pytest.mark.parametrize("shape", [(1, Q - 1, 2, 2), (1, 313, 2, 2), (Q, 2, 2), (1, Q)])
def test_logits_of_another_shape_are_refused(gamut, shape):
    with pytest.raises(ValueError, match="logits of shape"):
        gamut.decode(torch.zeros(shape))


def test_rebalancing_without_a_prior_is_refused(gamut):
    with pytest.raises(ValueError, match="prior"):
        gamut.decode(random_logits(0), lam=0.5)


def test_a_temperature_near_zero_is_the_likeliest_bin(gamut):
    logits = torch.randn(1, len(gamut), 3, 4)
    likeliest = gamut.centres[logits.argmax(1)].permute(0, 3, 1, 2)
    for temperature in (1e-30, 1e-45, 1e-300):
        assert torch.equal(gamut.decode(logits, temperature), likeliest)
    with pytest.raises(ValueError, match="above 0 and finite"):
        gamut.decode(logits, float("inf"))
