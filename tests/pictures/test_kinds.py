"""Files that are no pictures are named for what they are, with a way out."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from colorize_lib.errors import InputError
from colorize_lib.pictures.reading import open_picture, read_rgb

FTYP = b"\0\0\0\x18ftyp"
FILES = [
    ("a.mp4", FTYP + b"isom" + bytes(40), "is a film"),
    ("a.mov", FTYP + b"qt  " + bytes(40), "is a film"),
    ("a.dat", FTYP + b"mp42" + bytes(40), "is a film"),
    ("a.avi", b"RIFF\x24\0\0\0AVI LIST" + bytes(40), "is a film"),
    ("a.mkv", b"\x1aE\xdf\xa3" + bytes(40), "is a film"),
    ("a.mpg", b"\0\0\1\xba" + bytes(40), "is a film"),
    ("a.wmv", b"nobody knows this one", "is a film"),
    ("a.cr3", FTYP + b"crx " + bytes(40), "camera's raw"),
    ("a.raf", b"FUJIFILMCCD-RAW 0201" + bytes(40), "camera's raw"),
    ("a.jxl", b"\xff\x0a" + bytes(40), "JPEG XL"),
    ("a.svg", b"<?xml version='1.0'?><svg/>", "SVG"),
    ("a.pdf", b"%PDF-1.4" + bytes(40), "PDF"),
    ("a.jpg", b"<!DOCTYPE html><p>404", "web page"),
    ("a.xcf", b"gimp xcf v011" + bytes(40), "GIMP"),
    ("a.zip", b"PK\3\4" + bytes(40), "unpack"),
    ("a.png", b"", "it is empty"),
    ("a.txt", b"Dear diary", "damaged or of an unknown kind"),
]


@pytest.mark.parametrize(("name", "content", "words"), FILES, ids=lambda value: value if isinstance(value, str) else "")
def test_it_is_named(name, content, words, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        open_picture(tmp_path / name)
    assert name in str(caught.value)
    assert str(caught.value).count("\n") == 0
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("name", ["photo.nef", "photo.tif"])
def test_the_preview_of_a_raw_file_is_not_taken_for_the_photograph(name, tmp_path):
    with tifffile.TiffWriter(tmp_path / name) as file:
        file.write(np.zeros((12, 16, 3), np.uint8), photometric="rgb", subifds=1, subfiletype=1)
        file.write(np.zeros((120, 160), np.uint16), photometric="minisblack")
    with pytest.raises(InputError, match="camera's raw file"):
        open_picture(tmp_path / name)


def test_heic_is_read_or_said_how(tmp_path, monkeypatch):
    pillow_heif = pytest.importorskip("pillow_heif")
    photo = Image.radial_gradient("L").convert("RGB")
    file = io.BytesIO()
    pillow_heif.from_pillow(photo).save(file, quality=95)
    (tmp_path / "IMG_0001.heic").write_bytes(file.getvalue())
    monkeypatch.setattr("colorize_lib.pictures.reading._reads_heif", lambda: False)
    if "HEIF" not in Image.OPEN:  # what another test has registered stays
        with pytest.raises(InputError, match=r"HEIC.*pip install 'colorize_lib\[heif\]'"):
            open_picture(tmp_path / "IMG_0001.heic")
    monkeypatch.undo()
    rgb = read_rgb(tmp_path / "IMG_0001.heic")
    assert np.abs(rgb.permute(1, 2, 0).numpy().astype(int) - np.asarray(photo)).mean() < 3
