"""Hints from the truth: the same for all methods, and optimisation is what its equations say."""

import numpy as np
import pytest
import torch
from scipy import sparse
from scipy.sparse.linalg import spsolve

from colorize_lib import cli
from colorize_lib.colour.hints import REACH
from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.data.examples import embedded_cifar10
from colorize_lib.experiments import hints
from colorize_lib.experiments.hints import (
    COUNTS,
    METHODS,
    PLACED,
    Seen,
    coloured,
    hints_at,
    measure_set,
    measured,
    random_pixels,
    rows,
    seen,
    without_network,
    worst_pixels,
)  # fmt: skip
from colorize_lib.experiments.optimisation import Optimisation, neighbour_weights


@pytest.fixture(scope="module")
def them(bins) -> Seen:
    return seen(embedded_cifar10()[:3], 32, bins)


def test_neighbours_count_as_much_as_they_are_alike_and_sum_to_one():
    light = np.full((3, 4), 50.0)
    light[:, 2:] = 90.0
    weight = neighbour_weights(light)
    assert np.allclose(weight.sum(1), 1)
    assert weight[0, 1] == pytest.approx(weight[0, 4])  # right and below, alike
    assert weight[1, 2] < 1e-2 < weight[1, 0]  # across the edge, and not
    assert weight[0, 3] == weight[0, 0] == 0


def test_optimisation_from_one_factorisation_is_the_system_solved():
    light = rgb_to_lab(embedded_cifar10().rgb[:1, :, :12, :15])[0, :1]
    pixels = torch.tensor([3, 50, 170, 99, 4])
    solver = Optimisation(light, pixels)
    for chosen in ([0], [0, 1], [2, 4, 3]):
        ab = 30 * torch.randn(len(chosen), 2, dtype=torch.double)
        system = (sparse.identity(180) - neighbour_weights(light[0].numpy())).tolil()
        given = np.zeros((180, 2))
        for which, colour in zip(chosen, ab, strict=True):
            row = int(pixels[which])
            system[row] = 0
            system[row, row] = 1
            given[row] = colour
        wanted = spsolve(system.tocsc(), given).T.reshape(2, 12, 15)
        assert np.allclose(solver.colours(np.array(chosen), ab).numpy(), wanted, atol=0.01)


def test_one_hint_colours_everything_by_optimisation():
    solver = Optimisation(torch.full((1, 6, 6), 40.0), torch.tensor([7]))
    assert torch.allclose(solver.colours(np.array([0]), torch.tensor([[20.0, -9.0]]))[0], torch.tensor(20.0), atol=0.01)


def test_pixels_are_inside_and_none_is_there_twice(them):
    error = torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(0))
    for pixels in (random_pixels(3, 32, 32, 50), worst_pixels(error, 50)):
        assert pixels.shape == (3, 50)
        assert 0 <= pixels.min() <= pixels.max() < 32 * 32
        assert all(len(set(one.tolist())) == 50 for one in pixels)


def test_the_first_click_goes_where_the_error_is_and_the_second_elsewhere():
    error = torch.zeros(1, 32, 32)
    error[0, 8:13, 8:13], error[0, 24:27, 20:23] = 10.0, 5.0
    first, second = worst_pixels(error, 2)[0].tolist()
    assert divmod(first, 32) == (9, 9)
    assert second // 32 >= 23


def test_hints_are_the_truth_there(them):
    places, ab = hints_at(them, torch.tensor([[0, 33], [5, 1023], [32, 64]]))
    assert torch.equal(ab[1, 1], them.ab[1, :, 31, 31])
    assert places[1, 1].tolist() == [31.5 / 32, 31.5 / 32]


def test_hints_make_every_way_better(bins, them):
    pixels = random_pixels(3, 32, 32, 20)
    network = measured(them, them.large(bins.decode(them.log_p)))
    ways = dict(coloured(them, pixels, bins, REACH))
    assert [*ways] == list(METHODS[1:4])
    for ab in (*ways.values(), without_network(them, pixels, REACH)):
        assert (measured(them, ab)[:, 0] < network[:, 0]).sum() >= 2
    assert (measured(them, them.ab)[:, 0] == 0).all()


def test_every_method_is_measured_and_compared(bins, monkeypatch):
    monkeypatch.setattr(hints, "COUNTS", (0, 1, 3))
    numbers, shares = measure_set(embedded_cifar10()[:4], 32, bins, REACH, REACH, progress=False, batch=3)
    table = rows(numbers)
    assert {(row["placed"], row["hints"], row["method"]) for row in table} == {
        (placed, count, method) for placed in PLACED for count in (0, 1, 3) for method in METHODS
        if count or method == "network"
    }  # fmt: skip
    assert shares.shape == (4, 4)
    assert (np.diff(shares) >= 0).all()
    for row in table:
        assert row["ab_rmse"]["low"] <= row["ab_rmse"]["mean"] <= row["ab_rmse"]["high"]
        assert ("joined_minus_this" in row) == (row["method"] != "joined" and row["hints"] > 0)
    assert COUNTS[-1] == 50


def test_without_data_it_is_one_sentence(tmp_path, capsys):
    assert cli.main(["experiment", "hints", "--data", str(tmp_path), "--limit", "2"]) == 2
    assert len([line for line in capsys.readouterr().err.splitlines() if line.startswith("colorize: ")]) == 1
