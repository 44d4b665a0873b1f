"""Training on a folder of pictures: what is found, skipped and drawn, and that nothing stops a run for good."""

import io
import math
import os
import pickle
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from colorize_lib import cli
from colorize_lib.colour.gamut import Gamut
from colorize_lib.colour.lab import rgb_to_lab, rgb_to_lightness
from colorize_lib.data import crops, folder, folder_batches
from colorize_lib.data.crops import Reader, centre, random_crop, whole
from colorize_lib.data.examples import PHOTOGRAPHS, photograph
from colorize_lib.data.folder import Scan, find_pictures, find_together, is_picture_folder, scan
from colorize_lib.data.folder_batches import FolderLoader, folder_dataloaders
from colorize_lib.data.images import LEAST_COLOUR
from colorize_lib.data.workers import PREFETCH, interrupts_wait, stream
from colorize_lib.errors import InputError
from colorize_lib.inference.colorizer import Colorizer
from colorize_lib.training.folder import train_folder
from colorize_lib.training.recipes import RECIPES, Recipe
from colorize_lib.weights.shipped import load_weights

TINY = Recipe("tiny", "bins", widths=(8, 16), epochs=2, batch=8, seed=1)
PLAIN = [f"{photo}/{i}.jpg" for photo in sorted(PHOTOGRAPHS) for i in range(6)]
ODD = ["odd/cmyk.jpg", "odd/deep/er/lzw.tiff", "odd/huge.JPEG", "odd/palette.gif", "odd/rgba.png", "odd/turned.jpg"]
ODD += ["odd/ünï 日本.webp", "odd/slightly.png", "odd/16bit.png"]
BAD = {
    "bad/cut.jpg": "unreadable",
    "bad/empty.png": "unreadable",
    "bad/gone.jpg": "unreadable",
    "bad/grey.jpg": "grey",
    "bad/grey-rgb.png": "grey",
    "bad/text.jpg": "unreadable",
    "bad/tiny.png": "too small",
}


def picture(name: str = "coffee", width: int = 150, height: int = 100, left: int = 0) -> Image.Image:
    image = Image.fromarray(photograph(name).permute(1, 2, 0).numpy()).crop((left, 0, left + 360, 300))
    return image.resize((width, height))


def png_of_16_bits(rgb: np.ndarray) -> bytes:
    """``(H, W, 3)`` uint8 as a PNG of a kind that Pillow reads but cannot write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    h, w, _ = rgb.shape
    rows = (rgb.astype(np.uint16) * 257).astype(">u2").reshape(h, -1)
    pixels = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    header = struct.pack(">IIBBBBB", w, h, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def save_plain(place: Path) -> None:
    for name in PLAIN:
        photo, number = name.removesuffix(".jpg").split("/")
        (place / photo).mkdir(parents=True, exist_ok=True)
        picture(photo, left=10 * int(number)).save(place / name, quality=90)


def save_odd(place: Path) -> None:
    (place / "odd" / "deep" / "er").mkdir(parents=True)
    picture().convert("CMYK").save(place / "odd/cmyk.jpg")
    picture().save(place / "odd/deep/er/lzw.tiff", compression="tiff_lzw")
    (place / "odd/16bit.png").write_bytes(png_of_16_bits(np.asarray(picture())))
    picture("chelsea", 6000, 4000).save(place / "odd/huge.JPEG", quality=80)
    picture().convert("P").save(place / "odd/palette.gif")
    rgba = picture().convert("RGBA")
    rgba.putalpha(200)
    rgba.save(place / "odd/rgba.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    picture().transpose(Image.Transpose.ROTATE_90).save(place / "odd/turned.jpg", exif=exif, quality=95)
    picture().save(place / "odd/ünï 日本.webp")
    slightly = np.full((40, 40, 3), 128, np.uint8)
    slightly[:20] = 150, 120, 120
    Image.fromarray(slightly).save(place / "odd/slightly.png")


def save_bad(place: Path) -> None:
    (place / "bad").mkdir()
    (place / "bad/cut.jpg").write_bytes((place / PLAIN[0]).read_bytes()[:1500])
    (place / "bad/empty.png").touch()
    (place / "bad/gone.jpg").symlink_to("nowhere.jpg")
    picture().convert("L").save(place / "bad/grey.jpg")
    picture().convert("L").convert("RGB").save(place / "bad/grey-rgb.png")
    (place / "bad/text.jpg").write_text("no picture")
    picture("coffee", 5, 5).save(place / "bad/tiny.png")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """24 plain pictures, odd ones, bad ones, and much that is none."""
    place = tmp_path_factory.mktemp("pictures")
    save_plain(place)
    save_odd(place)
    save_bad(place)
    (place / "odd" / "loop").symlink_to(place, target_is_directory=True)
    (place / ".hidden").mkdir()
    picture().save(place / ".hidden/a.jpg")
    picture().save(place / "coffee/._0.jpg")
    (place / "notes.txt").write_text("no picture")
    os.mkfifo(place / "odd" / "pipe.jpg")
    (place / "odd" / "folder.jpg").mkdir()
    return place


@pytest.fixture(scope="module")
def found(pictures, gamut) -> Scan:
    return scan(pictures, gamut, workers=2, progress=False)


@pytest.fixture
def plain(tmp_path) -> Path:
    """The plain pictures in a folder of the test's own."""
    save_plain(tmp_path / "plain")
    return tmp_path / "plain"


