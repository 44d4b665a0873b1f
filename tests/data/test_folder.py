"""A folder of pictures, or several: what is found, skipped and drawn, and what they are known by."""

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from folders import BAD, ODD, PLAIN, picture, rgb_of

from colorize_lib.colour.gamut import Gamut
from colorize_lib.colour.lab import rgb_to_lab
from colorize_lib.data import folder
from colorize_lib.data.folder import find_pictures, find_together, is_picture_folder, scan
from colorize_lib.errors import InputError

# --- what is found


def test_all_pictures_are_found_once_and_in_order(pictures):
    assert find_pictures(pictures) == sorted([*PLAIN, *ODD, *BAD])
    assert find_pictures(str(pictures)) == find_pictures(pictures)


def test_the_scan_keeps_what_can_be_learned_from(found):
    assert found.names == sorted([*PLAIN, *ODD])
    assert dict(found.skipped) == BAD


def test_the_summary_is_short(found):
    summary = found.summary()
    assert summary.startswith(
        "7 of 40 files were skipped: 4 unreadable (bad/cut.jpg, bad/empty.png, bad/gone.jpg, ...)"
    )
    assert "2 grey (bad/grey-rgb.png, bad/grey.jpg)" in summary
    assert len(summary.splitlines()) == 1
    assert replace(found, skipped=[]).summary() == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_reported(plain, gamut):
    (plain / PLAIN[0]).chmod(0)
    (plain / "rocket").chmod(0)
    try:
        skipped = dict(scan(plain, gamut, 0, progress=False).skipped)
    finally:
        (plain / "rocket").chmod(0o700)
    assert skipped == {PLAIN[0]: "unreadable", "rocket": "unreadable"}


def test_a_name_that_is_no_text_is_no_trouble(plain, gamut):
    name = os.fsdecode(b"\xff\xfe.jpg")
    (plain / name).write_bytes(b"damaged")
    result = scan(plain, gamut, 1, progress=False)
    assert dict(result.skipped) == {name: "unreadable"}
    result.summary().encode()


def test_the_scan_depends_on_no_workers_and_its_prior_is_that_of_the_pictures(pictures, found, gamut):
    other = scan(pictures, gamut, 0, progress=False)
    assert (other.names, other.skipped, other.sha256) == (found.names, found.skipped, found.sha256)
    assert torch.equal(other.prior, found.prior)
    rgb = torch.stack([torch.from_numpy(rgb_of(pictures, name)) for name in found.names])
    assert torch.allclose(found.prior, gamut.prior(rgb_to_lab(rgb)[:, 1:]), atol=1e-6)


def test_the_prior_of_many_pictures_is_counted_on_every_nth(pictures, found, gamut, monkeypatch):
    monkeypatch.setattr(folder, "_PRIOR_PICTURES", 13)  # every third
    monkeypatch.setattr(folder, "_SCAN_BATCH", 5)
    rgb = torch.stack([torch.from_numpy(rgb_of(pictures, name)) for name in found.names[::3]])
    prior = scan(pictures, gamut, 0, progress=False).prior
    assert torch.allclose(prior, gamut.prior(rgb_to_lab(rgb)[:, 1:]), atol=1e-6)


def test_a_limit_draws_some_of_the_files(pictures, gamut):
    few, again = (scan(pictures, gamut, 0, limit=12, seed=3, progress=False) for _ in range(2))
    assert few.names == again.names
    assert len(few.names) + len(few.skipped) == 12
    assert set(few.names) < {*PLAIN, *ODD}


def test_names_and_sizes_make_the_identity(plain, gamut):
    before = scan(plain, gamut, 0, progress=False).sha256
    (plain / PLAIN[0]).rename(plain / "other.jpg")
    renamed = scan(plain, gamut, 0, progress=False).sha256
    picture("rocket").save(plain / "other.jpg", quality=50)
    assert len({before, renamed, scan(plain, gamut, 0, progress=False).sha256}) == 3


