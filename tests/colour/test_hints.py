"""Hints: what is known of them by hand, and what must hold for any."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from colorize_lib.colour.hints import Reach, cells, closeness, condition, modes, spread, weights

RED, GREEN = (60.0, 40.0), (-50.0, 50.0)
TWO = torch.tensor([RED, GREEN])


def any_log_p(seed: int, n: int = 1, h: int = 4, w: int = 6, bins: int = 2) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, bins, h, w, generator=generator).mul(2).log_softmax(1)


def any_light(seed: int, n: int = 1, h: int = 4, w: int = 6) -> torch.Tensor:
    return 100 * torch.rand(n, 1, h, w, generator=torch.Generator().manual_seed(seed))


def at(*pixels: tuple[int, int], h: int, w: int) -> torch.Tensor:
    return torch.tensor([[((x + 0.5) / w, (y + 0.5) / h) for x, y in pixels]])


# --- k, how surely two pixels are one thing


def test_a_hint_is_the_same_thing_as_its_own_cell_and_falls_off_as_the_formula_says():
    light = torch.full((1, 1, 4, 4), 50.0)
    light[..., 0, 3] = 80.0
    k, among = closeness(at((0, 0), h=4, w=4), torch.tensor([[50.0]]), light, reach=Reach(near=0.5, light=50))
    assert k[0, 0, 0, 0] == among[0, 0, 0] == 1
    assert k[0, 0, 2, 0].item() == pytest.approx(torch.tensor(-1.0).exp().item())  # half of the side away
    assert k[0, 0, 0, 3].item() == pytest.approx(torch.tensor(-((1.5**2 + 0.6**2) ** 0.5)).exp().item())


def test_distance_is_a_share_of_the_root_of_the_area_whatever_the_shape():
    wide, tall = torch.zeros(1, 1, 2, 8), torch.zeros(1, 1, 8, 2)
    there, _ = closeness(at((0, 0), h=2, w=8), torch.zeros(1, 1), wide)
    back, _ = closeness(at((0, 0), h=8, w=2), torch.zeros(1, 1), tall)
    assert torch.equal(there, back.mT)
    assert there[0, 0, 0, 2].item() == pytest.approx(torch.tensor(-2 / 4 / Reach().near).exp().item())


def test_pixels_whose_distributions_do_not_overlap_are_not_one_thing():
    log_p = torch.full((1, 2, 1, 2), -torch.inf)
    log_p[0, 0, 0, 0] = log_p[0, 1, 0, 1] = 0.0
    k, _ = closeness(at((0, 0), h=1, w=2), torch.zeros(1, 1), torch.zeros(1, 1, 1, 2), log_p)
    assert k.flatten().tolist() == [1, 0]


@given(seed=st.integers(0, 1000), h=st.integers(1, 7), w=st.integers(1, 7))
def test_k_is_symmetric_and_from_0_to_1(seed, h, w):
    light, log_p = any_light(seed, h=h, w=w), any_log_p(seed, h=h, w=w)
    pixels = [(x, y) for y in range(h) for x in range(w)]
    k, among = closeness(at(*pixels, h=h, w=w), light.flatten(1), light, log_p)
    assert torch.allclose(k.flatten(2), among, atol=1e-6)
    assert torch.allclose(among, among.mT, atol=1e-6)
    assert 0 <= k.min() <= k.max() <= 1
    assert torch.linalg.eigvalsh(among.double()).min() > -1e-5  # so that the weights are defined


def test_the_cell_of_a_pixel_is_the_one_that_covers_it():
    places = at((0, 0), (31, 31), (15, 16), h=32, w=32)
    assert cells(places, 16, 16).tolist() == [[0, 255, 8 * 16 + 7]]
    assert cells(places, 5, 3).tolist() == [[0, 14, 7]]


# --- weights


def test_one_hint_says_k_and_two_of_one_thing_as_much_as_one():
    k = torch.rand(1, 1, 3, 3)
    one = weights(k, torch.ones(1, 1, 1), noise=0.05)
    assert torch.allclose(one, k / 1.05)
    two = weights(k.expand(1, 2, 3, 3), torch.ones(1, 2, 2), noise=0.05)
    assert torch.allclose(two.sum(1), k[:, 0] * 2 / 2.05)


def test_hints_that_have_nothing_in_common_do_not_know_of_each_other():
    k = torch.rand(1, 2, 3, 3)
    both = weights(k, torch.eye(2)[None])
    assert torch.allclose(both[:, :1], weights(k[:, :1], torch.ones(1, 1, 1)))


# --- conditioning


@given(seed=st.integers(0, 1000), width=st.floats(1, 100))
@settings(max_examples=30)
def test_a_hint_of_the_truth_moves_the_colour_towards_it_for_every_width(gamut, seed, width):
    log_p = any_log_p(seed, bins=len(gamut))
    truth = gamut.centres[seed % len(gamut)]
    say = torch.rand(1, 1, 4, 6, generator=torch.Generator().manual_seed(seed))
    told = condition(log_p, gamut.centres, say, truth[None, None], width)

    def squared(log_p: torch.Tensor) -> torch.Tensor:  # the expected squared distance to the truth
        away = (gamut.centres - truth).square().sum(1)
        return torch.einsum("nqhw,q->nhw", log_p.softmax(1), away)

    assert (squared(told) <= squared(log_p) + 1e-2).all()


def test_two_gaussians_multiply():
    """A Gaussian distribution times a hint is the Gaussian in the books: precisions and weighted means add."""
    grid = torch.stack(torch.meshgrid(*2 * [torch.arange(-60.0, 61, 2)], indexing="ij"), -1).view(-1, 2)
    log_p = (-grid.square().sum(1) / (2 * 12**2)).log_softmax(0).view(1, -1, 1, 1)
    told = condition(log_p, grid, torch.ones(1, 1, 1, 1), torch.tensor([[[20.0, -10.0]]]), width=9)
    share = 12**2 / (12**2 + 9**2)
    mean = torch.einsum("nqhw,qc->nchw", told.softmax(1), grid).flatten()
    assert torch.allclose(mean, share * torch.tensor([20.0, -10.0]), atol=0.05)


def test_the_sums_are_what_adding_hint_by_hint_gives():
    log_p, say = any_log_p(0, n=2), torch.rand(2, 3, 4, 6)
    colours = 50 * torch.randn(2, 3, 2)
    paid = torch.zeros_like(log_p)
    for hint in range(3):
        away = (TWO - colours[:, hint, None]).square().sum(-1)[:, :, None, None]  # (N, Q, 1, 1)
        paid += say[:, hint, None] * away / (2 * 25**2)
    told = condition(log_p, TWO, say, colours, width=25)
    assert torch.allclose(told.softmax(1), (log_p - paid).softmax(1), atol=1e-4)


def test_without_a_say_nothing_changes_bit_for_bit():
    log_p, colours, silent = any_log_p(1), torch.tensor([[RED, GREEN]]), torch.zeros(1, 2, 4, 6)
    say = weights(silent, torch.eye(2)[None])
    assert torch.equal(condition(log_p, TWO, say, colours), log_p)
    assert torch.equal(log_p + spread(say, colours).sum(1, keepdim=True), log_p)


def test_a_batch_is_its_pictures():
    light, log_p = any_light(3, n=3), any_log_p(3, n=3)
    places = at((0, 0), (5, 3), (2, 1), h=4, w=6).expand(3, -1, -1)
    own, colours = torch.full((3, 3), 50.0), 40 * torch.randn(3, 3, 2)

    def told(part: slice) -> torch.Tensor:
        say = weights(*closeness(places[part], own[part], light[part], log_p[part]))
        return condition(log_p[part], TWO, say, colours[part]) + spread(say, colours[part]).sum(1, keepdim=True)

    each = torch.cat([told(slice(i, i + 1)) for i in range(3)])
    assert torch.allclose(told(slice(None)), each, atol=1e-5)


# --- spreading


def test_what_is_missing_is_right_at_the_hints_and_bounded_elsewhere():
    light = any_light(5, h=6, w=6)
    pixels = [(0, 0), (5, 5), (3, 1)]
    own = torch.stack([light[0, 0, y, x] for x, y in pixels])[None]
    say = weights(*closeness(at(*pixels, h=6, w=6), own, light), noise=1e-6)
    error = torch.tensor([[[10.0, -5.0], [-20.0, 0.0], [3.0, 8.0]]])
    found = spread(say, error)
    at_hints = torch.stack([found[0, :, y, x] for x, y in pixels])
    assert torch.allclose(at_hints, error[0], atol=1e-2)
    assert found.abs().max() <= 1.2 * error.abs().max()


# --- modes


def test_modes_are_the_likeliest_that_are_apart(gamut):
    p = any_log_p(7, bins=len(gamut)).softmax(1).movedim(1, -1)  # (1, h, w, Q)
    found = modes(p, gamut.centres, 5, apart=25)
    assert torch.equal(found[..., 0], p.argmax(-1))
    chosen = gamut.centres[found]  # (1, h, w, 5, 2)
    away = torch.cdist(chosen, chosen) + 1000 * torch.eye(5)
    assert away.min() >= 25
    shares = p.gather(-1, found)
    assert (shares.diff(dim=-1) <= 0).all()
