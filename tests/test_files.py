"""Folders that are tried before they are needed, and what killed runs leave behind."""

import os
import subprocess
import sys

import pytest

from colorize_lib.errors import InputError
from colorize_lib.files import check_folder, remove_leftovers, write_bytes


def test_trying_a_folder_leaves_it_as_it_was(tmp_path):
    check_folder(tmp_path)
    check_folder(tmp_path / "new" / "deeper")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "there").mkdir()
    check_folder(tmp_path / "there")
    check_folder(tmp_path / "there" / "new")
    assert [path.name for path in tmp_path.rglob("*")] == ["there"]


@pytest.mark.parametrize("place", ["file", "file/below", "link"])
def test_a_folder_that_cannot_be_one_is_refused(place, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    with pytest.raises(InputError, match=rf"Nothing can be written into the folder .*{place} \(.+\): choose another"):
        check_folder(tmp_path / place)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_the_right_to_write_is_refused(tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(InputError, match="Permission denied"):
        check_folder(tmp_path / "locked")


def test_no_name_is_no_folder():
    with pytest.raises(InputError, match="is empty"):
        check_folder("")


def test_only_what_dead_processes_left_of_this_file_is_removed(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()  # and so its number is nobody's
    left = [f".a[b].{process.pid}.part", ".a[b].99999999999999999999.part"]
    kept = [f".a[b].{os.getpid()}.part", f".ab.{process.pid}.part", ".a[b].x.part", f".a[b].{process.pid}.part.txt"]
    for name in left + kept:
        (tmp_path / name).write_text("")
    remove_leftovers(tmp_path / "a[b]")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)
    remove_leftovers(tmp_path / "nowhere" / "a")


def test_what_is_write_protected_is_not_replaced(tmp_path):
    path = tmp_path / "precious.png"
    path.write_bytes(b"precious")
    path.chmod(0o444)
    with pytest.raises(InputError, match=r"precious\.png is write-protected"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"precious"


@pytest.mark.parametrize("length", [200, 245, 251, 255])
def test_a_name_of_any_length_that_fits_can_be_written(tmp_path, length):
    write_bytes(tmp_path / ("n" * length), b"new")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("n" * length, b"new")]
