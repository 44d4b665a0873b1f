"""The pictures that the package brings: of CIFAR-10, and photographs cut into patches."""

import numpy as np
import pytest
import torch

from colorize_lib.data import examples
from colorize_lib.data.examples import GALLERY, PHOTOGRAPHS, embedded_cifar10, gallery
from colorize_lib.data.images import CLASSES
from colorize_lib.errors import InputError
from colorize_lib.measuring.metrics import ab_rmse


def test_the_embedded_pictures_are_20_test_pictures():
    images = embedded_cifar10()
    assert images.rgb.shape == (20, 3, 32, 32)
    assert images.rgb.dtype == torch.uint8
    # The labels of the first 20 pictures of the official test batch.
    assert images.label.tolist() == [3, 8, 8, 0, 6, 6, 1, 6, 3, 1, 0, 9, 5, 7, 9, 8, 5, 7, 8, 6]
    assert len({picture.numpy().tobytes() for picture in images.rgb}) == 20
    # The top left pixel of the first, and the bottom right one of the last, as in that batch.
    assert images.rgb[0, :, 0, 0].tolist() == [158, 112, 49]


def test_the_gallery_shows_each_class_once():
    images = gallery()
    assert len(images) == len(GALLERY) == 8
    names = [CLASSES[label] for label in images.label]
    assert names == ["airplane", "automobile", "cat", "dog", "frog", "horse", "ship", "truck"]


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photographs_are_there(name):
    photo = examples.photograph(name)
    assert photo.dtype == torch.uint8
    assert photo.ndim == 3
    assert photo.shape[0] == 3
    assert min(photo.shape[1:]) >= 256
    assert photo.float().std() > 20


def test_an_unknown_photograph_names_the_known_ones():
    with pytest.raises(InputError, match="astronaut"):
        examples.photograph("lena")


def test_patches_depend_on_the_seed_alone():
    first, again, other = (examples.photograph_patches(24, 16, seed) for seed in (3, 3, 4))
    assert first.rgb.shape == (24, 3, 16, 16)
    assert first.rgb.dtype == torch.uint8
    assert torch.equal(first.rgb, again.rgb)
    assert torch.equal(first.label, again.label)
    assert not torch.equal(first.rgb, other.rgb)
    assert first.classes == PHOTOGRAPHS
    assert set(first.label.tolist()) == {0, 1, 2, 3}
    torch.rand(5)
    assert torch.equal(examples.photograph_patches(24, 16, 3).rgb, first.rgb)


def test_patches_come_from_the_photograph_of_their_label():
    patches = examples.photograph_patches(40, 32)
    rocket, coffee = (patches.rgb[patches.label == PHOTOGRAPHS.index(name)].float() for name in ("rocket", "coffee"))
    warmth = [(part[:, 0] - part[:, 2]).mean() for part in (rocket, coffee)]
    assert warmth[1] > warmth[0] + 20  # the coffee is brown, the sky behind the rocket is not


@pytest.mark.skipif(torch.cuda.is_available(), reason="trains on all of CIFAR-10 where there is a GPU")
def test_a_chapter_trains_on_patches_where_there_is_no_gpu():
    images, dev, everything = examples.images_for_training(12)
    assert (len(images), len(dev), everything) == (12, 20, False)


@pytest.mark.cifar
@pytest.mark.slow
def test_the_embedded_pictures_are_the_first_of_their_class_in_dev(cifar):
    from colorize_lib.colour.lab import rgb_to_lab

    embedded, dev = embedded_cifar10(), cifar("dev")
    found = []
    for label in range(10):
        mine = embedded.rgb[embedded.label == label]
        found.append((mine, dev.rgb[dev.label == label][: len(mine)]))
    mine, theirs = (rgb_to_lab(torch.cat(side))[:, 1:] for side in zip(*found, strict=True))
    assert ab_rmse(theirs, mine) < 7  # JPEG, or 0 with a lossless copy
    each = [ab_rmse(theirs[i : i + 1], mine[i : i + 1]) for i in range(20)]
    other = mine.roll(1, 0)
    wrong = [ab_rmse(theirs[i : i + 1], other[i : i + 1]) for i in range(20)]
    assert max(each) < 12
    assert np.median(wrong) > 12
