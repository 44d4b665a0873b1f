"""Pictures of every kind go in and come out: nothing lost, nothing wrong, nothing in silence."""

import re
from pathlib import Path

import numpy as np
import picture_corpus
import pytest
from picture_corpus import Case, lightness
from PIL import Image

from colorize_lib import cli
from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.pictures.metadata import CREDIT
from colorize_lib.pictures.reading import open_picture
from colorize_lib.pictures.saving import save_picture

CASES = list(picture_corpus.corpus())
#: What each kind of file can hold.
ANIMATED, PAGES, CLEAR, DEEP = ("png", "webp", "gif"), ("tif",), ("png", "webp", "tif", "gif"), ("png", "tif")
TARGETS = ("png", "jpg", "webp", "tif", "gif", "bmp")


def read(path) -> tuple[list[np.ndarray], list[str]]:
    """L of all frames, ``(H, W)`` each, and what is noted."""
    with open_picture(path) as picture:
        frames = [rgb_to_lab(frame.rgb.contiguous())[0].numpy() for frame in picture]
        return frames, picture.notes


def off(one: np.ndarray, other: np.ndarray) -> float:
    assert one.shape == other.shape
    return float(np.abs(one - other).mean())


@pytest.fixture
def quiet(capfd):
    """Nothing may be printed in this test, not by a library in C either."""
    yield
    assert capfd.readouterr() == ("", "")


def test_there_are_pictures_of_many_kinds():
    assert len(CASES) > 250
    assert len({case.name for case in CASES}) == len(CASES)
    assert {Path(case.name).suffix for case in CASES} >= {
        ".png",
        ".jpg",
        ".webp",
        ".tif",
        ".gif",
        ".bmp",
        ".tga",
        ".jp2",
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_read_is_what_was_written(case: Case, tmp_path, quiet):
    (tmp_path / case.name).write_bytes(case.content)
    with open_picture(tmp_path / case.name) as picture:
        assert (picture.count, picture.animated) == (case.frames, case.animated)
        frames = list(picture)
    first = frames[0]
    assert len(frames) == case.frames
    assert off(rgb_to_lab(first.rgb.contiguous())[0].numpy(), case.lightness) < case.tolerance
    assert first.rgb.is_floating_point() == case.deep
    assert (first.alpha is not None) == case.alpha
    assert first.metadata.kinds() or not case.described


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "case", [c for c in CASES if c.frames > 1 or c.alpha or c.deep or c.described], ids=lambda c: c.name
)
def test_what_is_saved_is_what_was_read_or_it_is_said(case: Case, target, tmp_path, quiet):
    (tmp_path / case.name).write_bytes(case.content)
    out = tmp_path / f"out.{target}"
    with open_picture(tmp_path / case.name) as picture:
        notes = " ".join(save_picture(picture, out, picture))
    original, _ = read(tmp_path / case.name)
    frames, _ = read(out)
    lossy = 6 if target == "gif" else 2.5 if target in ("jpg", "webp") else 0.3
    keeps_all = target in PAGES or (case.animated and target in ANIMATED)
    assert len(frames) == (case.frames if keeps_all else 1)
    assert keeps_all or case.frames == 1 or "only the first" in notes
    assert ("laid on white" in notes) == (case.alpha and target not in CLEAR)
    for one, other in zip(frames, original, strict=False):
        assert case.alpha or off(one, other) < lossy
    with Image.open(out) as image:
        assert image.size == case.lightness.shape[::-1]
        assert (image.mode in ("RGBA", "P") or not case.alpha) or target not in CLEAR
    assert ("8 bits" in notes) == (case.deep and (target not in DEEP or case.animated))
    if case.deep and target == "png":
        assert out.read_bytes()[24] == 16
    if case.described and target == "bmp":
        assert "cannot hold the" in notes


@pytest.mark.slow
def test_all_of_them_through_the_command(tmp_path, capfd):
    """Each is coloured, has its size and its L, and nothing but sentences is printed."""
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for case in CASES:
        (folder / case.name).write_bytes(case.content)
    paths = [str(folder / case.name) for case in CASES]
    by_stem = {Path(case.name).stem: case for case in CASES}
    paths = [str(folder / case.name) for case in by_stem.values()]
    assert cli.main([*paths, "-o", str(out), "-m", "classification", "-v", "0"]) == 0
    printed, said = capfd.readouterr()
    assert len(printed.splitlines()) == len(paths)
    assert "Traceback" not in said
    assert all(re.match(r"colorize: .*\.$", line) for line in said.splitlines())
    for stem, case in by_stem.items():
        with Image.open(out / f"{stem}-coloured.png") as image:
            assert image.size == case.lightness.shape[::-1], stem
            assert CREDIT in image.text["Software"]
            pixels = np.asarray(image.convert("RGB"))
        opaque = np.abs(lightness(pixels) - case.lightness)
        assert case.alpha or np.median(opaque) < case.tolerance + 1, stem