@pytest.fixture(scope="module")
def trained(pictures, gamut, tmp_path_factory) -> Path:
    """The weights of a run that was never stopped."""
    runs = tmp_path_factory.mktemp("runs")
    return train_folder(TINY, pictures, runs, workers=2, gamut=gamut, device="cpu", progress=False)


def rgb_of(path: Path, name: str, view=whole, size: int = 64, key: str = "") -> np.ndarray:
    pixels = Reader(path, size, view)[name, key]
    assert not isinstance(pixels, str), pixels
    return pixels


def same_batches(one, other) -> bool:
    pairs = list(zip(one, other, strict=True))
    return bool(pairs) and all(torch.equal(a, b) for x, y in pairs for a, b in zip(x, y, strict=True))


# --- what is found


def test_all_pictures_are_found_once_and_in_order(pictures):
    assert find_pictures(pictures) == sorted([*PLAIN, *ODD, *BAD])
    assert find_pictures(str(pictures)) == find_pictures(pictures)


def test_the_scan_keeps_what_can_be_learned_from(found):
    assert found.names == sorted([*PLAIN, *ODD])
    assert dict(found.skipped) == BAD


def test_the_summary_is_short(found):
    summary = found.summary()
    assert summary.startswith(
        "7 of 40 files were skipped: 4 unreadable (bad/cut.jpg, bad/empty.png, bad/gone.jpg, ...)"
    )
    assert "2 grey (bad/grey-rgb.png, bad/grey.jpg)" in summary
    assert len(summary.splitlines()) == 1
    assert replace(found, skipped=[]).summary() == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_reported(plain, gamut):
    (plain / PLAIN[0]).chmod(0)
    (plain / "rocket").chmod(0)
    try:
        skipped = dict(scan(plain, gamut, 0, progress=False).skipped)
    finally:
        (plain / "rocket").chmod(0o700)
    assert skipped == {PLAIN[0]: "unreadable", "rocket": "unreadable"}


def test_a_name_that_is_no_text_is_no_trouble(plain, gamut):
    name = os.fsdecode(b"\xff\xfe.jpg")
    (plain / name).write_bytes(b"damaged")
    result = scan(plain, gamut, 1, progress=False)
    assert dict(result.skipped) == {name: "unreadable"}
    result.summary().encode()


@pytest.mark.parametrize("workers", [0, 1])
def test_a_picture_whose_name_is_no_text_is_learned_from(plain, gamut, tmp_path, workers):
    """Old archives have "Müller.jpg" in Latin-1."""
    name = os.fsdecode("Müller.jpg".encode("latin-1"))
    (plain / PLAIN[0]).rename(plain / name)
    found = scan(plain, gamut, workers, progress=False)
    assert name in found.names
    loader = FolderLoader([name, *found.names], plain, batch=5, shuffle=True, workers=workers)
    assert len(list(loader)) == 5
    assert loader.failed == {}
    path = train_folder(
        replace(TINY, epochs=1), plain, tmp_path / "runs", workers, gamut=gamut, device="cpu", progress=False
    )
    assert load_weights(path).meta["data"]["images"] == 19


