"""An archive or a picture that is not what it should be: one sentence says so, and nothing is written."""

import os
import subprocess
import sys
import tarfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from archives import SAFELY, few_members, picture_bytes, write_archive
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sentences import assert_one_sentence

from colorize_lib.data import cifar10 as data
from colorize_lib.data.cifar10 import load_cifar10
from colorize_lib.errors import InputError

keep_fixtures = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def files_below(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@pytest.mark.parametrize("split", ["nonsense", "", "Train"])
def test_an_unknown_split_names_the_known_ones(small_archive, split):
    with pytest.raises(InputError, match="no split") as caught:
        load_cifar10(split, small_archive)
    assert "vgg-dev" in str(caught.value)
    assert_one_sentence(str(caught.value))


def test_a_missing_place_and_an_empty_folder(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    for place in (tmp_path / "missing", tmp_path / "empty"):
        with pytest.raises(InputError, match="holds neither cifar10.tgz nor") as caught:
            load_cifar10("dev", place)
        assert str(place) in str(caught.value)
    monkeypatch.setenv("COLORIZE_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match=r"nowhere holds neither.*COLORIZE_DATA"):
        load_cifar10("dev")
    monkeypatch.delenv("COLORIZE_DATA")
    with pytest.raises(InputError, match="not on this machine"):
        data.find_cifar10(download=False)


def test_a_home_that_does_not_exist_is_a_place_that_does_not_exist():
    with pytest.raises(InputError, match="~no_such_user_at_all/cifar10.tgz holds neither"):
        data.find_cifar10("~no_such_user_at_all/cifar10.tgz")


def test_too_few_pictures_are_counted(small_archive):
    with pytest.raises(InputError, match="3 images of test/airplane instead of 1000.*not complete"):
        load_cifar10("dev", small_archive, progress=False)
    with pytest.raises(InputError, match="0 images of train/airplane instead of 5000"):
        load_cifar10("train", small_archive, progress=False)


@keep_fixtures
@given(share=st.floats(0, 1, exclude_max=True))
def test_an_archive_cut_anywhere_is_refused(small_archive, tmp_path, share):
    content = small_archive.read_bytes()
    cut = tmp_path / "cut.tgz"
    cut.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match="cannot be read|instead of") as caught:
        load_cifar10("dev", cut, progress=False)
    assert "cut.tgz" in str(caught.value)


@pytest.mark.parametrize("size", range(20))
def test_an_archive_cut_in_its_header_is_refused(small_archive, tmp_path, size):
    cut = tmp_path / "cut.tgz"
    cut.write_bytes(small_archive.read_bytes()[:size])
    with pytest.raises(InputError, match="cut.tgz cannot be read"):
        load_cifar10("dev", cut, progress=False)


@keep_fixtures
@given(share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), mode=st.sampled_from(["w", "w:gz", "w:xz"]))
def test_an_archive_with_a_wrong_bit_is_no_crash(tmp_path, share, bit, mode):
    broken = write_archive(tmp_path / "broken.tgz", few_members(), mode)
    content = bytearray(broken.read_bytes())
    content[int(share * len(content))] ^= 1 << bit
    broken.write_bytes(content)
    with pytest.raises(
        InputError, match="cannot be read|outside it|is not a picture|is .* pixels|images of test/.* instead of 1000"
    ):
        load_cifar10("dev", broken, progress=False)


@pytest.mark.parametrize(
    "content", [b"", b"\x1f\x8b" + bytes(range(256)) * 4, b"not an archive at all" * 100], ids=["empty", "gzip", "text"]
)
def test_what_is_no_archive_is_refused(tmp_path, content):
    place = tmp_path / "cifar10.tgz"
    place.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read.*damaged or not an archive|instead of") as caught:
        load_cifar10("dev", tmp_path, progress=False)
    assert_one_sentence(str(caught.value))


@pytest.mark.parametrize("evil", ["../outside.png", "cifar10/../../outside.png", "/outside-colorize.png"])
@pytest.mark.parametrize("first", [True, False])
def test_a_member_that_points_outside_is_refused_and_nothing_written(tmp_path, evil, first):
    bad = {evil: picture_bytes()}
    place = write_archive(tmp_path / "cifar10.tgz", bad | few_members() if first else few_members() | bad)
    before = files_below(tmp_path)
    with pytest.raises(InputError, match="points outside") as caught:
        load_cifar10("dev", place, progress=False)
    assert_one_sentence(str(caught.value))
    assert files_below(tmp_path) == before
    assert not Path("/outside-colorize.png").exists()


def test_links_are_not_followed(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(picture_bytes())
    with tarfile.open(tmp_path / "cifar10.tgz", "w:gz") as archive:
        link = tarfile.TarInfo("cifar10/test/cat/0_cat.png")
        link.type, link.linkname = tarfile.SYMTYPE, str(secret)
        archive.addfile(link)
    assert list(data._read_archive(tmp_path / "cifar10.tgz", "test")) == []


def test_a_file_where_a_folder_should_be_is_no_crash(tmp_path):
    place = write_archive(tmp_path / "cifar10.tgz", {"cifar10/test": b"not a folder"} | few_members())
    with pytest.raises(InputError, match="has 3 images of test/airplane instead of 1000"):
        load_cifar10("dev", place, progress=False)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"not a picture.*\(0 bytes\)"),
        (b"this is text", "not a picture"),
        (picture_bytes()[:40], "not a picture"),
        (picture_bytes(kind="JPEG")[:200], "not a picture"),
        (picture_bytes(size=(33, 32)), "33x32 pixels, where CIFAR-10 has 32x32"),
        (picture_bytes(size=(32, 31), kind="JPEG"), "32x31 pixels"),
        (picture_bytes(size=(1, 1)), "1x1 pixels"),
    ],
    ids=["0 bytes", "text", "cut PNG", "cut JPEG", "too wide", "too low", "one pixel"],
)
@pytest.mark.parametrize("unpacked", [False, True])
def test_a_bad_member_is_named(tmp_path, content, message, unpacked):
    members = few_members() | {"cifar10/test/dog/7_dog.png": content}
    place = write_archive(tmp_path / "cifar10.tgz", members)
    if unpacked:
        (tmp_path / "cifar10" / "train").mkdir(parents=True)
        with tarfile.open(place) as archive:
            archive.extractall(tmp_path, **SAFELY)
        place = tmp_path / "cifar10"
    with pytest.raises(InputError, match=message) as caught:
        load_cifar10("dev", place, progress=False)
    assert "dog/7_dog.png" in str(caught.value)
    assert_one_sentence(str(caught.value))


