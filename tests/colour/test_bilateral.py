"""Colour at the size of its photograph: it follows L, and without L it is a plain smooth stretch."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from colorize_lib.colour import bilateral
from colorize_lib.colour.bilateral import joint_bilateral_at, joint_bilateral_upsample, smooth_along_light
from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.colour.resolution import upsample
from colorize_lib.data.examples import PHOTOGRAPHS, photograph
from colorize_lib.measuring.metrics import ab_rmse


def by_hand(ab, coarse, fine, sigma, floor):
    """The definition, pixel by pixel, for one picture."""
    (h, w), (height, width) = ab.shape[-2:], fine.shape[-2:]
    spline = lambda t: 2 / 3 - t**2 + t**3 / 2 if (t := abs(t)) < 1 else max(0.0, 2 - t) ** 3 / 6  # noqa: E731
    out = torch.zeros(2, height, width)
    for y in range(height):
        for x in range(width):
            v, u = (y + 0.5) * h / height - 0.5, (x + 0.5) * w / width - 0.5
            total, weights = torch.zeros(2), 0.0
            for j in range(-3, h + 3):
                for i in range(-3, w + 3):
                    row, column = min(max(j, 0), h - 1), min(max(i, 0), w - 1)
                    difference = (fine[0, 0, y, x] - coarse[0, 0, row, column]).item()
                    alike = torch.tensor(-(difference**2) / (2 * sigma**2)).exp().item() + floor
                    weight = spline(j - v) * spline(i - u) * alike
                    total, weights = total + weight * ab[0, :, row, column], weights + weight
            out[:, y, x] = total / weights
    return out


@pytest.mark.parametrize("size", [(11, 9), (4, 5), (3, 10)])
def test_it_is_the_definition(size, device):
    ab, coarse, fine = torch.randn(1, 2, 4, 5) * 30, torch.rand(1, 1, 4, 5) * 100, torch.rand(1, 1, *size) * 100
    torch.testing.assert_close(
        joint_bilateral_upsample(ab.to(device), coarse.to(device), fine.to(device), 8.0, 1e-4)[0].cpu(),
        by_hand(ab, coarse, fine, 8.0, 1e-4),
        atol=1e-3,
        rtol=0,
    )


def test_at_some_pixels_it_is_what_it_is_at_all():
    generator = torch.Generator().manual_seed(0)
    ab, coarse, fine = (
        torch.rand(size, generator=generator) * 100 for size in ((2, 2, 4, 5), (2, 1, 4, 5), (2, 1, 9, 30))
    )
    y, x = (torch.randint(0, side, (2, 6), generator=generator) for side in (9, 30))
    own = fine[torch.arange(2)[:, None], 0, y, x]
    wanted = joint_bilateral_upsample(ab, coarse, fine)[torch.arange(2)[:, None], :, y, x]
    found = joint_bilateral_at(ab, coarse, own, y, x, (9, 30))
    torch.testing.assert_close(found, wanted, atol=1e-3, rtol=0)


def test_light_counts_within_8_units_unless_told_otherwise():
    ab, coarse, fine = torch.randn(1, 2, 4, 5) * 30, torch.rand(1, 1, 4, 5) * 100, torch.rand(1, 1, 11, 9) * 100
    expected = joint_bilateral_upsample(ab, coarse, fine, sigma=8.0, floor=1e-4)
    assert torch.equal(joint_bilateral_upsample(ab, coarse, fine), expected)


@settings(max_examples=25)
@given(
    small=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    large=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    sigma=st.floats(0.5, 1e6),
)
def test_every_colour_is_a_mean_of_colours(small, large, sigma):
    ab, coarse, fine = torch.randn(2, 2, *small) * 40, torch.rand(2, 1, *small) * 100, torch.rand(2, 1, *large) * 100
    out = joint_bilateral_upsample(ab, coarse, fine, sigma)
    assert out.shape == (2, 2, *large)
    low, high = (ab.flatten(2).aminmax(dim=2)[end][..., None, None] for end in (0, 1))
    assert ((out >= low - 1e-3) & (out <= high + 1e-3)).all()


def test_one_colour_stays_that_colour(device):
    ab = torch.tensor([12.0, -34.0], device=device)[None, :, None, None].expand(1, 2, 4, 6)
    coarse, fine = torch.rand(1, 1, 4, 6).to(device) * 100, torch.rand(1, 1, 32, 48).to(device) * 100
    out = joint_bilateral_upsample(ab, coarse, fine)
    torch.testing.assert_close(out, ab[..., :1, :1].expand_as(out))


def test_colour_stops_at_an_edge_of_light():
    """Dark and red on the left, light and blue on the right; the edge is not where the coarse pixels meet."""
    edge = 37
    fine = torch.full((1, 1, 64, 64), 20.0)
    fine[..., edge:] = 80
    true = torch.where(fine > 50, torch.tensor([0.0, -50.0])[:, None, None], torch.tensor([50.0, 0.0])[:, None, None])
    coarse, ab = (torch.nn.functional.avg_pool2d(t, 8) for t in (fine, true))
    near = slice(edge - 8, edge + 8)
    error, plain = (
        (out - true)[..., near].abs().mean()
        for out in (joint_bilateral_upsample(ab, coarse, fine), upsample(ab, (64, 64)))
    )
    assert error < plain / 3


@pytest.mark.parametrize("chunk", [1, 30, 100, 611, 10**9])
def test_parts_make_no_difference(monkeypatch, chunk):
    ab, coarse, fine = torch.randn(2, 2, 6, 7), torch.rand(2, 1, 6, 7) * 100, torch.rand(2, 1, 40, 30) * 100
    whole = joint_bilateral_upsample(ab, coarse, fine)
    monkeypatch.setattr(bilateral, "_CHUNK", chunk)
    torch.testing.assert_close(joint_bilateral_upsample(ab, coarse, fine), whole)


@pytest.mark.parametrize("rows", [(0, 1), (7, 24), (39, 40), (5, 40), (0, 37)], ids=str)
@pytest.mark.parametrize("small", [(6, 7), (1, 1), (50, 40)], ids=str)
def test_a_strip_is_that_strip_of_the_whole(rows, small, device):
    made = torch.randn(2, 2, *small), torch.rand(2, 1, *small) * 100, torch.rand(2, 1, 40, 31) * 100
    ab, coarse, fine = (one.to(device) for one in made)
    whole = joint_bilateral_upsample(ab, coarse, fine)
    strip = joint_bilateral_upsample(ab, coarse, fine[:, :, slice(*rows)], top=rows[0], height=40)
    torch.testing.assert_close(strip, whole[:, :, slice(*rows)])


@given(height=st.integers(1, 300), width=st.integers(1, 10**6))
def test_strips_are_all_rows_once_and_in_order(height, width):
    assert [row for part in bilateral.strips(height, width) for row in range(height)[part]] == list(range(height))


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_true_colours_come_back_better_than_by_a_plain_stretch(name):
    lab = rgb_to_lab(photograph(name)[None])
    light, ab = lab[:, :1], lab[:, 1:]
    coarse, small = (torch.nn.functional.adaptive_avg_pool2d(t, 24) for t in (light, ab))
    ours, plain = (
        ab_rmse(out, ab) for out in (joint_bilateral_upsample(small, coarse, light), upsample(small, ab.shape[-2:]))
    )
    assert ours < plain


# --- neighbours that agree


def smoothed_by_hand(values, light, reach, near, alike):
    """The definition, cell by cell, for one picture."""
    h, w = values.shape[-2:]
    out = torch.zeros_like(values[0])
    for y in range(h):
        for x in range(w):
            total, weights = torch.zeros(values.shape[1]), 0.0
            for j in range(max(0, y - reach), min(h, y + reach + 1)):
                for i in range(max(0, x - reach), min(w, x + reach + 1)):
                    far = ((j - y) ** 2 + (i - x) ** 2) / near**2
                    unlike = (light[0, 0, j, i] - light[0, 0, y, x]).item() ** 2 / alike**2
                    weight = math.exp(-(far + unlike) / 2)
                    total, weights = total + weight * values[0, :, j, i], weights + weight
            out[:, y, x] = total / weights
    return out


@pytest.mark.parametrize(("reach", "near", "alike"), [(3, 2.5, 6.0), (1, 0.7, 20.0), (0, 1.0, 1.0)])
def test_smoothing_is_its_definition(reach, near, alike, device):
    values, light = torch.randn(1, 4, 5, 6), torch.rand(1, 1, 5, 6) * 30
    expected = smoothed_by_hand(values, light, reach, near, alike)
    made = smooth_along_light(values.to(device), light.to(device), reach, near, alike)[0].cpu()
    torch.testing.assert_close(made, expected, atol=1e-5, rtol=1e-5)


def test_smoothing_leaves_what_is_even_and_does_not_cross_an_edge_of_light():
    light = torch.full((1, 1, 8, 8), 20.0)
    light[..., 4:] = 80
    sides = torch.zeros(1, 2, 8, 8)
    sides[:, 0, :, 4:] = 5
    torch.testing.assert_close(smooth_along_light(sides, light), sides, atol=1e-5, rtol=0)
    assert smooth_along_light(sides, torch.full_like(light, 20.0)).std() < 0.85 * sides.std()


def test_what_one_neighbour_rules_out_goes_and_no_colour_between_appears():
    """Left sees red or green, right green or blue: together green, and not a mean of the three."""
    red, green, blue = 0, 1, 2
    log_p = torch.full((1, 3, 1, 2), math.log(1e-4))
    log_p[0, [red, green], 0, 0] = math.log(0.5)
    log_p[0, [green, blue], 0, 1] = math.log(0.5)
    agreed = smooth_along_light(log_p, torch.full((1, 1, 1, 2), 50.0), near=100.0).softmax(1)
    assert agreed[0, green].min() > 0.95


def test_a_batch_is_smoothed_picture_by_picture():
    values, light = torch.randn(3, 4, 5, 6), torch.rand(3, 1, 5, 6) * 100
    together = smooth_along_light(values, light)
    for one, brightness, expected in zip(values, light, together, strict=True):
        torch.testing.assert_close(smooth_along_light(one[None], brightness[None])[0], expected)
