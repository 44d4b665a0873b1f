"""What a coloured picture's file holds, and that it is written whole or not at all."""

import io
import os
import zlib
from dataclasses import replace

import numpy as np
import picture_corpus
import pytest
import tifffile
import torch
from picture_corpus import XMP, exif, grey, photo, saved
from PIL import Image

from colorize_lib.errors import InputError
from colorize_lib.files import write_bytes
from colorize_lib.pictures.metadata import CREDIT
from colorize_lib.pictures.pixels import Frame
from colorize_lib.pictures.reading import open_picture
from colorize_lib.pictures.saving import save_picture


def resaved(content: bytes, target) -> tuple[Image.Image, list[str]]:
    """The picture read and written into ``target``, opened again; and what is said of it."""
    with open_picture(content) as picture:
        notes = save_picture(picture, target, picture)
    image = Image.open(io.BytesIO(target.read_bytes()))
    image.load()
    return image, notes


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif"])
def test_what_a_jpeg_says_of_itself_is_kept(suffix, tmp_path):
    content = saved(Image.fromarray(np.rot90(grey())), "JPEG", exif=exif(6), dpi=(600, 600), comment="Café")
    image, notes = resaved(content, tmp_path / f"out.{suffix}")
    found = image.getexif()
    assert notes == []
    assert image.size == grey().shape[::-1]
    assert found.get(274, 1) == 1
    assert found[270].encode("latin-1").decode() == "Müller in the harbour"
    assert (found[271], found[306], found[315]) == ("Zeiss", "1931:05:17 10:00:00", "Anna")
    assert found.get_ifd(0x8769)[36867] == "1931:05:17 10:00:00"
    assert found.get_ifd(0x8769)[33434] == pytest.approx(0.02)
    assert found.get_ifd(0x8825)[2] == pytest.approx((53, 32, 30))
    assert found[305] == f"VueScan 9; {CREDIT}"
    assert image.info.get("dpi", (found.get(282), found.get(283))) == pytest.approx((600, 600), abs=0.1)
    everything = repr((image.info, getattr(image, "text", ""), found.get_ifd(0x8769))).replace("\\x00", "")
    assert "Caf" in everything


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif"])
def test_xmp_is_kept_and_says_upright(suffix, tmp_path):
    content = saved(Image.fromarray(grey()), "WEBP", exif=exif(1), xmp=XMP)
    image, _ = resaved(content, tmp_path / f"out.{suffix}")
    xmp = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp", "").encode()
    if suffix == "jpg" and not xmp:  # Pillow older than 11
        xmp = next(content for _, content in image.applist if b"Harbour" in content)
    assert b"Harbour" in xmp
    assert b'tiff:Orientation="1"' in xmp


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif", "gif"])
def test_a_picture_without_a_word_says_that_its_colours_were_added(suffix, tmp_path):
    image, _ = resaved(saved(Image.fromarray(grey()), "PNG"), tmp_path / f"out.{suffix}")
    assert CREDIT in repr((dict(image.getexif()), image.info, getattr(image, "text", "")))


def test_captions_of_agencies_go_from_jpeg_to_jpeg_and_tiff(tmp_path):
    captions = b"\x1c\x02\x78\x00\x0bThe harbour"
    block = b"8BIM\x04\x04\0\0" + len(captions).to_bytes(4, "big") + captions
    segment = b"Photoshop 3.0\0" + block
    marker = b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment
    content = saved(Image.fromarray(grey()), "JPEG", extra=marker)
    image, notes = resaved(content, tmp_path / "out.jpg")
    assert (image.info["photoshop"][0x0404], notes) == (captions, [])
    image, notes = resaved(content, tmp_path / "out.tif")
    assert (image.tag_v2[33723], notes) == (captions, [])
    _, notes = resaved(content, tmp_path / "out.png")
    assert [
        note.endswith("cannot hold the IPTC of the picture: a name in .tif or .jpg keeps it.") for note in notes
    ] == [True]


def test_what_is_too_long_for_a_jpeg_is_said(tmp_path):
    content = saved(Image.fromarray(grey()), "WEBP", xmp=XMP + b" " * 70_000)
    _, notes = resaved(content, tmp_path / "out.jpg")
    assert "cannot hold so much XMP" in notes[0]


