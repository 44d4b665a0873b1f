"""What cannot be read, or is too large, is refused in one sentence."""

import io

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from one_photo import H, W, refused
from picture_corpus import saved
from PIL import Image

from colorize_lib.errors import InputError
from colorize_lib.pictures import source
from colorize_lib.pictures.reading import read_rgb


def test_files_that_are_no_pictures(photo, tmp_path):
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("This is not a photograph.")
    (tmp_path / "cut.jpg").write_bytes(saved(photo, "JPEG")[:500])
    (tmp_path / "cut.png").write_bytes(saved(photo)[:1500])
    for file in tmp_path.iterdir():
        refused(file, f"{file.name} is not a picture that can be read")
    refused(tmp_path / "missing.png", "There is no file .*missing.png")
    refused(str(tmp_path), "is a folder")
    refused(b"", "The picture is not a picture|The picture")
    refused("", "name of the picture is empty")
    refused("nul\0byte.png")
    refused("~no_such_user_at_all/photo.png")


@settings(max_examples=100)
@given(kind=st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"]), draw=st.data())
def test_damaged_files_are_read_or_refused(photo, kind, draw):
    content = bytearray(saved(photo, kind))
    for _ in range(draw.draw(st.integers(1, 5))):
        content[draw.draw(st.integers(0, len(content) - 1))] = draw.draw(st.integers(0, 255))
    content = content[: draw.draw(st.integers(1, len(content)))]
    try:
        rgb = read_rgb(bytes(content))
    except InputError as error:
        assert str(error).startswith("The picture")
    else:
        assert rgb.ndim == 3
        assert rgb.shape[0] == 3


def test_a_damaged_picture_that_PIL_has_opened_is_refused(photo):
    whole = saved(photo, "JPEG")
    opened = Image.open(io.BytesIO(whole[:-20]))
    refused(opened)


def test_a_PIL_image_in_lab_is_converted_or_refused():
    """Which of the two depends on the release of Pillow."""
    from PIL import ImageCms

    lab = ImageCms.profileToProfile(
        Image.new("RGB", (4, 4)), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    try:
        assert read_rgb(lab).shape == (3, 4, 4)
    except InputError as error:
        assert "cannot" in str(error) or "can be read" in str(error)


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((4, 4), np.nan), np.full((4, 4), np.inf), np.full((4, 4), -0.1), np.full((4, 4, 3), 1.01),
        np.full((4, 4), 200.0), np.zeros((4, 4), np.int64), np.zeros((4, 4), complex),
        np.zeros((4, 4, 2)), np.zeros((4, 4, 5)), np.zeros(4), np.zeros((2, 4, 4, 3)), np.zeros((0, 4)),
        np.zeros((4, 0, 3)), np.float32(1).reshape(()), np.array([["a"]]), np.array([[None]]),
    ],
    ids=lambda p: f"{p.dtype}{p.shape}{p.flat[0] if p.size else ''}",
)  # fmt: skip
def test_arrays_that_are_no_pictures(pixels):
    refused(pixels)


@pytest.mark.parametrize("shape", [(2, 4, 4), (4,), (), (1, 1, 3, 4, 4), (0, 4, 4), (3, 0, 4)], ids=str)
def test_tensors_that_are_no_pictures(bins, shape):
    refused(torch.zeros(shape), "is no picture")


def test_wrong_tensors_are_refused():
    refused(torch.zeros(3, 4, 4, dtype=torch.int64), "int64")
    refused(torch.full((3, 4, 4), float("nan")), "finite")
    refused(torch.full((3, 4, 4), 255.0), "divide 8-bit values by 255")


def test_an_empty_image_is_refused(bins):
    with pytest.raises(InputError, match="has no pixels"):
        bins.colorize(Image.new("RGB", (0, 5)))
    with pytest.raises(InputError, match="has no pixels"):
        bins.colorize(Image.new("L", (5, 0)))


def test_too_many_pixels_are_refused(photo, tmp_path, monkeypatch):
    photo.save(tmp_path / "photo.png")
    monkeypatch.setattr(source, "MAX_PIXELS", W * H - 1)
    refused(tmp_path / "photo.png", f"has {W}x{H} pixels")
    monkeypatch.setattr(source, "MAX_PIXELS", W * H)
    assert read_rgb(tmp_path / "photo.png").shape == (3, H, W)


def test_what_PIL_takes_for_a_bomb_is_refused(photo, tmp_path, monkeypatch):
    photo.save(tmp_path / "photo.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", W * H // 2 - 1)
    refused(tmp_path / "photo.png", "photo.png has too many pixels")


@pytest.mark.filterwarnings("error::PIL.Image.DecompressionBombWarning")
def test_what_is_allowed_gives_no_warning_about_bombs(photo, tmp_path, monkeypatch):
    photo.save(tmp_path / "photo.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", W * H * 2 // 3)  # PIL warns, and refuses at the double of it
    assert read_rgb(tmp_path / "photo.png").shape == (3, H, W)
