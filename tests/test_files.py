"""Files written whole or not at all, folders tried before they are needed, and what killed runs leave behind."""

import os
import subprocess
import sys

import pytest

from colorize_lib.errors import InputError
from colorize_lib.files import atomic_path, check_folder, remove_leftovers, write_bytes


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


def test_atomic_path_renames_at_the_end(tmp_path):
    target = tmp_path / "a" / "b" / "file.txt"
    with atomic_path(target) as temporary:
        temporary.write_text("new")
        assert temporary.parent == target.parent
        assert not target.exists()
    assert target.read_text() == "new"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, SystemExit, MemoryError])
def test_atomic_path_cleans_up_and_lets_the_error_through(tmp_path, error):
    target = tmp_path / "file.txt"
    target.write_text("old")
    with pytest.raises(error), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_atomic_path_turns_a_write_error_into_a_sentence(tmp_path, largest_file):
    target = tmp_path / "file.txt"
    message = "cannot be written .File too large."
    with largest_file(100), pytest.raises(InputError, match=message), atomic_path(target) as temporary:
        temporary.write_bytes(bytes(1000))
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_is_a_folder(tmp_path):
    (tmp_path / "file.txt" / "full").mkdir(parents=True)
    with pytest.raises(InputError, match="cannot be written"), atomic_path(tmp_path / "file.txt") as temporary:
        temporary.write_text("new")
    assert [f.name for f in tmp_path.iterdir()] == ["file.txt"]


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(InputError, match="cannot be written"), atomic_path(tmp_path / "file" / "w.txt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "file").read_text() == "old"


def test_a_name_that_is_too_long(tmp_path):
    with pytest.raises(InputError, match="cannot be written"), atomic_path(tmp_path / ("n" * 300)) as temporary:
        temporary.write_text("new")
    assert list(tmp_path.iterdir()) == []
