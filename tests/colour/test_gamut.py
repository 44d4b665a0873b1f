"""Chapters 3 and 4: bins, soft encoding, annealed mean, prior and rebalancing, against brute force in float64."""

import functools

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist
from scipy.special import softmax
from sklearn.neighbors import NearestNeighbors

from colorize_lib.colour.gamut import Gamut
from colorize_lib.colour.lab import rgb_to_lab

#: The 313 bins of Zhang, Isola and Efros (ECCV 2016): for each a, the lowest and the highest b.
PAPER_ROWS = {
    -90: (50, 90),
    -80: (20, 90),
    -70: (0, 90),
    -60: (-20, 90),
    -50: (-30, 100),
    -40: (-40, 100),
    -30: (-50, 100),
    -20: (-50, 100),
    -10: (-60, 100),
    0: (-70, 100),
    10: (-80, 90),
    20: (-80, 90),
    30: (-90, 90),
    40: (-100, 90),
    50: (-100, 80),
    60: (-110, 80),
    70: (-110, 80),
    80: (-110, 70),
    90: (-110, 70),
    100: (-90, 0),
}
PAPER_BINS = {(a, b) for a, (low, high) in PAPER_ROWS.items() for b in range(low, high + 1, 10)}
Q = 261
TEMPERATURES = [0.01, 0.1, 0.38, 0.89, 1.0, 2.0]

make_gamut = functools.cache(Gamut)
seeds = st.integers(0, 2**32 - 1)
histograms = arrays(np.float64, Q, elements=st.floats(0, 1e6)).filter(lambda h: h.sum() > 1e-3).map(torch.from_numpy)


def bins(gamut: Gamut) -> set[tuple[int, int]]:
    return {(int(a), int(b)) for a, b in gamut.centres}


def picture(points) -> torch.Tensor:
    """(n, 2) points to ab (1, 2, 1, n)."""
    return torch.as_tensor(points, dtype=torch.float32).T[None, :, None]


def plane(step: float) -> np.ndarray:
    """(n, 2) points all over the ab plane and around it, in every part of every cell."""
    line = np.arange(-134.2, 135, step, dtype=np.float32)
    return np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)


def bin_at(gamut: Gamut, a: float, b: float) -> int:
    return int((gamut.centres == torch.tensor([a, b])).all(1).nonzero())


def random_logits(seed: int, spread: float = 3.0, size: tuple[int, int] = (2, 3)) -> torch.Tensor:
    return torch.randn(2, Q, *size, generator=torch.Generator().manual_seed(seed)) * spread


def annealed_mean(gamut: Gamut, logits: torch.Tensor, temperature: float) -> torch.Tensor:
    shares = softmax(logits.double().cpu().numpy() / temperature, axis=1)
    return torch.from_numpy(np.einsum("nqhw,qc->nchw", shares, gamut.centres.double().numpy()))


def random_prior(seed: int) -> torch.Tensor:
    p = torch.rand(Q, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) ** 6
    return p / p.sum()


# --- bins


def test_grid_10_has_261_bins(gamut):
    assert len(gamut) == len(bins(gamut)) == Q
    assert gamut.centres.shape == (Q, 2)


def test_centres_are_multiples_of_the_grid_sorted_by_a_then_b():
    for grid in (5, 10, 20):
        centres = make_gamut(grid).centres.tolist()
        assert centres == sorted(centres)
        assert all(value % grid == 0 for centre in centres for value in centre)


@pytest.mark.slow
def test_all_colours_rounded_to_the_nearest_centre_hit_exactly_the_bins(gamut):
    hit = torch.zeros(31, 31, dtype=torch.bool)
    v = torch.arange(256, dtype=torch.uint8)
    green, blue = torch.meshgrid(v, v, indexing="ij")
    for red in v:
        ab = rgb_to_lab(torch.stack((red.expand_as(green), green, blue)))[1:]
        a, b = (ab / 10).round().int() + 15
        hit[a, b] = True
        # In the gamut the nearest bin is no more than rounding.
        nearest = gamut.centres[gamut.nearest(ab[None])[0]].permute(2, 0, 1)
        assert (nearest - ab).abs().max() < 5 + 1e-4
    assert {(10 * (int(a) - 15), 10 * (int(b) - 15)) for a, b in hit.nonzero()} == bins(gamut)