def test_16_bits_are_kept_in_colour(tmp_path):
    rgb = torch.rand(3, 20, 30)
    frame = Frame(rgb, alpha=torch.rand(20, 30))
    with open_picture(rgb) as picture:
        assert save_picture([frame], tmp_path / "out.tif", picture) == []
    pixels = tifffile.imread(tmp_path / "out.tif")
    assert (pixels.dtype, pixels.shape) == (np.uint16, (20, 30, 4))
    expected = (torch.cat((rgb, frame.alpha[None])) * 65535).round().permute(1, 2, 0)
    assert np.abs(pixels - expected.numpy()).max() <= 1


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("height", [1, 200])
def test_a_png_has_16_bits_too(channels, height, tmp_path):
    levels = torch.rand(channels, height, 30)
    frame = Frame(levels[:3], alpha=levels[3] if channels == 4 else None)
    with open_picture(saved(Image.fromarray(grey()), "PNG", exif=exif(), dpi=(600, 600))) as picture:
        metadata = next(iter(picture)).metadata
        assert save_picture([replace(frame, metadata=metadata)], tmp_path / "out.png", picture) == []
    expected = (levels * 65535).round().permute(1, 2, 0).numpy()
    with Image.open(tmp_path / "out.png") as image:  # it reads the upper 8 of them, and checks the sums
        assert np.abs(np.asarray(image) - expected // 256).max() <= 1
        assert image.getexif()[271] == "Zeiss"
        assert image.info["dpi"] == pytest.approx((600, 600), abs=0.1)
    assert np.array_equal(rows_of_png((tmp_path / "out.png").read_bytes(), channels), expected)


def rows_of_png(content: bytes, channels: int) -> np.ndarray:
    """``(H, W, channels)`` of a PNG of 16 bits in one chunk, all rows filtered by their left neighbours."""
    start = content.index(b"IDAT")
    width, height = (int.from_bytes(content[place : place + 4], "big") for place in (16, 20))
    length = int.from_bytes(content[start - 4 : start], "big")
    rows = np.frombuffer(zlib.decompress(content[start + 4 : start + 4 + length]), np.uint8).reshape(height, -1)
    assert set(rows[:, 0]) == {1}
    whole = rows[:, 1:].reshape(height, width, 2 * channels).cumsum(1, dtype=np.uint8)
    return np.ascontiguousarray(whole).view(">u2")


@pytest.mark.parametrize("height", [1, 3, 4000])
def test_a_tiff_is_the_same_to_every_reader(height, tmp_path):
    rgb = torch.randint(0, 256, (3, height, 217), dtype=torch.uint8)
    with open_picture(rgb) as picture:
        save_picture(picture, tmp_path / "out.tif", picture)
    for read in (tifffile.imread, Image.open):
        assert np.array_equal(np.asarray(read(tmp_path / "out.tif")), rgb.permute(1, 2, 0))


def test_times_and_repetitions_of_an_animation_are_kept(tmp_path):
    cases = {case.name: case for case in picture_corpus.corpus() if case.animated}
    for source in ("animated.gif", "animated.png", "animated.webp"):
        for suffix, loop in (("gif", 4), ("png", 5), ("webp", 5)):
            image, _ = resaved(cases[source].content, tmp_path / f"out.{suffix}")
            assert (image.n_frames, image.info["loop"]) == (3, loop), (source, suffix)
            durations = []
            for number in range(3):
                image.seek(number)
                image.load()
                durations.append(image.info["duration"])
            assert durations == [100, 250, 400], (source, suffix)


def test_a_gif_that_is_shown_once_is_shown_once(tmp_path):
    images = [Image.fromarray(np.roll(grey(), 9 * n)) for n in range(2)]
    content = saved(images[0], "GIF", save_all=True, append_images=images[1:], duration=100)
    assert resaved(content, tmp_path / "out.png")[0].info["loop"] == 1
    assert "loop" not in resaved(content, tmp_path / "out.gif")[0].info


def test_soft_edges_stay_soft(tmp_path):
    alpha = np.linspace(0, 255, grey().size).reshape(grey().shape).astype(np.uint8)
    content = saved(Image.fromarray(np.dstack((photo(), alpha))), "PNG")
    for suffix in ("png", "tif"):
        image, _ = resaved(content, tmp_path / f"out.{suffix}")
        assert np.array_equal(np.asarray(image)[..., 3], alpha)
        assert np.array_equal(np.asarray(image)[alpha > 0, :3], photo()[alpha > 0])
    image, notes = resaved(content, tmp_path / "out.bmp")
    expected = photo() * (alpha[..., None] / 255) + 255 - alpha[..., None]
    assert np.abs(np.asarray(image) - expected).max() <= 1
    assert "laid on white" in notes[0]


def test_colours_of_a_jpeg_are_not_halved(tmp_path):
    image, _ = resaved(saved(Image.fromarray(photo()), "PNG"), tmp_path / "out.jpg")
    assert {(h, v) for _, h, v, _ in image.layer} == {(1, 1)}


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif", "gif", "bmp"])
def test_a_disk_that_is_full_leaves_what_was_there(suffix, tmp_path, largest_file):
    target = tmp_path / f"out.{suffix}"
    target.write_bytes(b"a good one")
    with open_picture(photo()) as picture, largest_file(300), pytest.raises(InputError, match="cannot be written"):
        save_picture(picture, target, picture)
    assert target.read_bytes() == b"a good one"
    assert os.listdir(tmp_path) == [target.name]


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(os, "fsync", lambda number: done.append("fsync"))
    replace = os.replace
    monkeypatch.setattr(os, "replace", lambda *names: done.append("replace") or replace(*names))
    write_bytes(tmp_path / "file", b"content")
    assert done == ["fsync", "replace"]
    assert (tmp_path / "file").read_bytes() == b"content"


@pytest.mark.parametrize(("suffix", "side"), [("jpg", 65_501), ("webp", 16_384)])
def test_what_is_too_long_for_its_kind_is_refused_with_a_way_out(suffix, side, tmp_path):
    with open_picture(np.zeros((1, side), np.uint8)) as picture, pytest.raises(InputError, match="try .png"):
        save_picture(picture, tmp_path / f"out.{suffix}", picture)
    assert os.listdir(tmp_path) == []


def test_a_frame_that_cannot_be_coloured_leaves_nothing(tmp_path):
    def frames():
        yield Frame(torch.zeros(3, 4, 4))
        raise InputError("The second page is too much.")

    with open_picture(np.zeros((4, 4), np.uint8)) as picture, pytest.raises(InputError, match="second page"):
        save_picture(frames(), tmp_path / "out.tif", picture)
    assert os.listdir(tmp_path) == []
