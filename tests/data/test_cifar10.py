"""CIFAR-10: where it is found, how it is read, and what its splits are."""

import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch
from archives import SAFELY, few_members, picture_bytes, write_archive

from colorize_lib.data import cifar10 as data
from colorize_lib.data.cifar10 import load_cifar10
from colorize_lib.data.images import CLASSES, Images


@pytest.fixture(scope="module")
def whole_test_part(tmp_path_factory) -> Path:
    """An archive with 1,000 test pictures of each class, whose colour says which: (class, number // 250, number % 250).

    Names are not padded and members not in order, like in fastai's archive.
    """
    order = np.random.default_rng(0).permutation(10_000)
    members = {
        f"cifar10/test/{CLASSES[label]}/{i}_{CLASSES[label]}.png": picture_bytes((label, i // 250, i % 250))
        for label, i in (divmod(int(n), 1000) for n in order)
    }
    return write_archive(tmp_path_factory.mktemp("whole") / "cifar10.tgz", members, "w")


def number(images: Images) -> torch.Tensor:
    """The number in the file name of every picture of :func:`whole_test_part`."""
    red, green, blue = images.rgb[:, :, 5, 7].long().unbind(1)
    assert torch.equal(red, images.label)
    return green * 250 + blue


# --- reading


@pytest.mark.parametrize(
    ("split", "of_each_class"),
    [("dev", range(500)), ("test", range(500, 1000)), ("vgg-dev", range(100)), ("vgg-test", range(500, 600))],
)
def test_splits_are_stratified_and_in_the_order_of_the_file_numbers(whole_test_part, split, of_each_class):
    images = load_cifar10(split, whole_test_part, progress=False)
    assert images.rgb.shape == (10 * len(of_each_class), 3, 32, 32)
    assert (images.rgb.dtype, images.label.dtype) == (torch.uint8, torch.int64)
    assert images.label.tolist() == sorted(images.label.tolist())
    assert number(images).tolist() == list(of_each_class) * 10
    assert images.source == "cifar10.tgz, lossless PNG"


def test_an_unpacked_folder_gives_the_same(whole_test_part, tmp_path):
    with tarfile.open(whole_test_part) as archive:
        archive.extractall(tmp_path, **SAFELY)
    (tmp_path / "cifar10" / "train").mkdir()
    expected = load_cifar10("vgg-dev", whole_test_part, progress=False)
    assert data.find_cifar10(tmp_path) == data.find_cifar10(tmp_path / "cifar10") == tmp_path / "cifar10"
    images = load_cifar10("vgg-dev", tmp_path, progress=False)
    assert torch.equal(images.rgb, expected.rgb)
    assert torch.equal(images.label, expected.label)
    assert images.source == "cifar10, lossless PNG"


def test_2_comes_before_10():
    names = ["cifar10/test/cat/10_cat.png", "cifar10/test/cat/2_cat.png", "cifar10/test/cat/0002.jpg", "a/b/x.png"]
    ordered = [name for name, _ in sorted(((name, None) for name in names), key=data._file_order)]
    assert ordered == [names[3], names[2], names[1], names[0]]


def test_the_search_goes_path_then_environment_then_fastai(small_archive, tmp_path, monkeypatch):
    home = tmp_path / "home"
    (home / "data" / "cifar10" / "train").mkdir(parents=True)
    monkeypatch.setenv("FASTAI_HOME", str(home))
    assert data.find_cifar10(download=False) == home / "data" / "cifar10"
    other = write_archive(tmp_path / "cifar10.tgz", few_members())
    monkeypatch.setenv("COLORIZE_DATA", str(tmp_path))
    assert data.find_cifar10() == other
    assert data.find_cifar10(small_archive) == small_archive
    assert data.find_cifar10(str(small_archive.parent)) == small_archive


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_members_are_read_whatever_the_compression(tmp_path, mode):
    members = few_members() | {"README.md": b"text", "cifar10/labels.txt": b"cat", "./cifar10/train/cat/0_cat.png": b""}
    place = write_archive(tmp_path / "cifar10.tgz", members, mode)
    found = list(data._read_archive(place, "test"))
    assert [(name, content) for _, name, content in found] == list(few_members().items())
    assert [kind for kind, _, _ in found] == [name for name in CLASSES for _ in range(3)]


# --- all of CIFAR-10


@pytest.mark.cifar
@pytest.mark.slow
@pytest.mark.parametrize(
    ("split", "size"),
    [
        ("train", 50_000),
        ("dev", 5_000),
        ("test", 5_000),
        ("vgg-train", 10_000),
        ("vgg-dev", 1_000),
        ("vgg-test", 1_000),
    ],
)
def test_sizes_of_the_splits(cifar, split, size):
    images = cifar(split)
    assert images.rgb.shape == (size, 3, 32, 32)
    assert torch.bincount(images.label).tolist() == [size // 10] * 10
    assert images.label.tolist() == sorted(images.label.tolist())
    assert images.rgb.float().std() > 30


def pictures(images: Images) -> set[bytes]:
    return {picture.tobytes() for picture in images.rgb.numpy()}


@pytest.mark.cifar
@pytest.mark.slow
def test_dev_and_test_have_no_picture_in_common(cifar):
    dev, test = (pictures(cifar(split)) for split in ("dev", "test"))
    assert min(len(dev), len(test)) > 4990
    assert not dev & test


@pytest.mark.cifar
@pytest.mark.slow
@pytest.mark.parametrize(("small", "large"), [("vgg-train", "train"), ("vgg-dev", "dev"), ("vgg-test", "test")])
def test_the_small_splits_are_the_first_of_their_class(cifar, small, large):
    part, whole = cifar(small), cifar(large)
    for label in range(10):
        mine = part.rgb[part.label == label]
        assert torch.equal(mine, whole.rgb[whole.label == label][: len(mine)])