def test_the_papers_313_bins_are_ours_and_52_more(gamut):
    assert len(PAPER_BINS) == 313
    assert bins(gamut) < PAPER_BINS
    assert len(PAPER_BINS - bins(gamut)) == 52


def test_the_52_more_are_no_colours_nearest_bin(gamut):
    v = torch.arange(0, 256, 5, dtype=torch.uint8)
    ab = rgb_to_lab(torch.cartesian_prod(v, v, v).T[:, None].contiguous())[1:, 0].T.numpy()
    paper = np.array(sorted(PAPER_BINS))
    nearest = paper[NearestNeighbors(n_neighbors=1).fit(paper).kneighbors(ab)[1][:, 0]]
    assert {tuple(centre) for centre in nearest.tolist()} <= bins(gamut)


@pytest.mark.parametrize("grid", [0, -10, 0.5, 51, float("nan")])
def test_a_grid_that_makes_no_sense_is_refused(grid):
    with pytest.raises(ValueError, match="grid"):
        Gamut(grid)


@pytest.mark.parametrize("neighbours", [0, -1, Q + 1])
def test_more_neighbours_than_bins_or_none_are_refused(neighbours):
    with pytest.raises(ValueError, match="neighbours"):
        Gamut(10, neighbours)


def test_the_coarsest_and_the_finest_grid():
    assert len(Gamut(50)) == len(bins(Gamut(50))) < 30
    assert len(Gamut(1)) > 20_000


def test_all_bins_may_be_neighbours():
    coarse = Gamut(50, len(Gamut(50)))
    assert_same_as_sklearn_for_all(coarse, plane(step=23.7))


def test_centres_of_ones_own_are_kept_as_they_are(gamut):
    own = torch.tensor([[0.0, 0.0], [30.0, 10.0]], requires_grad=True)
    made = Gamut(neighbours=1, centres=own)
    with torch.no_grad():
        own += 5
    assert made.centres.tolist() == [[0, 0], [30, 10]]
    assert not made.centres.requires_grad
    for others in ([(0, 0), (30, 10)], np.array([[0, 0], [30, 10]])):
        assert Gamut(neighbours=1, centres=others).centres.dtype == torch.float32


@pytest.mark.parametrize(
    "centres",
    [[0.0, 1.0], [[0.0, 1.0, 2.0]] * 2, [[[0.0, 1.0]]], [[0.0], [1.0]], [[0.0, float("nan")]], [[float("inf"), 0.0]]],
    ids=str,
)
def test_centres_that_are_no_colours_are_refused(centres):
    with pytest.raises(ValueError, match="centres needs finite numbers in the shape"):
        Gamut(neighbours=1, centres=centres)


# --- encode


def assert_same_as_sklearn_for_all(gamut: Gamut, points: np.ndarray) -> None:
    """As below, where no bin is left that is not a neighbour."""
    distance, _ = NearestNeighbors(n_neighbors=len(gamut)).fit(gamut.centres.double()).kneighbors(points)
    index, weight = (t[0, :, 0].T.numpy() for t in gamut.encode(picture(points)))
    assert (np.sort(index, 1) == np.arange(len(gamut))).all()
    np.testing.assert_allclose(weight, softmax(-(distance**2) / (2 * gamut.sigma**2), axis=1), atol=1e-4)


def assert_same_as_sklearn(gamut: Gamut, points: np.ndarray) -> np.ndarray:
    """Returns which points have two bins at the same distance."""
    k = gamut.neighbours
    distance, expected = NearestNeighbors(n_neighbors=k + 1).fit(gamut.centres.double()).kneighbors(points)
    index, weight = (t[0, :, 0].T.numpy() for t in gamut.encode(picture(points)))
    # Bins at the same distance may change places; their distances and weights may not.
    tied = (np.diff(distance, axis=1) < 1e-3).any(1)
    np.testing.assert_array_equal(index[~tied], expected[~tied, :k])
    own = np.linalg.norm(points[:, None].astype(float) - gamut.centres.double().numpy()[index], axis=2)
    np.testing.assert_allclose(own, distance[:, :k], atol=1e-3)
    shares = softmax(-(distance[:, :k] ** 2) / (2 * gamut.sigma**2), axis=1)
    np.testing.assert_allclose(weight, shares, atol=1e-4)
    return tied


