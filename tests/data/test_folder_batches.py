"""Batches of a folder's pictures: the same whatever the workers, and whole though pictures vanish."""

import re
import shutil
from pathlib import Path

import pytest
import torch
from folders import PLAIN
from PIL import Image

from colorize_lib.colour.lab import rgb_to_lightness
from colorize_lib.data.crops import random_crop, shorter_side
from colorize_lib.data.folder import Scan, scan
from colorize_lib.data.folder_batches import FolderLoader, folder_dataloaders
from colorize_lib.data.images import LEAST_COLOUR
from colorize_lib.errors import InputError


def same_batches(one, other) -> bool:
    pairs = list(zip(one, other, strict=True))
    return bool(pairs) and all(torch.equal(a, b) for x, y in pairs for a, b in zip(x, y, strict=True))


def test_batches_are_full_in_lab_and_as_many_as_announced(found):
    dls = folder_dataloaders(found, 72, batch=8, workers=2, device="cpu")
    train, dev = list(dls.train), list(dls.valid)
    assert len(train) == len(dls.train) == 26 // 8
    assert sum(len(lightness) for lightness, _ in dev) == len(found.split()[1]) == 7
    for lightness, ab in train:
        assert (lightness.shape, ab.shape) == ((8, 1, 72, 72), (8, 2, 72, 72))
        assert 0 <= lightness.min() < lightness.max() <= 100
        assert ab.abs().max() > LEAST_COLOUR


def test_batches_depend_on_seed_and_epoch_and_on_no_workers(found):
    def batches(workers, epoch, seed=0):
        loader = folder_dataloaders(found, batch=8, workers=workers, seed=seed, device="cpu").train
        loader.epoch = epoch
        torch.rand(workers + 1)  # whatever was drawn before
        return list(loader)

    expected = batches(0, epoch=4)
    for workers in (1, 2):
        assert same_batches(batches(workers, epoch=4), expected)
    assert not same_batches(batches(0, epoch=5), expected)
    assert not same_batches(batches(0, epoch=4, seed=1), expected)


def test_dev_batches_are_the_same_in_every_epoch(found):
    loader = folder_dataloaders(found, batch=8, workers=0, device="cpu").valid
    first = list(loader)
    loader.epoch = 7
    assert same_batches(loader, first)


def test_reading_leaves_the_numbers_that_training_draws_alone(found):
    torch.manual_seed(5)
    list(folder_dataloaders(found, batch=8, workers=1, device="cpu").train)
    drawn = torch.rand(1)
    torch.manual_seed(5)
    assert torch.equal(drawn, torch.rand(1))


def test_one_batch_new_and_show(found):
    dls = folder_dataloaders(found, batch=8, workers=1, device="cpu")
    assert torch.equal(dls.one_batch()[0], next(iter(dls.train))[0])
    other = dls.valid.new(shuffle=True, bs=2)
    assert other.one_batch()[0].shape == (2, 1, 64, 64)
    assert other.reader.view is random_crop
    dls.show_batch(max_n=2)


@pytest.mark.parametrize(("pictures", "dev"), [(20, 4), (100, 17), (320, 16), (4000, 200), (200_000, 5000)])
def test_the_dev_pictures_are_every_nth(pictures, dev):
    names = [str(i) for i in range(pictures)]
    train, kept = Scan(Path(), "", names, [], torch.ones(1), "").split()
    assert len(kept) == dev
    assert sorted([*train, *kept]) == sorted(names)


@pytest.fixture
def of_two_sizes(plain) -> Path:
    """The pictures, with every third of them reduced to 40 pixels."""
    for name in PLAIN[::3]:
        with Image.open(plain / name) as image:
            reduced = image.convert("RGB").resize((40, 48))
        reduced.save(plain / name)
    return plain


def test_little_pictures_make_batches_of_their_own(of_two_sizes, gamut):
    found = scan(of_two_sizes, gamut, 0, progress=False)
    little = {name for name in found.names if shorter_side(of_two_sizes / name) == 40}
    assert little == set(PLAIN[::3]) & set(found.names)
    train, dev = (
        FolderLoader(found.names, of_two_sizes, 96, 4, shuffled, drop_last=shuffled, small=64, little=frozenset(little))
        for shuffled in (True, False)
    )
    for loader in (train, dev):
        sides = [lightness.shape[-1] for lightness, _ in loader]
        assert len(sides) == len(loader)
        assert set(sides) == {64, 96}
        assert sum(len(lightness) for lightness, ab in loader if lightness.shape[-1] == 64) <= len(little)
    large = len(found.names) - len(little)
    assert len(train) == len(little) // 4 + large // 4
    assert sum(len(lightness) for lightness, _ in dev) == len(found.names)
    # Not one kind after the other, and another order in the next epoch.
    orders = []
    for train.epoch in range(3):
        orders.append([lightness.shape[-1] for lightness, _ in train])
    assert len({tuple(order) for order in orders}) > 1
    # A few that vanish are replaced by others of their size.
    (of_two_sizes / sorted(little)[0]).unlink()
    assert {len(lightness) for lightness, _ in train} == {4}


def test_nothing_is_little_without_being_asked_for(of_two_sizes, gamut):
    found = scan(of_two_sizes, gamut, 0, progress=False)
    dls = folder_dataloaders(found, 96, 4, workers=0, device="cpu")
    assert {lightness.shape[-1] for lightness, _ in dls.train} == {96}
    dls = folder_dataloaders(found, 96, 4, workers=0, device="cpu", small=64)
    assert {lightness.shape[-1] for lightness, _ in dls.train} == {64, 96}
    assert {lightness.shape[-1] for lightness, _ in dls.valid} == {96}


def test_pictures_that_vanish_or_break_later_are_replaced_and_reported(plain, gamut, capfd):
    names = scan(plain, gamut, 0, progress=False).names
    (plain / names[3]).unlink()
    (plain / names[5]).write_bytes(b"broken")
    results = [list(FolderLoader(names, plain, 64, 8, True, True, workers=workers)) for workers in (0, 2)]
    assert same_batches(*results)
    assert [len(lightness) for lightness, _ in results[0]] == [8, 8, 8]
    line = capfd.readouterr().err.strip().splitlines()[0]
    assert re.match("Pictures that can no longer be read, others stood in: 2 unreadable", line)
    assert names[3] in line
    assert names[5] in line


def test_not_one_picture_stands_in_for_all_that_are_gone(plain):
    gone = PLAIN[:8]
    for name in gone:
        (plain / name).unlink()
    lightness, _ = next(iter(FolderLoader(PLAIN, plain, 64, 8)))
    assert len({picture.numpy().tobytes() for picture in lightness}) > 2


def test_light_is_that_of_a_grey_picture(plain):
    """The colours of a cut must not show in its lightness, by how red, green and blue were rounded."""
    lightness, ab = next(iter(FolderLoader(PLAIN, plain, 64, 8, shuffle=True)))
    greys = rgb_to_lightness(torch.arange(256, dtype=torch.uint8).expand(3, 1, 256))
    assert torch.isin(lightness, greys).all()
    assert ab.abs().max() > 1


def test_it_is_reported_once(plain, capfd):
    (plain / PLAIN[3]).unlink()
    loader = FolderLoader(PLAIN, plain, 64, 8)
    for _ in range(2):
        list(loader)
    assert capfd.readouterr().err.count("no longer") == 1


def test_a_disk_that_is_gone_ends_in_a_sentence(plain):
    loader = FolderLoader(PLAIN, plain, 64, 8, workers=1)
    shutil.rmtree(plain)
    with pytest.raises(InputError, match="can no longer be read: is the disk still there"):
        list(loader)
