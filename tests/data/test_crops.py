"""How a picture of a folder is read: every kind upright and of one size, and cut as its name says."""

import io
import math
import pickle
import random

import numpy as np
import pytest
from folders import PLAIN, picture, rgb_of, save_plain
from PIL import Image, ImageOps

from colorize_lib.data import crops
from colorize_lib.data.crops import Reader, centre, random_crop, whole
from colorize_lib.data.folder import scan


def test_what_is_drawn_for_a_name_is_what_it_always_was():
    for key in ("1 0 a/b.jpg", "1 0 ünï 日本.webp again"):
        assert crops.generator_of(key).random() == random.Random(key).random()


def test_turned_tiffs_are_read_upright(tmp_path):
    """Some versions of Pillow read uncompressed ones as stripes if they are given a path."""
    grey = picture().convert("L")
    for turned in range(1, 9):
        grey.save(tmp_path / "a.tif", tiffinfo={274: turned})
        upright = ImageOps.exif_transpose(Image.open(io.BytesIO((tmp_path / "a.tif").read_bytes()))).convert("RGB")
        upright.save(tmp_path / "a.png")
        difference = rgb_of(tmp_path, "a.tif").astype(int) - rgb_of(tmp_path, "a.png")
        assert abs(difference).max() <= 1, turned


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