@pytest.mark.parametrize("grid", [5, 10, 20])
@pytest.mark.parametrize("neighbours", [1, 4, 5, 6, 10])
def test_encode_equals_sklearn_all_over_the_plane(grid, neighbours):
    tied = assert_same_as_sklearn(make_gamut(grid, neighbours), plane(step=1.93))
    assert tied.mean() < 0.2


def test_encode_equals_sklearn_with_another_sigma():
    assert_same_as_sklearn(make_gamut(10, 5, 12.0), plane(step=3.7))


@pytest.mark.parametrize("neighbours", [1, 5, 10])
def test_encode_equals_sklearn_where_the_centres_are_on_no_lattice(gamut, neighbours):
    anywhere = torch.rand(200, 2, generator=torch.Generator().manual_seed(0)) * 200 - 100
    nearly = gamut.centres + torch.where(torch.arange(Q) == 130, 0.5, 0.0)[:, None]  # one of them is off
    twice = torch.cat((gamut.centres, gamut.centres[100:140]))
    for centres in (anywhere, nearly, gamut.centres + 2, twice):
        assert_same_as_sklearn(Gamut(10, neighbours, centres=centres), plane(step=3.7))


@given(arrays(np.float32, (8, 2), elements=st.floats(-200, 200, width=32)), st.sampled_from([1, 5, 10]))
def test_encode_equals_sklearn_at_any_point(points, neighbours):
    assert_same_as_sklearn(make_gamut(10, neighbours), points)


@given(arrays(np.uint8, (3, 1, 16)))
def test_encode_equals_sklearn_for_srgb_colours(rgb):
    assert_same_as_sklearn(make_gamut(), rgb_to_lab(torch.from_numpy(rgb))[1:, 0].T.numpy())


@given(arrays(np.uint8, (1, 3, 2, 4)))
def test_sparse_target_scattered_is_the_dense_target(rgb):
    gamut = make_gamut()
    ab = rgb_to_lab(torch.from_numpy(rgb))[:, 1:]
    index, weight = gamut.encode(ab)
    dense = torch.zeros(1, Q, 2, 4, dtype=torch.float64).scatter_(1, index, weight.double())
    for pixel, target in zip(ab.flatten(2)[0].T.double().numpy(), dense.flatten(2)[0].T, strict=True):
        squared = ((gamut.centres.double().numpy() - pixel) ** 2).sum(1)
        fifth, sixth = np.sort(squared)[4:6]
        if sixth - fifth < 1e-3:  # two bins with the same claim to the last place
            continue
        expected = np.where(squared <= fifth, np.exp(-squared / 50), 0)
        np.testing.assert_allclose(target, expected / expected.sum(), atol=1e-5)


@given(arrays(np.float32, (8, 2), elements=st.floats(-200, 200, width=32)), st.sampled_from([1, 5, 10]))
def test_shares_sum_to_1_and_fall_with_distance(points, neighbours):
    weight = make_gamut(10, neighbours).encode(picture(points))[1]
    torch.testing.assert_close(weight.sum(1), torch.ones(1, 1, 8), atol=1e-6, rtol=0)
    assert (weight >= 0).all()
    assert (weight.diff(dim=1) <= 1e-6).all()


def test_in_the_middle_of_the_gamut_nothing_is_compared_with_all_bins(monkeypatch):
    """A table knows the five nearest there. Without it training would be several times slower, and no number other."""
    gamut, compared = Gamut(), []
    cdist = torch.cdist
    monkeypatch.setattr(torch, "cdist", lambda x, y, **kwargs: compared.append(len(x)) or cdist(x, y, **kwargs))
    gamut.encode((torch.rand(1, 2, 50, 50) - 0.5) * 60)
    assert sum(compared) == 0


