"""What tests of data share: no data but their own, a small archive, and folders of pictures."""

import os
import shutil
from pathlib import Path

import pytest
from archives import few_members, write_archive
from folders import picture, save_bad, save_odd, save_plain

from colorize_lib.data.examples import PHOTOGRAPHS
from colorize_lib.data.folder import Scan, scan


@pytest.fixture(autouse=True)
def no_fastai_cache(monkeypatch, tmp_path):
    """No test may find a CIFAR-10 that happens to be on this machine."""
    monkeypatch.setenv("FASTAI_HOME", str(tmp_path / "no-fastai"))


@pytest.fixture(scope="session")
def small_archive(tmp_path_factory) -> Path:
    return write_archive(tmp_path_factory.mktemp("small") / "cifar10.tgz", few_members())


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def found(pictures, gamut) -> Scan:
    return scan(pictures, gamut, workers=2, progress=False)


@pytest.fixture
def plain(tmp_path) -> Path:
    """The plain pictures in a folder of the test's own."""
    save_plain(tmp_path / "plain")
    return tmp_path / "plain"


@pytest.fixture
def two_folders(plain, tmp_path) -> list[Path]:
    """``one/train`` and ``two/train``, with half of the plain pictures each, under names that both have."""
    for name, photos in (("one", sorted(PHOTOGRAPHS)[:2]), ("two", sorted(PHOTOGRAPHS)[2:])):
        for number, photo in enumerate(photos):
            shutil.copytree(plain / photo, tmp_path / name / "train" / f"class{number}")
    return [tmp_path / "one" / "train", tmp_path / "two" / "train"]