def test_what_is_drawn_for_a_name_is_what_it_always_was():
    for key in ("1 0 a/b.jpg", "1 0 ünï 日本.webp again"):
        assert crops.generator_of(key).random() == random.Random(key).random()


def test_all_that_was_skipped_is_listed_in_a_file(plain, gamut, tmp_path, capsys):
    names = [f"{i}.jpg" for i in range(5)] + [os.fsdecode(b"\xff\nx.jpg")]
    for name in names:
        (plain / name).write_bytes(b"damaged")
    runs, one = tmp_path / "runs", replace(TINY, epochs=1)
    train_folder(one, plain, runs, 0, gamut=gamut, device="cpu", progress=False)
    lines = (runs / "tiny-skipped.txt").read_bytes().splitlines()
    assert lines == [b"unreadable\t%d.jpg" % i for i in range(5)] + [b"unreadable\t\xff\\nx.jpg"]
    assert f"All of them are in {runs / 'tiny-skipped.txt'}." in capsys.readouterr().err
    for name in names:
        (plain / name).unlink()
    train_folder(one, plain, runs, 0, gamut=gamut, device="cpu", progress=False)
    assert not (runs / "tiny-skipped.txt").exists()


def test_turned_tiffs_are_read_upright(tmp_path):
    """Some versions of Pillow read uncompressed ones as stripes if they are given a path."""
    grey = picture().convert("L")
    for turned in range(1, 9):
        grey.save(tmp_path / "a.tif", tiffinfo={274: turned})
        upright = ImageOps.exif_transpose(Image.open(io.BytesIO((tmp_path / "a.tif").read_bytes()))).convert("RGB")
        upright.save(tmp_path / "a.png")
        difference = rgb_of(tmp_path, "a.tif").astype(int) - rgb_of(tmp_path, "a.png")
        assert abs(difference).max() <= 1, turned


def test_the_scan_depends_on_no_workers_and_its_prior_is_that_of_the_pictures(pictures, found, gamut):
    other = scan(pictures, gamut, 0, progress=False)
    assert (other.names, other.skipped, other.sha256) == (found.names, found.skipped, found.sha256)
    assert torch.equal(other.prior, found.prior)
    rgb = torch.stack([torch.from_numpy(rgb_of(pictures, name)) for name in found.names])
    assert torch.allclose(found.prior, gamut.prior(rgb_to_lab(rgb)[:, 1:]), atol=1e-6)


def test_the_prior_of_many_pictures_is_counted_on_every_nth(pictures, found, gamut, monkeypatch):
    monkeypatch.setattr(folder, "_PRIOR_PICTURES", 13)  # every third
    monkeypatch.setattr(folder, "_SCAN_BATCH", 5)
    rgb = torch.stack([torch.from_numpy(rgb_of(pictures, name)) for name in found.names[::3]])
    prior = scan(pictures, gamut, 0, progress=False).prior
    assert torch.allclose(prior, gamut.prior(rgb_to_lab(rgb)[:, 1:]), atol=1e-6)


def test_a_limit_draws_some_of_the_files(pictures, gamut):
    few, again = (scan(pictures, gamut, 0, limit=12, seed=3, progress=False) for _ in range(2))
    assert few.names == again.names
    assert len(few.names) + len(few.skipped) == 12
    assert set(few.names) < {*PLAIN, *ODD}


def test_names_and_sizes_make_the_identity(plain, gamut):
    before = scan(plain, gamut, 0, progress=False).sha256
    (plain / PLAIN[0]).rename(plain / "other.jpg")
    renamed = scan(plain, gamut, 0, progress=False).sha256
    picture("rocket").save(plain / "other.jpg", quality=50)
    assert len({before, renamed, scan(plain, gamut, 0, progress=False).sha256}) == 3