@pytest.mark.parametrize("far", [1e3, 1e5])
def test_however_far_out_the_shares_are_numbers(gamut, far, device):
    around = torch.linspace(0, 2 * torch.pi, 50, device=device)
    weight = gamut.encode(far * torch.stack((around.cos(), around.sin()))[None, :, None])[1]
    assert weight.isfinite().all()
    torch.testing.assert_close(weight.sum(1), torch.ones(1, 1, 50, device=device))
    assert (weight[:, 0] >= weight[:, 1:].amax(1)).all()


def test_a_gradient_ends_at_the_bins(gamut, device, dtype):
    ab = (torch.rand(1, 2, 3, 3) * 100 - 50).to(device, dtype).requires_grad_()
    index, weight = gamut.encode(ab)
    assert not weight.requires_grad
    assert torch.equal(index, gamut.encode(ab.detach())[0])
    assert torch.equal(gamut.nearest(ab), index[:, 0])


def test_neighbours_of_a_pixel_are_all_different(gamut, device):
    index = gamut.encode(picture(plane(step=3.1)).to(device))[0][0, :, 0]
    assert (index.sort(0).values.diff(dim=0) > 0).all()


def test_a_centre_belongs_mostly_to_its_own_bin(gamut, device, dtype):
    index, weight = gamut.encode(picture(gamut.centres).to(device, dtype))
    assert torch.equal(index[0, 0, 0], torch.arange(Q, device=device))
    assert (weight[0, 0] > 0.6).all()  # four neighbours at 10 = 2 sigma: 1 / (1 + 4 exp(-2)) = 0.65


@pytest.mark.parametrize("neighbours", [1, 5, 10])
def test_nearest_is_the_first_of_encode(neighbours, device):
    gamut, ab = make_gamut(10, neighbours), picture(plane(step=1.7)).to(device)
    assert torch.equal(gamut.nearest(ab), gamut.encode(ab)[0][:, 0])


def test_pixels_keep_their_places(gamut):
    ab = torch.rand(3, 2, 4, 5) * 120 - 60
    index, weight = gamut.encode(ab)
    assert index.shape == weight.shape == (3, 5, 4, 5)
    assert index.dtype == torch.int64
    assert weight.dtype == torch.float32
    for n, y, x in np.ndindex(3, 4, 5):
        one = gamut.encode(ab[n : n + 1, :, y : y + 1, x : x + 1])
        assert torch.equal(index[n, :, y, x], one[0].flatten())
        torch.testing.assert_close(weight[n, :, y, x], one[1].flatten())
        assert gamut.nearest(ab)[n, y, x] == index[n, 0, y, x]


def test_memory_layout_does_not_matter(gamut, device):
    ab = (torch.rand(2, 2, 6, 8) * 120 - 60).to(device)
    for view in (ab.transpose(2, 3), ab[:, :, ::2, 1:], ab.contiguous(memory_format=torch.channels_last), ab.double()):
        for actual, expected in zip(gamut.encode(view), gamut.encode(view.float().contiguous().clone()), strict=True):
            assert torch.equal(actual, expected)


@pytest.mark.parametrize("shape", [(0, 2, 4, 4), (3, 2, 0, 4)])
def test_no_pixels_have_no_neighbours(gamut, shape):
    n, _, h, w = shape
    index, weight = gamut.encode(torch.zeros(shape))
    assert index.shape == weight.shape == (n, 5, h, w)
    assert gamut.nearest(torch.zeros(shape)).shape == (n, h, w)


@pytest.mark.parametrize("shape", [(2, 4, 4), (1, 3, 4, 4), (1, 1, 4, 4), (2,), (1, 1, 2, 4, 4)])
def test_encode_refuses_what_is_not_ab(gamut, shape):
    for method in (gamut.encode, gamut.nearest, gamut.prior):
        with pytest.raises(ValueError, match="shape"):
            method(torch.zeros(shape))


# --- decode


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


def test_a_temperature_near_zero_is_the_likeliest_bin(gamut):
    logits = torch.randn(1, len(gamut), 3, 4)
    likeliest = gamut.centres[logits.argmax(1)].permute(0, 3, 1, 2)
    for temperature in (1e-30, 1e-45, 1e-300):
        assert torch.equal(gamut.decode(logits, temperature), likeliest)
    with pytest.raises(ValueError, match="above 0 and finite"):
        gamut.decode(logits, float("inf"))
