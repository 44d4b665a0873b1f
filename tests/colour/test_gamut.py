"""The bins: which there are, which may be one's own, and what is refused."""

import numpy as np
import pytest
import torch
from bins import Q, make_gamut
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


def bins(gamut: Gamut) -> set[tuple[int, int]]:
    return {(int(a), int(b)) for a, b in gamut.centres}


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
