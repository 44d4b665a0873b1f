"""Pictures as a batch: cut and indexed together, without the grey ones, and as JPEG would leave them."""

import torch

from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.data.examples import PHOTOGRAPHS, embedded_cifar10, photograph_patches
from colorize_lib.data.images import CLASSES, Images, as_jpeg, without_grey


def test_images_are_cut_and_indexed_together():
    images = embedded_cifar10()
    some = images[[3, 1]]
    assert len(some) == 2
    assert torch.equal(some.rgb, images.rgb[[3, 1]])
    assert torch.equal(some.label, images.label[[3, 1]])
    assert (some.source, some.classes) == (images.source, CLASSES)


def test_pictures_without_colour_are_no_teachers():
    coloured, grey = photograph_patches(6, seed=2), photograph_patches(6, seed=2).rgb.float().mean(1, keepdim=True)
    mixed = Images(
        torch.cat((coloured.rgb, grey.round().byte().expand(-1, 3, -1, -1))), torch.arange(12) % 4, "mixed", PHOTOGRAPHS
    )
    kept = without_grey(mixed)
    assert torch.equal(kept.rgb, without_grey(coloured).rgb)
    assert 0 < len(kept) <= 6
    assert len(without_grey(mixed, least=1000.0)) == 0


def test_as_jpeg_halves_the_colour_and_keeps_the_light():
    original = embedded_cifar10().rgb
    copy = as_jpeg(original)
    assert copy.shape == original.shape
    assert copy.dtype == torch.uint8
    change = (rgb_to_lab(copy) - rgb_to_lab(original)).square().mean((0, 2, 3)).sqrt()
    assert change[0] < change[1:].min()  # light is kept best
    # One colour for every two by two pixels: a checkerboard of red and blue of the same light is gone.
    red, cyan = (torch.tensor(rgb, dtype=torch.uint8)[:, None, None] for rgb in ((200, 100, 100), (80, 135, 135)))
    steps = torch.arange(32)
    board = torch.where((steps[:, None] + steps) % 2 == 0, red, cyan)[None]
    before, after = (rgb_to_lab(rgb)[:, 1:].std((2, 3)).norm() for rgb in (board, as_jpeg(board, 95)))
    assert after < before / 3
    flat = torch.full((1, 3, 16, 16), 128, dtype=torch.uint8)
    assert torch.equal(as_jpeg(flat), flat)