def test_pictures_replaced_by_others_of_the_same_size_are_other_pictures(tmp_path, gamut):
    for i in range(12):
        picture("coffee", left=i).save(tmp_path / f"{i}.bmp")
    before = scan(tmp_path, gamut, 0, progress=False).sha256
    assert scan(tmp_path, gamut, 0, progress=False).sha256 == before
    for i in range(12):
        os.utime(tmp_path / f"{i}.bmp", (0, 0))  # copied, say
    assert scan(tmp_path, gamut, 0, progress=False).sha256 == before
    picture("rocket").save(tmp_path / "7.bmp")
    assert scan(tmp_path, gamut, 0, progress=False).sha256 != before


def test_of_very_many_pictures_some_are_read_to_know_them_again(tmp_path, monkeypatch):
    names = [f"{i:03}.jpg" for i in range(100)]
    for name in names:
        (tmp_path / name).write_bytes(b"a")
    read, original = [], Path.read_bytes
    monkeypatch.setattr(folder, "_READ_FILES", 30)
    monkeypatch.setattr(Path, "read_bytes", lambda self: read.append(self.name) or original(self))
    folder._digest(tmp_path, names)
    assert read == names[::4]


# --- how a picture is read


@pytest.mark.parametrize("name", ["cmyk.jpg", "turned.jpg", "palette.gif", "ünï 日本.webp", "16bit.png"])
def test_every_kind_of_file_shows_the_same_picture(pictures, name):
    expected = rgb_of(pictures, "odd/deep/er/lzw.tiff").astype(float)
    assert np.abs(rgb_of(pictures, f"odd/{name}") - expected).mean() < 8


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("view", [whole, centre])
def test_a_turned_picture_is_cut_where_an_upright_one_is(tmp_path, orientation, view):
    """A box drawn for the sides as they are stored would be another part of it, or lie outside."""
    upright, exif = picture(), Image.Exif()
    stored = {
        1: None, 2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM",
        5: "TRANSPOSE", 6: "ROTATE_90", 7: "TRANSVERSE", 8: "ROTATE_270",
    }[orientation]  # fmt: skip
    exif[0x0112] = orientation
    turned = upright.transpose(Image.Transpose[stored]) if stored else upright
    upright.save(tmp_path / "upright.png")
    turned.save(tmp_path / "turned.png", exif=exif)
    turned.save(tmp_path / "raw.tif", tiffinfo={0x0112: orientation})
    turned.save(tmp_path / "lzw.tif", tiffinfo={0x0112: orientation}, compression="tiff_lzw")
    expected = rgb_of(tmp_path, "upright.png", view).astype(int)
    for name in ("turned.png", "raw.tif", "lzw.tif"):
        assert np.abs(rgb_of(tmp_path, name, view) - expected).max() <= 1, name
    upright.convert("L").save(tmp_path / "grey.png")
    turned.convert("L").save(tmp_path / "grey.tif", tiffinfo={0x0112: orientation})
    expected = rgb_of(tmp_path, "grey.png", view).astype(int)
    assert np.abs(rgb_of(tmp_path, "grey.tif", view) - expected).max() <= 1


def test_transparency_is_laid_on_white(pictures):
    expected = rgb_of(pictures, "odd/deep/er/lzw.tiff") * (200 / 255) + 55
    assert np.abs(rgb_of(pictures, "odd/rgba.png") - expected).mean() < 3


def test_a_grey_picture_of_16_bits_is_read_and_skipped_as_grey(tmp_path, gamut):
    save_plain(tmp_path)
    Image.fromarray(np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)).save(tmp_path / "16.png")
    assert rgb_of(tmp_path, "16.png").max() == 255
    assert dict(scan(tmp_path, gamut, 0, progress=False).skipped) == {"16.png": "grey"}


def test_a_huge_jpeg_is_decoded_small(pictures, monkeypatch):
    sizes = []
    resize = Image.Image.resize

    def spy(image, *args, **kwargs):
        sizes.append(image.size)
        return resize(image, *args, **kwargs)

    monkeypatch.setattr(Image.Image, "resize", spy)
    rgb_of(pictures, "odd/huge.JPEG", centre)
    assert (750, 500) in sizes
    assert max(sizes) == (750, 500)


def test_what_would_fill_the_memory_is_skipped(pictures, monkeypatch):
    monkeypatch.setattr(crops, "MAX_PIXELS", 10_000)
    assert Reader(pictures, 64, centre)["odd/rgba.png", ""] == "too large"
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 5_000)
    assert Reader(pictures, 64, centre)["odd/rgba.png", ""] == "too large"


