"""Old photographs, made old here: what the repairs change, and what they leave alone."""

import pytest
import torch

from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.data.examples import photograph
from colorize_lib.pictures.ageing import AGEING, ORTHOCHROMATIC, bordered, faded, greyed, speckled
from colorize_lib.pictures.restoring import restored, stretched, without_specks


def light(rgb: torch.Tensor) -> torch.Tensor:
    return rgb_to_lab(rgb)[None, :1]


@pytest.fixture
def grey() -> torch.Tensor:
    return greyed(photograph("coffee")[:, 100:200, 150:300].float() / 255)


@pytest.mark.parametrize("name", AGEING)
def test_ageing_keeps_shape_and_range(grey, name):
    old = AGEING[name](grey)
    assert old.shape == grey.shape and old.min() >= 0 and old.max() <= 1.001


def test_orthochromatic_film_sees_no_red():
    red, blue = (torch.eye(3)[k][:, None, None].expand(-1, 2, 2) for k in (0, 2))
    assert greyed(red, ORTHOCHROMATIC).max() < 0.05 < greyed(red).min()
    assert greyed(blue, ORTHOCHROMATIC).min() > 0.4 > greyed(blue).max()


def test_contrast_comes_back(grey):
    before, after = light(grey), stretched(light(faded(grey, 0.7)))
    assert (after.amax() - after.amin()).item() == pytest.approx(100, abs=1)
    assert torch.corrcoef(torch.stack((before.flatten(), after.flatten())))[0, 1] > 0.97


def test_a_picture_with_contrast_or_none_is_left_alone():
    whole = torch.linspace(0, 100, 400).view(1, 1, 20, 20)
    assert torch.equal(stretched(whole), whole)
    card = torch.full((1, 1, 20, 20), 60.0)
    assert torch.equal(stretched(card), card)


def test_a_border_is_as_wide_as_it_is_said_and_hides_that_a_picture_has_faded(grey):
    loose, inside = faded(grey, 0.8), (..., slice(10, -10), slice(10, -10))
    mounted = bordered(loose, 0.1)
    assert torch.equal(mounted[inside], loose[inside])
    assert (mounted[:, :10] == 0.95).all() and (mounted[:, :, -10:] == 0.95).all()
    assert stretched(light(mounted))[inside].std() < 0.7 * stretched(light(loose))[inside].std()


def test_specks_go_and_edges_stay(grey):
    clean = torch.zeros(1, 1, 20, 20)
    clean[..., 10:] = 80
    dusty = clean.clone()
    dusty[..., 5, 5], dusty[..., 12, 15] = 100, 0
    assert torch.equal(without_specks(dusty), clean)
    old = speckled(grey, 0.01)
    before, after = ((x - light(grey)).abs().mean() for x in (light(old), without_specks(light(old))))
    assert after < 0.6 * before


@pytest.mark.parametrize("kind", [torch.uint8, torch.float32])
def test_a_picture_of_any_kind_comes_back_grey(grey, kind):
    old = faded(grey, 0.7)
    old = (old * 255).byte() if kind == torch.uint8 else old
    mended = restored(old)
    assert mended.dtype == kind and mended.shape == old.shape
    assert rgb_to_lab(mended)[1:].abs().max() < 1
