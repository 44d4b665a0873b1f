"""Chapter 3: the neighbours of a pixel and their shares, against brute force in float64."""

import numpy as np
import pytest
import torch
from bins import Q, make_gamut, picture, plane
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax
from sklearn.neighbors import NearestNeighbors

from colorize_lib.colour.gamut import Gamut
from colorize_lib.colour.lab import rgb_to_lab


def test_all_bins_may_be_neighbours():
    coarse = Gamut(50, len(Gamut(50)))
    assert_same_as_sklearn_for_all(coarse, plane(step=23.7))


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