@pytest.mark.parametrize(("size", "name"), [(64, PLAIN[0]), (200, PLAIN[0]), (64, "odd/huge.JPEG")])
def test_the_centre_is_the_middle_square(pictures, size, name):
    with Image.open(pictures / name) as image:
        w, h = image.size
        box = (w - h) // 2, 0, (w + h) // 2, h
        expected = np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box)).transpose(2, 0, 1)
    cut = rgb_of(pictures, name, centre, size)
    assert (cut.shape, cut.dtype) == ((3, size, size), np.uint8)
    assert np.abs(cut - expected.astype(float)).mean() < 3


@pytest.mark.parametrize("shape", [(400, 300), (32, 4000), (4000, 32), (33, 33)])
def test_random_crops_fit_into_the_picture_and_keep_its_proportions(shape):
    rng = random.Random(0)
    boxes = [random_crop(*shape, rng) for _ in range(300)]
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= shape[0]
        assert 0 <= top < bottom <= shape[1]
        assert 0.74 < (right - left) / (bottom - top) < 1.34
    if shape == (400, 300):
        shares = [(b[2] - b[0]) * (b[3] - b[1]) / 120_000 for b in boxes]
        assert 0.24 < min(shares) < 0.3
        assert max(shares) > 0.8


def test_tall_crops_are_drawn_as_often_as_wide_ones():
    """4:3 is to 1 what 1 is to 3:4, so it is the logarithm that is drawn evenly."""
    rng = random.Random(0)
    boxes = [random_crop(400, 400, rng) for _ in range(5000)]
    logarithms = [math.log((right - left) / (bottom - top)) for left, top, right, bottom in boxes]
    assert abs(np.mean(logarithms)) < 0.01  # drawn evenly itself, the ratio has a mean logarithm of 0.027
    assert np.std(logarithms) == pytest.approx(math.log(4 / 3) / 3**0.5, rel=0.05)


@pytest.mark.parametrize("view", [whole, centre])
def test_what_is_scanned_or_followed_is_never_flipped(pictures, view):
    assert len({rgb_of(pictures, PLAIN[0], view, key=str(key)).tobytes() for key in range(12)}) == 1


def test_what_is_drawn_depends_on_the_key_alone_and_half_are_flipped(pictures):
    keys = [str(i) for i in range(40)]
    cuts = [rgb_of(pictures, PLAIN[0], random_crop, key=key) for key in keys]
    again = [rgb_of(pictures, PLAIN[0], random_crop, key=key) for key in keys]
    assert np.array_equal(cuts, again)
    assert len({cut.tobytes() for cut in cuts}) == 40
    # In this picture the right half is darker than the left, or the other way round: a flip changes the sign.
    slopes = [cut[..., :32].mean() - cut[..., 32:].mean() for cut in cuts]
    assert 5 < sum(slope > 0 for slope in slopes) < 35


def test_readers_can_be_sent_to_a_spawned_process(pictures):
    reader = pickle.loads(pickle.dumps(Reader(pictures, 64, random_crop)))
    assert np.array_equal(reader[PLAIN[0], "k"], rgb_of(pictures, PLAIN[0], random_crop, key="k"))


# --- batches


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


class NotedReader(Reader):
    """Leaves a byte in a file for every picture that it decodes."""

    def __getitem__(self, job):
        with (self.folder / "decoded").open("ab") as file:
            file.write(b"1")
        return super().__getitem__(job)


def test_who_asks_for_more_workers_than_processors_gets_them_without_a_word(plain, monkeypatch, recwarn):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    read = stream(Reader(plain, 32, whole), [[(name, "")] for name in PLAIN[:2]], 2)
    assert [reasons for _, reasons in read] == [[""], [""]]
    assert [str(warning.message) for warning in recwarn if "DataLoader" in str(warning.message)] == []


