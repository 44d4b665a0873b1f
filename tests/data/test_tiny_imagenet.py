"""Tiny ImageNet from small made-up copies: as a zip, a tar archive or a folder; whole, damaged and incomplete."""

import io
import shutil
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorize_lib.data.tiny_imagenet import find_tiny_imagenet, load_tiny_imagenet, words
from colorize_lib.errors import InputError

#: In the order of wnids.txt, which is not the alphabet's.
WNIDS = ("n02124075", "n01443537", "n07920052")
PER_CLASS = 50


def jpeg(grey: int, side: int = 64, mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (side, side), grey if mode == "L" else (grey,) * 3).save(file, "JPEG", quality=95)
    return file.getvalue()


def made_up(train: int = 3) -> dict[str, bytes]:
    """Path and contents of every file: the grey of a picture is its class and its place in the file order."""
    files = {
        "wnids.txt": "\n".join(WNIDS).encode(),
        "words.txt": b"n01443537\tgoldfish, Carassius auratus\nn02124075\tEgyptian cat\nn07920052\tespresso\n",
    }
    for label, name in enumerate(WNIDS):
        for i in (10, 2, 1)[:train]:
            files[f"train/{name}/images/{name}_{i}.JPEG"] = jpeg(80 * label + 5 * i)
    lines = []
    for i in range(PER_CLASS * len(WNIDS)):
        label = i % len(WNIDS)
        files[f"val/images/val_{i}.JPEG"] = jpeg(80 * label + i // len(WNIDS))
        lines.append(f"val_{i}.JPEG\t{WNIDS[label]}\t0\t0\t62\t62")
    files["val/val_annotations.txt"] = "\n".join(lines).encode()
    files["test/images/test_0.JPEG"] = jpeg(0)
    return files


def write(files: dict[str, bytes], place: Path) -> Path:
    """As ``.zip``, ``.tgz``, or a folder."""
    if place.suffix == ".zip":
        with zipfile.ZipFile(place, "w") as archive:
            for name, data in files.items():
                archive.writestr(f"tiny-imagenet-200/{name}", data)
    elif place.suffix == ".tgz":
        with tarfile.open(place, "w:gz") as archive:
            for name, data in files.items():
                info = tarfile.TarInfo(f"./tiny-imagenet-200/{name}")
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    else:
        for name, data in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data)
    return place


NAMES = ("tiny-imagenet-200.zip", "tiny-imagenet-200.tgz", "tiny-imagenet-200")


@pytest.fixture(scope="module", params=NAMES)
def copy(request, tmp_path_factory) -> Path:
    return write(made_up(), tmp_path_factory.mktemp("copy") / request.param)


def load(split: str, root: Path):
    return load_tiny_imagenet(split, root, progress=False)


def greys(images) -> np.ndarray:
    assert (images.rgb == images.rgb[:, :1, :1, :1]).all()
    return images.rgb[:, 0, 0, 0].numpy()


# --- what is read


@pytest.mark.parametrize("inside", [False, True], ids=["itself", "its folder"])
def test_training_pictures_are_ordered_by_class_and_number(copy, inside):
    images = load("train", copy.parent if inside else copy)
    assert images.classes == WNIDS
    assert images.label.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert images.rgb.shape == (9, 3, 64, 64)
    assert np.abs(greys(images).astype(int) - [80 * label + 5 * i for label in range(3) for i in (1, 2, 10)]).max() <= 1
    assert images.source == f"{copy.name}, JPEG"


def test_dev_and_test_are_the_halves_of_every_class(copy):
    dev, test = load("dev", copy), load("test", copy)
    for images, first in ((dev, 0), (test, 25)):
        assert images.label.tolist() == [label for label in range(3) for _ in range(25)]
        wanted = [80 * label + i for label in range(3) for i in range(first, first + 25)]
        assert np.abs(greys(images).astype(int) - wanted).max() <= 1


def test_words_say_what_the_names_mean(copy):
    assert words(copy)["n01443537"] == "goldfish, Carassius auratus"
    assert set(words(copy)) == set(WNIDS)


def test_the_environment_says_where(copy, monkeypatch):
    monkeypatch.setenv("COLORIZE_DATA", str(copy.parent))
    assert find_tiny_imagenet() == copy
    assert len(load_tiny_imagenet("dev", progress=False)) == 75


def test_grey_pictures_become_colour_ones(tmp_path):
    files = made_up()
    files[f"train/{WNIDS[0]}/images/{WNIDS[0]}_1.JPEG"] = jpeg(7, mode="L")
    assert load("train", write(files, tmp_path / NAMES[1])).rgb.shape == (9, 3, 64, 64)


# --- what is refused


def test_an_unknown_split(copy):
    with pytest.raises(InputError, match="no split 'val'. Choose one of: train, dev, test"):
        load("val", copy)


def test_nothing_there(tmp_path):
    with pytest.raises(InputError, match="does not hold Tiny ImageNet.*COLORIZE_DATA"):
        load("dev", tmp_path)
    with pytest.raises(InputError, match="not on this machine"):
        find_tiny_imagenet()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("missing", ["wnids.txt", "val/val_annotations.txt", "val/images/"])
def test_an_incomplete_copy(tmp_path, name, missing):
    files = {path: data for path, data in made_up().items() if not path.startswith(missing)}
    with pytest.raises(InputError, match="not a whole copy|does not hold Tiny ImageNet|cannot be read"):
        load("dev", write(files, tmp_path / name))


def test_a_class_without_pictures(tmp_path):
    files = {path: data for path, data in made_up().items() if not path.startswith(f"train/{WNIDS[2]}")}
    with pytest.raises(InputError, match="classes without a picture"):
        load("train", write(files, tmp_path / NAMES[0]))


def test_a_picture_of_another_size(tmp_path):
    files = made_up() | {"val/images/val_7.JPEG": jpeg(0, side=32)}
    with pytest.raises(InputError, match=r"val_7.JPEG is 32x32 pixels, not 64x64"):
        load("dev", write(files, tmp_path / NAMES[1]))


@pytest.mark.parametrize("data", [b"", b"no picture", jpeg(9)[:200]], ids=["empty", "text", "cut off"])
def test_a_damaged_picture(tmp_path, data):
    files = made_up() | {"val/images/val_7.JPEG": data}
    with pytest.raises(InputError, match=rf"val_7.JPEG is not a picture that can be read \({len(data)} bytes\)"):
        load("dev", write(files, tmp_path / NAMES[1]))


@pytest.mark.parametrize("name", NAMES[:2])
@pytest.mark.parametrize("share", [0, 0.5, 0.95])
def test_a_download_that_stopped(tmp_path, name, share):
    whole = write(made_up(), tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(InputError, match="cannot be read|whole copy"):
        load("dev", tmp_path)


def test_a_file_that_is_no_archive(tmp_path):
    shutil.copy(__file__, tmp_path / NAMES[0])
    with pytest.raises(InputError, match="cannot be read"):
        load("dev", tmp_path)


# --- the real one


@pytest.mark.cifar
@pytest.mark.tiny_imagenet
def test_the_real_copy():
    dev = load_tiny_imagenet("dev", progress=False)
    assert dev.rgb.shape == (5000, 3, 64, 64)
    assert dev.label.bincount().tolist() == [25] * 200
    assert len(set(dev.classes)) == 200
    assert {dev.classes[0], *dev.classes} <= words().keys()