def test_a_picture_that_claims_to_be_huge_is_refused():
    content = bytearray(picture_bytes())
    content[16:24] = (60_000).to_bytes(4, "big") * 2  # width and height in the PNG's header
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    with pytest.raises(InputError, match="huge.png is not a picture that can be read"):
        data.decode("huge.png", bytes(content))


@given(st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]), st.data())
def test_damaged_pictures_are_read_or_refused(kind, draw):
    content = bytearray(picture_bytes(kind=kind))
    for _ in range(draw.draw(st.integers(1, 4))):
        content[draw.draw(st.integers(0, len(content) - 1))] = draw.draw(st.integers(0, 255))
    try:
        pixels = data.decode("x", bytes(content))
    except InputError as error:
        assert str(error).startswith("x is")
    else:
        assert (pixels.shape, pixels.dtype) == ((32, 32, 3), np.uint8)


def test_a_folder_among_the_pictures_is_no_crash(tmp_path):
    (tmp_path / "cifar10" / "train").mkdir(parents=True)
    (tmp_path / "cifar10" / "test" / "airplane" / "a.folder").mkdir(parents=True)
    with pytest.raises(InputError, match="has 0 images of test/airplane instead of 1000"):
        load_cifar10("dev", tmp_path, progress=False)


@pytest.mark.slow
def test_without_a_network_one_sentence_says_what_to_do(tmp_path):
    dead = "http://127.0.0.1:9"
    environment = os.environ | {
        "FASTAI_HOME": str(tmp_path / "fastai"), "HOME": str(tmp_path), "MPLCONFIGDIR": str(tmp_path / "mpl"),
        "http_proxy": dead, "https_proxy": dead, "HTTP_PROXY": dead, "HTTPS_PROXY": dead,
        "no_proxy": "", "NO_PROXY": "",
    }  # fmt: skip
    code = """
from colorize_lib.data.cifar10 import load_cifar10
from colorize_lib.errors import InputError
try: load_cifar10('dev')
except InputError as e: print('SAYS', e)
"""
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=600)
    said = [line.partition("SAYS ")[2] for line in run.stdout.splitlines() if "SAYS " in line]
    assert len(said) == 1, run
    assert said[0].startswith("CIFAR-10 could not be downloaded")
    assert said[0].endswith("set COLORIZE_DATA to that folder.")
    left = [f for f in (tmp_path / "fastai").rglob("*cifar*") if f.is_file() and f.suffix != ".lock"]
    assert left == []