def test_workers_are_few_batches_ahead(plain):
    jobs = [[(name, "")] * 4 for name in PLAIN * 4]
    reader = NotedReader(plain, 64, centre)
    batches = stream(reader, jobs, 2)
    next(batches), next(batches)
    most, decoded = (2 + 2 * PREFETCH) * 4, -1
    while decoded != (decoded := (plain / "decoded").stat().st_size):  # until they have nothing to do
        time.sleep(0.7)
    assert 2 * 4 <= decoded <= most < len(jobs) * 4


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


def test_a_killed_worker_ends_in_a_sentence(pictures, tmp_path, gamut, monkeypatch):
    def die(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(Reader, "_cut", die)
    with pytest.raises(InputError, match="was killed.*use fewer workers"):
        train_folder(TINY, pictures, tmp_path, workers=1, gamut=gamut, device="cpu", progress=False)


# --- Ctrl-C


@pytest.fixture
def thread_beside():
    """Another thread that would take a Ctrl-C which the main one does not want, as those of torch and tqdm do."""
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    yield
    over.set()
    thread.join()


def interrupt() -> None:
    """Ctrl-C, and all the time that Python needs to notice it."""
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.1)


def test_ctrl_c_waits_until_the_workers_are_there(thread_beside):
    before, reached = signal.getsignal(signal.SIGINT), []
    with pytest.raises(KeyboardInterrupt):
        with interrupts_wait():
            interrupt()
            reached.append("within")
        reached.append("behind")
    assert reached == ["within"]
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(KeyboardInterrupt):
        interrupt()


def test_without_ctrl_c_all_is_as_it_was(thread_beside):
    before = signal.getsignal(signal.SIGINT), signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with interrupts_wait():
        pass
    assert (signal.getsignal(signal.SIGINT), signal.pthread_sigmask(signal.SIG_BLOCK, [])) == before


def test_workers_can_be_started_from_another_thread(plain):
    """Such a thread, of a notebook's widgets say, may not decide about signals."""
    batches = []
    loader = FolderLoader(find_pictures(plain), plain, batch=8, workers=1)
    thread = threading.Thread(target=lambda: batches.extend(loader))
    thread.start()
    thread.join()
    assert len(batches) == 3


@pytest.mark.parametrize("moment", ["start", "end"])
def test_ctrl_c_is_not_lost_while_workers_start_or_end(plain, thread_beside, moment, monkeypatch):
    """Within torch, where Python would swallow it: in a hook that follows a fork, or in ``__del__``."""
    names = {"start": "__init__", "end": "__del__"}
    kind = torch.utils.data.dataloader._MultiProcessingDataLoaderIter
    original = getattr(kind, names[moment])

    def interrupted(self, *args):
        original(self, *args)
        with suppress(KeyboardInterrupt):  # as Python does it
            interrupt()

    loader = FolderLoader(find_pictures(plain), plain, batch=8, workers=2)
    with monkeypatch.context() as patch:
        patch.setattr(kind, names[moment], interrupted)
        with pytest.raises(KeyboardInterrupt):
            list(loader)
    assert len(list(loader)) == 3


@pytest.mark.slow
def test_ctrl_c_at_any_moment_is_not_lost(plain, thread_beside):
    """From 0 to 60 ms after the workers begin to start; of 200 tries 0 were lost, where a mask alone lost most."""
    rng = random.Random(0)
    for _ in range(20):
        wait = rng.uniform(0, 0.06)
        thread = threading.Timer(wait, os.kill, [os.getpid(), signal.SIGINT])
        with pytest.raises(KeyboardInterrupt):
            thread.start()
            list(FolderLoader(find_pictures(plain), plain, batch=4, workers=2))
            thread.join()
            time.sleep(0.1)
        thread.join()


# --- training


def test_a_training_survives_and_writes_weights_that_colour(trained, found):
    weights = load_weights(trained)
    assert weights.meta["data"] == {"source": found.folder.name, "images": len(found.split()[0]), "size": [64, 64]}
    assert len(weights.meta["history"]) == 2
    assert torch.equal(weights.prior, found.prior.float())
    assert Colorizer.load(trained, "cpu").colorize(picture()).size == (150, 100)