def test_pictures_replaced_by_others_of_the_same_size_are_other_pictures(tmp_path, gamut):
    for i in range(12):
        picture("coffee", left=i).save(tmp_path / f"{i}.bmp")
    before = scan(tmp_path, gamut, 0, progress=False).sha256
    assert scan(tmp_path, gamut, 0, progress=False).sha256 == before
    for i in range(12):
        os.utime(tmp_path / f"{i}.bmp", (0, 0))  # copied, say
    assert scan(tmp_path, gamut, 0, progress=False).sha256 == before
    picture("rocket").save(tmp_path / "7.bmp")
    assert scan(tmp_path, gamut, 0, progress=False).sha256 != before


def test_of_very_many_pictures_some_are_read_to_know_them_again(tmp_path, monkeypatch):
    names = [f"{i:03}.jpg" for i in range(100)]
    for name in names:
        (tmp_path / name).write_bytes(b"a")
    read, original = [], Path.read_bytes
    monkeypatch.setattr(folder, "_READ_FILES", 30)
    monkeypatch.setattr(Path, "read_bytes", lambda self: read.append(self.name) or original(self))
    folder._digest(tmp_path, names)
    assert read == names[::4]


# --- several folders


def test_pictures_of_several_folders_are_found_together(two_folders, tmp_path, monkeypatch):
    parent, names = find_together(two_folders)
    assert parent == tmp_path.resolve()
    assert names == sorted(
        f"{which}/train/class{c}/{i}.jpg" for which in ("one", "two") for c in range(2) for i in range(6)
    )
    monkeypatch.chdir(tmp_path)
    assert find_together(["one/train", Path("two") / "train"]) == (parent, names)
    assert find_together(two_folders[:1]) == (two_folders[0], find_pictures(two_folders[0]))


def test_a_folder_within_another_or_named_twice_counts_once(two_folders):
    one = two_folders[0]
    assert find_together([one, one / "class0", one])[1] == find_pictures(one)


def test_one_of_several_folders_that_is_not_there(two_folders, tmp_path):
    with pytest.raises(InputError, match="nowhere is not a folder"):
        find_together([*two_folders, tmp_path / "nowhere"])


def test_folders_are_learned_from_together_wherever_they_stand(two_folders, tmp_path, gamut):
    found = scan(two_folders, gamut, 0, progress=False)
    assert found.source == "one/train + two/train"
    assert len(found.names) == 24
    assert {name.split("/")[0] for name in found.split()[0]} == {name.split("/")[0] for name in found.split()[1]}
    whole = scan(tmp_path / "one", gamut, 0, progress=False), scan(tmp_path / "two", gamut, 0, progress=False)
    torch.testing.assert_close(found.prior, (whole[0].prior + whole[1].prior) / 2, atol=1e-6, rtol=1e-4)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for folder_ in two_folders:
        shutil.move(folder_.parent, elsewhere)
    moved = [elsewhere / path.relative_to(tmp_path) for path in two_folders]
    assert scan(moved, gamut, 0, progress=False).sha256 == found.sha256


def test_folders_with_nothing_to_learn_from(tmp_path):
    with pytest.raises(InputError, match="is not a folder"):
        find_pictures(tmp_path / "nowhere")
    with pytest.raises(InputError, match="holds no pictures"):
        find_pictures(tmp_path)
    picture().convert("L").save(tmp_path / "a.png")
    picture().convert("L").save(tmp_path / "b.png")
    with pytest.raises(InputError, match=re.escape("no picture to learn from: 2 grey (a.png, b.png).")):
        scan(tmp_path, Gamut(grid=25), 1, progress=False)


@pytest.mark.parametrize(
    ("inside", "ours"),
    [
        ([], True),
        (["a.jpg"], True),
        (["train/n01440764", "val/n01440764"], True),  # Imagenette
        (["train/airplane", "test/airplane"], False),
        (["cifar10/train"], False),
        (["cifar10.tgz"], False),
        (["wnids.txt"], False),
        (["tiny-imagenet-200"], False),
    ],
)
def test_which_folders_are_taken_for_pictures(tmp_path, inside, ours):
    for name in inside:
        (tmp_path / name).mkdir(parents=True)
    assert is_picture_folder(tmp_path) is ours
    assert not is_picture_folder(tmp_path / "nowhere")
