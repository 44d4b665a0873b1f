"""Alternatives differ in things, not in pixels, and the first is the usual picture."""

import numpy as np
import pytest
import torch

from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.data.examples import embedded_cifar10
from colorize_lib.errors import InputError
from colorize_lib.inference.alternatives import THINGS, propose
from colorize_lib.measuring.metrics import roughness

RED, GREEN, GREY = (60.0, 40.0), (-40.0, 40.0), (0.0, 0.0)
CENTRES = torch.tensor([RED, GREEN, GREY])


def an_apple_on_a_table() -> tuple[torch.Tensor, torch.Tensor]:
    """The left half may be red or green, a little likelier red; the right half is grey."""
    p = torch.tensor([0.0, 0.0, 1.0]).add(1e-6).view(1, 3, 1, 1).repeat(1, 1, 8, 8)
    p[..., :4] = torch.tensor([0.55, 0.45, 1e-6]).view(1, 3, 1, 1)
    light = torch.full((1, 1, 8, 8), 30.0)
    light[..., :4] = 70.0
    return (p / p.sum(1, keepdim=True)).log(), light


def test_of_an_apple_both_colours_are_found_and_the_table_stays():
    found = propose(*an_apple_on_a_table(), CENTRES, 3, 80, 80)
    assert found[0] == []
    apple = [dict(hints) for hints in found[1:]]
    on_it = [{ab for (x, _), ab in hints.items() if x < 40} for hints in apple]
    assert on_it[0] != on_it[1]
    assert RED in on_it[0] | on_it[1]
    assert GREEN in on_it[0] | on_it[1]


def test_hints_are_few_and_inside_and_far_apart():
    found = propose(*an_apple_on_a_table(), CENTRES, 2, 31, 57)
    for (x, y), ab in found[1]:
        assert 0 <= x < 57
        assert 0 <= y < 31
        assert ab in {RED, GREEN, GREY}
    places = [place for place, _ in found[1]]
    assert len(set(places)) == len(places) <= THINGS


@pytest.mark.parametrize("n", [0, 10, 2.5, True, "4"])
def test_how_many_is_checked(bins, n):
    with pytest.raises(InputError, match="whole number from 1 to 9"):
        bins.alternatives(embedded_cifar10().rgb[0], n)


def test_they_differ_and_are_no_noise(bins):
    for rgb in embedded_cifar10().rgb[[0, 1, 6, 13]]:
        usual, *others = (np.asarray(image).astype(float) for image in bins.alternatives(rgb, 4))
        assert np.array_equal(usual, np.asarray(bins.colorize(rgb)))
        for i, one in enumerate(others):
            assert min(np.abs(one - other).mean() for other in [usual, *others[:i]]) > 0.5


def test_regions_and_not_pixels_change(bins):
    """The colours of the others are about as smooth as the usual ones'."""
    rgb = embedded_cifar10().rgb[1]
    rough = []
    for image in bins.alternatives(rgb, 4):
        lab = rgb_to_lab(torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)[None])
        rough.append(roughness(lab[:, 1:], lab[:, :1]))
    assert max(rough[1:]) < 2 * rough[0]


@pytest.mark.parametrize("shape", [(1, 1), (5, 90), (40, 3)])
def test_any_size(bins, shape):
    rgb = torch.randint(0, 256, (3, *shape), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    assert [image.size for image in bins.alternatives(rgb, 2)] == 2 * [shape[::-1]]