def test_a_stopped_run_goes_on_to_the_same_bits_with_other_workers(trained, pictures, tmp_path, gamut, monkeypatch):
    to_batch, calls = folder_batches.ColourLoader.to_batch, []

    def stop(rgb, label):
        calls.append(1)
        if len(calls) == 6:  # in the second epoch: each has 3 batches and 1 of dev
            raise KeyboardInterrupt
        return to_batch(rgb, label)

    def run(workers):
        return train_folder(TINY, pictures, tmp_path, workers=workers, gamut=gamut, device="cpu", progress=False)

    with monkeypatch.context() as patch:
        patch.setattr(folder_batches.ColourLoader, "to_batch", staticmethod(stop))
        with pytest.raises(KeyboardInterrupt):
            run(1)
        assert {path.name for path in tmp_path.iterdir()} == {"tiny.checkpoint", "tiny-skipped.txt"}
    one, other = load_weights(run(0)).state, load_weights(trained).state
    assert one.keys() == other.keys()
    assert all(torch.equal(one[key], other[key]) for key in one)


def test_other_pictures_or_another_size_are_another_run(trained, pictures, plain, gamut):
    for data, size in ((plain, 64), (pictures, 72)):
        with pytest.raises(InputError, match="another recipe, other pictures"):
            recipe = replace(TINY, size=size)
            train_folder(recipe, data, trained.parent, 0, gamut=gamut, device="cpu", progress=False)


@pytest.mark.parametrize("size", [0, 56, 63, 70, 264])
def test_a_bad_size(size):
    with pytest.raises(InputError, match="multiple of 8 from 64 to 256 pixels, not"):
        replace(TINY, size=size)


# --- several folders


@pytest.fixture
def two_folders(plain, tmp_path) -> list[Path]:
    """``one/train`` and ``two/train``, with half of the plain pictures each, under names that both have."""
    for name, photos in (("one", sorted(PHOTOGRAPHS)[:2]), ("two", sorted(PHOTOGRAPHS)[2:])):
        for number, photo in enumerate(photos):
            shutil.copytree(plain / photo, tmp_path / name / "train" / f"class{number}")
    return [tmp_path / "one" / "train", tmp_path / "two" / "train"]


def test_pictures_of_several_folders_are_found_together(two_folders, tmp_path, monkeypatch):
    parent, names = find_together(two_folders)
    assert parent == tmp_path.resolve()
    assert names == sorted(
        f"{which}/train/class{c}/{i}.jpg" for which in ("one", "two") for c in range(2) for i in range(6)
    )
    monkeypatch.chdir(tmp_path)
    assert find_together(["one/train", Path("two") / "train"]) == (parent, names)
    assert find_together(two_folders[:1]) == (two_folders[0], find_pictures(two_folders[0]))


def test_a_folder_within_another_or_named_twice_counts_once(two_folders):
    one = two_folders[0]
    assert find_together([one, one / "class0", one])[1] == find_pictures(one)


def test_one_of_several_folders_that_is_not_there(two_folders, tmp_path):
    with pytest.raises(InputError, match="nowhere is not a folder"):
        find_together([*two_folders, tmp_path / "nowhere"])


def test_folders_are_learned_from_together_wherever_they_stand(two_folders, tmp_path, gamut):
    found = scan(two_folders, gamut, 0, progress=False)
    assert found.source == "one/train + two/train"
    assert len(found.names) == 24
    assert {name.split("/")[0] for name in found.split()[0]} == {name.split("/")[0] for name in found.split()[1]}
    whole = scan(tmp_path / "one", gamut, 0, progress=False), scan(tmp_path / "two", gamut, 0, progress=False)
    torch.testing.assert_close(found.prior, (whole[0].prior + whole[1].prior) / 2, atol=1e-6, rtol=1e-4)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for folder_ in two_folders:
        shutil.move(folder_.parent, elsewhere)
    moved = [elsewhere / path.relative_to(tmp_path) for path in two_folders]
    assert scan(moved, gamut, 0, progress=False).sha256 == found.sha256


def test_folders_with_nothing_to_learn_from(tmp_path):
    with pytest.raises(InputError, match="is not a folder"):
        find_pictures(tmp_path / "nowhere")
    with pytest.raises(InputError, match="holds no pictures"):
        find_pictures(tmp_path)
    picture().convert("L").save(tmp_path / "a.png")
    picture().convert("L").save(tmp_path / "b.png")
    with pytest.raises(InputError, match=re.escape("no picture to learn from: 2 grey (a.png, b.png).")):
        scan(tmp_path, Gamut(grid=25), 1, progress=False)


