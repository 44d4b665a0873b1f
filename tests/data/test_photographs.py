"""The photographs are read alike from a folder and an archive, cut to the middle, and found where they should be."""

import tarfile

import numpy as np
import pytest
import torch
from PIL import Image

from colorize_lib.data.examples import photograph
from colorize_lib.data.photographs import SIDES, load_photographs, training_folders
from colorize_lib.errors import InputError


@pytest.fixture
def root(tmp_path):
    for split, size in (("dev", (213, 160)), ("test", (256, 341)), ("train", (160, 200))):
        for wnid in ("n02", "n01"):
            folder = tmp_path / "photographs" / split / wnid
            folder.mkdir(parents=True)
            photo = Image.fromarray(photograph("coffee").permute(1, 2, 0).numpy()).resize(size)
            photo.save(folder / f"{wnid}_1.jpg", quality=95)
    return tmp_path


@pytest.mark.parametrize("split", ["dev", "test"])
def test_folder_and_archive_give_the_same_middle_squares(root, split, tmp_path_factory):
    images = load_photographs(split, root, progress=False)
    side = SIDES[split]
    assert images.rgb.shape == (2, 3, side, side)
    assert images.classes == ("n01", "n02")
    assert images.label.tolist() == [0, 1]
    packed = tmp_path_factory.mktemp("packed")
    with tarfile.open(packed / "photographs-160.tar", "w") as archive:
        archive.add(root / "photographs", "photographs")
    assert torch.equal(load_photographs(split, packed, progress=False).rgb, images.rgb)
    with pytest.raises(InputError, match="unpack it"):
        training_folders(packed)


def test_the_square_is_in_the_middle(root):
    whole = Image.open(root / "photographs/dev/n01/n01_1.jpg")
    left = (whole.width - 160) // 2
    expected = torch.from_numpy(np.array(whole.crop((left, 0, left + 160, 160)))).permute(2, 0, 1)
    assert torch.equal(load_photographs("dev", root, progress=False).rgb[0], expected)


def test_training_takes_both_sets_where_both_are(root, monkeypatch):
    assert training_folders(root) == [root / "photographs/train"]
    (root / "tiny-imagenet-200/train").mkdir(parents=True)
    monkeypatch.setenv("COLORIZE_DATA", str(root))
    assert training_folders() == [root / "photographs/train", root / "tiny-imagenet-200/train"]


def test_what_is_missing_is_said(tmp_path, monkeypatch):
    monkeypatch.delenv("COLORIZE_DATA", raising=False)
    with pytest.raises(InputError, match="not on this machine"):
        load_photographs("test")
    with pytest.raises(InputError, match="does not hold the set of photographs"):
        load_photographs("test", tmp_path)
    with pytest.raises(InputError, match="no split 'train'"):
        load_photographs("train", tmp_path)
    (tmp_path / "photographs-160.tar").write_bytes(b"nothing of the kind")
    with pytest.raises(InputError, match="damaged"):
        load_photographs("test", tmp_path)


def test_one_flipped_bit_of_a_compressed_archive_is_noticed(root, tmp_path_factory):
    place = tmp_path_factory.mktemp("packed") / "p.tgz"
    with tarfile.open(place, "w:gz", compresslevel=0) as archive:  # only the checksum at the end knows
        archive.add(root / "photographs", "photographs")
    good = place.read_bytes()
    load_photographs("dev", place, progress=False)
    for position in range(1000, len(good), len(good) // 20):
        place.write_bytes(good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :])
        with pytest.raises(InputError, match="damaged"):
            load_photographs("dev", place, progress=False)
