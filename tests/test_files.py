"""Folders that are tried before they are needed, and what killed runs leave behind."""

import os
import subprocess
import sys

import pytest

from colorize_lib.errors import InputError
from colorize_lib.files import check_folder, remove_leftovers


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