def test_too_few_pictures_for_a_batch(plain, gamut, tmp_path):
    recipe = replace(TINY, batch=32)
    with pytest.raises(InputError, match="has 24 pictures to learn from, 5 of them kept .* one batch of 32"):
        train_folder(recipe, plain, tmp_path / "runs", workers=0, gamut=gamut, device="cpu", progress=False)
    with pytest.raises(InputError, match="workers must be 0 or more"):
        train_folder(recipe, plain, tmp_path / "runs", workers=-1, gamut=gamut, device="cpu", progress=False)


# --- the command


@pytest.mark.parametrize(
    ("inside", "ours"),
    [
        ([], True),
        (["a.jpg"], True),
        (["train/n01440764", "val/n01440764"], True),  # Imagenette
        (["train/airplane", "test/airplane"], False),
        (["cifar10/train"], False),
        (["cifar10.tgz"], False),
        (["wnids.txt"], False),
        (["tiny-imagenet-200"], False),
    ],
)
def test_which_folders_are_taken_for_pictures(tmp_path, inside, ours):
    for name in inside:
        (tmp_path / name).mkdir(parents=True)
    assert is_picture_folder(tmp_path) is ours
    assert not is_picture_folder(tmp_path / "nowhere")


#: The command, with a recipe that is quick.
QUICK = """
import signal, sys
from dataclasses import replace
from colorize_lib import cli
from colorize_lib.training import recipes

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has it ignored by what it runs in the background
recipes.RECIPES["photo"] = replace(recipes.RECIPES["photo-64"], name="photo", widths=(8, 16), batch=8)
sys.exit(cli.main())
"""


def test_the_command_trains_and_says_what_it_skipped(pictures, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(RECIPES, "photo", replace(TINY, name="photo", epochs=1))
    assert cli.main(["train", "photo", "--data", str(pictures), "--limit", "16", "--size", "72", "--workers", "1"]) == 0
    out, err = capsys.readouterr()
    assert len(re.findall("of 17 files were skipped: ", err)) == 1
    assert out.splitlines()[-1] == str(Path("runs") / "photo.safetensors")
    meta = load_weights(tmp_path / "runs" / "photo.safetensors").meta
    assert meta["data"]["source"] == pictures.name
    assert meta["data"]["size"] == [72, 72]


def test_the_command_takes_several_folders_and_the_recipe_knows_its_size(two_folders, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(RECIPES, "photo", replace(TINY, name="photo", epochs=1, size=80))
    assert cli.main(["train", "photo", "--data", "one/train", "--data", str(two_folders[1]), "--workers", "0"]) == 0
    meta = load_weights(tmp_path / "runs" / "photo.safetensors").meta
    assert meta["data"] == {"source": "one/train + two/train", "images": 19, "size": [80, 80]}


def test_a_data_set_among_several_folders_is_refused(plain, tmp_path, capsys):
    (tmp_path / "tiny-imagenet-200").mkdir()
    (tmp_path / "tiny-imagenet-200" / "wnids.txt").write_text("")
    line = ["train", "photo", "--data", str(plain), "--data", str(tmp_path / "tiny-imagenet-200")]
    assert cli.main([*line, "-o", str(tmp_path / "runs")]) == 2
    assert "tiny-imagenet-200 is a data set of its own" in capsys.readouterr().err


def test_ctrl_c_stops_the_command_and_its_workers(plain, tmp_path):
    line = [sys.executable, "-c", QUICK, "train", "photo", "--data", str(plain), "--epochs", "500", "--workers", "2"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    options = {"env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(line, cwd=tmp_path, start_new_session=True, **options) as process:
        deadline = time.monotonic() + 500
        while not (tmp_path / "runs" / "photo.checkpoint").is_file() and time.monotonic() < deadline:
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes
        err = process.communicate(timeout=300)[1]
    assert process.returncode == 130
    assert "Run the same command again to go on" in err
    assert "Traceback" not in err
    deadline = time.monotonic() + 120  # Python's own helpers go a moment after the command
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
            time.sleep(0.1)
